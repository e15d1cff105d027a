"""Checkpoints on a disk that lost some of them."""

from pathlib import Path
from typing import Any

import pytest
from tests.kit.audit_tampering import write_trail

from yaomai.kit.audit.checkpoints import checkpoint, checkpoint_file, is_genuine, read_checkpoints
from yaomai.kit.audit.verify import verify


@pytest.mark.parametrize(
    "torn", [b'{"sequence": 1, "ha', b"\xff\x00", b"[]", b'{"sequence": "x", "hash": "", "at": ""}']
)
def test_a_torn_line_is_named_and_does_not_spoil_the_next_one(
    db: None, settings: Any, tmp_path: Path, torn: bytes
) -> None:
    settings.DATA = tmp_path
    write_trail()
    before = read_checkpoints()
    with checkpoint_file().open("ab") as file:
        file.write(torn)

    last = checkpoint()

    assert read_checkpoints()[: len(before)] == before
    assert read_checkpoints()[-1] == last
    assert [is_genuine(mark) for mark in read_checkpoints()] == [*[True] * len(before), False, True]
    assert [finding.kind for finding in verify().findings] == ["checkpoint_forged"]
