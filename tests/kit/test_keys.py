import json
from pathlib import Path

import pytest

from yaomai.kit import keys


@pytest.fixture(autouse=True)
def _no_keys_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YAOMAI_SECRET_KEY", raising=False)
    monkeypatch.delenv("YAOMAI_KEYS", raising=False)


def test_keys_are_made_once(tmp_path: Path) -> None:
    assert keys.make_missing(tmp_path) == [tmp_path / "secret.key", tmp_path / "keys.json"]
    made = keys.contents(tmp_path)
    assert keys.make_missing(tmp_path) == []
    assert keys.contents(tmp_path) == made
    assert len(keys.secret(tmp_path)) >= 80
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert {path.name for path in tmp_path.iterdir()} == set(keys.FILES)


def test_a_missing_key_is_named_and_never_read_as_empty(tmp_path: Path) -> None:
    keys.make_missing(tmp_path)
    (tmp_path / "keys.json").unlink()
    assert keys.missing(tmp_path) == [tmp_path / "keys.json"]
    assert set(keys.contents(tmp_path)) == {"secret.key"}


def test_a_new_key_goes_first_and_the_others_stay(tmp_path: Path) -> None:
    keys.make_missing(tmp_path)
    before = json.loads((tmp_path / "keys.json").read_text())
    added = keys.add_key(tmp_path)
    after = json.loads((tmp_path / "keys.json").read_text())
    assert after["keys"][0]["id"] == added
    assert after["keys"][1:] == before["keys"]
    assert after["index"] == before["index"]
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_keys_kept_elsewhere_are_the_ones_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, safe = tmp_path / "data", tmp_path / "safe"
    data.mkdir()
    safe.mkdir()
    monkeypatch.setenv("YAOMAI_KEYS", str(safe / "ring.json"))
    monkeypatch.setenv("YAOMAI_SECRET_KEY", "s" * 60)
    assert keys.make_missing(data) == [safe / "ring.json"]
    assert keys.contents(data) == {"secret.key": b"s" * 60, "keys.json": (safe / "ring.json").read_bytes()}
    keys.place(data, {"secret.key": b"t" * 60, "keys.json": b"{}"})
    assert keys.secret(data) == "s" * 60
    assert (safe / "ring.json").read_bytes() != b"{}", "a ring that is kept elsewhere is never replaced"
    assert list(data.iterdir()) == []


def test_fingerprints_tell_sets_apart_and_survive_rotation(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        keys.make_missing(folder)
    before = keys.fingerprints(keys.contents(one))
    keys.add_key(one)
    assert keys.fingerprints(keys.contents(one)) == before
    assert set(before) == set(keys.FILES)
    assert not set(before.values()) & set(keys.fingerprints(keys.contents(other)).values())
