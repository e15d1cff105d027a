"""What must hold after every kill: the trail's chain, and the clients' own list of acknowledged acts."""

import hashlib

from .installation import Installation


class Chain:
    """Recomputes the trail's hashes from what psql prints, from where the last look ended."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.sequence, self.hash = 0, hashlib.sha256(b"").digest()

    def check(self) -> None:
        rows = self.installation.psql(
            "SELECT l.sequence, l.entry_id, encode(l.hash, 'hex'), encode(e.seal, 'hex'),"
            " encode(convert_to(e.content, 'UTF8'), 'hex') FROM audit_link l JOIN audit_entry e ON e.id = l.entry_id"
            f" WHERE l.sequence > {self.sequence} ORDER BY l.sequence"
        )
        for sequence, entry, digest, seal, content in rows:
            assert int(sequence) == self.sequence + 1
            self.hash = hashlib.sha256(
                self.hash + entry.encode() + bytes.fromhex(seal) + bytes.fromhex(content)
            ).digest()
            assert digest == self.hash.hex(), f"the chain is broken at {sequence}"
            self.sequence += 1
        unlinked = self.installation.psql(
            "SELECT count(*) FROM audit_entry e WHERE NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_id = e.id)"
        )
        assert unlinked == [["0"]]


def assert_exactly_once(installation: Installation, sent: set[str], done: set[str]) -> None:
    """Compare the client's list with what plain psql reads: rows, and one entry of the trail for each."""
    rows = [row[0] for row in installation.psql("SELECT code FROM customers_institution WHERE code LIKE 'K%-%'")]
    assert len(rows) == len(set(rows)), "an act was done twice"
    assert done - set(rows) == set(), "an acknowledged act was lost"
    assert set(rows) - sent == set()
    entries = installation.psql(
        "SELECT i.code, count(e.id) FROM customers_institution i LEFT JOIN audit_entry e"
        " ON e.target_id = i.id::text AND e.code = 'customers.institution:create' AND e.outcome = 'done'"
        " WHERE i.code LIKE 'K%-%' GROUP BY 1 HAVING count(e.id) <> 1"
    )
    assert entries == [], "an act without its entry, or with two"
    orphans = installation.psql(
        "SELECT count(*) FROM audit_entry e WHERE e.code = 'customers.institution:create' AND e.outcome = 'done'"
        " AND NOT EXISTS (SELECT 1 FROM customers_institution i WHERE i.id::text = e.target_id)"
    )
    assert orphans == [["0"]], "an entry of an act that did not happen"
