import fcntl
import json
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from yaomai.server.children import Child, rotate
from yaomai.server.cli.failure import Refusal
from yaomai.server.supervisor import Plan, Supervisor, _names_of_this_machine


def plan(data: Path, *, host: str = "127.0.0.1", port: int = 8000) -> Plan:
    return Plan(data=data, host=host, port=port, workers=1, demo=False)


def child(tmp_path: Path, code: str) -> Child:
    return Child("web", [sys.executable, "-c", code], dict(os.environ), tmp_path / "logs" / "web.log")


def await_end(process: Child) -> None:
    assert process.process is not None
    process.process.wait(20)


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refusal, match="--port") as caught:
            Supervisor(plan(tmp_path, port=port))._check_port()
    assert str(port) in str(caught.value)


def test_a_second_start_is_told_where_the_first_runs(tmp_path: Path) -> None:
    said = {"pid": 4711, "address": "http://127.0.0.1:8000/", "since": "2026-11-21 08:00"}
    (tmp_path / "up.lock").write_text(json.dumps(said))
    with open(tmp_path / "up.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Refusal) as caught:
            Supervisor(plan(tmp_path, port=8001)).run()
    for word in map(str, said.values()):
        assert word in str(caught.value)
    assert json.loads((tmp_path / "up.lock").read_text()) == said
    assert not (tmp_path / "postgres").exists()


def test_an_unwritable_data_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="--data"):
        Supervisor(plan(tmp_path / "file" / "data")).run()


def test_a_killed_child_comes_back_at_once(tmp_path: Path) -> None:
    process = child(tmp_path, "import signal; signal.pause()")
    process.start()
    assert process.process is not None
    first = process.process.pid
    process.process.kill()
    await_end(process)
    assert process.tend() == "web ended with -9"
    assert process.tend() == "web started again"
    assert process.process.pid != first
    process.ask_to_stop()
    process.stop(patience=20)
    assert process.process is None


def test_a_child_that_cannot_live_is_started_less_and_less_often(tmp_path: Path) -> None:
    process = child(tmp_path, "raise SystemExit(3)")
    pauses = []
    process.start()
    for _ in range(5):
        await_end(process)
        before = time.monotonic()
        assert process.tend() == "web ended with 3"
        pauses.append(max(0.0, process.due - before))
        process.due = 0.0
        assert process.tend() == "web started again"
    await_end(process)
    assert [round(pause, 1) for pause in pauses] == [0.0, 0.0, 0.5, 1.0, 2.0]


def test_a_child_that_ignores_the_request_is_ended(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    process = child(tmp_path, code)
    process.start()
    while "deaf" not in process.log.read_text():
        assert process.ended() is None
        time.sleep(0.01)
    process.ask_to_stop()
    process.stop(patience=0.1)
    assert process.process is None


def test_what_a_child_says_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    process = child(tmp_path, "import sys; print('out'); print('err', file=sys.stderr)")
    process.start()
    await_end(process)
    assert sorted(process.log.read_text().split()) == ["err", "out"]
    assert process.log.stat().st_mode & 0o777 == 0o600


def test_a_large_log_starts_anew_while_its_writer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yaomai.server.children._LARGEST_LOG", 10)
    log = tmp_path / "web.log"
    with open(log, "ab", buffering=0) as writer:
        for number in range(8):
            writer.write(b"a line of round %d\n" % number)
            rotate(log)
        writer.write(b"short")
        rotate(log)
    assert log.read_bytes() == b"short"
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["web.log", *(f"web.log.{number}" for number in range(1, 6))]
    assert (tmp_path / "web.log.1").read_bytes() == b"a line of round 7\n"
    assert (tmp_path / "web.log.5").read_bytes() == b"a line of round 3\n"


def test_rotating_a_log_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    rotate(tmp_path / "none.log")
    assert list(tmp_path.iterdir()) == []


def test_listening_for_others_allows_this_machines_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YAOMAI_HOSTS", raising=False)
    assert "YAOMAI_HOSTS" not in plan(tmp_path).environment()
    names = plan(tmp_path, host="0.0.0.0").environment()["YAOMAI_HOSTS"].split(",")
    assert {"localhost", "127.0.0.1", socket.gethostname()} <= set(names)
    assert "*" not in names
    monkeypatch.setenv("YAOMAI_HOSTS", "crm.example.com")
    assert plan(tmp_path, host="0.0.0.0").environment()["YAOMAI_HOSTS"] == "crm.example.com"
    assert "10.1.2.3" in _names_of_this_machine("10.1.2.3")


def test_the_address_to_open_is_one_that_a_browser_understands(tmp_path: Path) -> None:
    assert plan(tmp_path, host="0.0.0.0", port=81).address == "http://127.0.0.1:81/"
    assert plan(tmp_path, host="192.0.2.7").address == "http://192.0.2.7:8000/"
