"""The trail: what happened, by whom, provably.

Every act leaves exactly one entry in the transaction that did it. Entries are append-only (a trigger refuses
update, delete and truncate), sealed with a key that the database does not hold, and linked into one hash chain
at commit. `yaomai audit verify` finds any tampering and names the row.
"""
