from pathlib import Path

import pytest

from yaomai.kit import keys
from yaomai.server import environment, prepare, stamp
from yaomai.server.cli.failure import Refusal


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Path:
    monkeypatch.delenv("YAOMAI_SECRET_KEY", raising=False)
    monkeypatch.setattr(environment, "data_folder", lambda: tmp_path)
    return tmp_path


def test_a_new_installation_gets_its_keys(folder: Path) -> None:
    assert prepare.found() == 0
    assert keys.missing(folder) == []


@pytest.mark.parametrize("lost", keys.FILES)
def test_lost_keys_are_not_made_anew_where_people_have_worked(
    folder: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare.found()
    (folder / lost).unlink()
    monkeypatch.setattr(prepare, "is_empty", lambda: False)
    for _attempt in range(2):
        with pytest.raises(Refusal, match=lost):
            prepare.found()
        assert keys.missing(folder) == [folder / lost]


def test_a_folder_without_its_keys_is_not_started_as_if_nothing_were_wrong(folder: Path) -> None:
    keys.make_missing(folder)
    stamp.write(folder)
    assert stamp.is_current(folder)
    (folder / "keys.json").unlink()
    assert not stamp.is_current(folder)
