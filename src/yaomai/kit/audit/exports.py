"""Take the trail along: one JSON object per link, as `offline.py` reads it."""

import json
from collections.abc import Iterator

from yaomai.kit.audit.verify import rows


def lines() -> Iterator[bytes]:
    """Yield the whole chain as JSON lines, from one snapshot."""
    for sequence, entry_id, digest, seal, content, *_columns in rows():
        line = {
            "sequence": sequence,
            "entry": entry_id,
            "hash": digest.hex(),
            "seal": seal.hex() if seal is not None else None,
            "content": content.decode() if content is not None else None,
        }
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"
