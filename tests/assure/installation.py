"""A whole installation as a user starts it, to be killed and looked at from outside."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from yaomai.kit.embedded import bound_to, connection_parameters, program

SOURCE = Path(__file__).parents[2] / "src"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """`yaomai up` on a data folder of its own."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.port = free_port()
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None
        self.last_answer = ""
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("YAOMAI_", "PYTEST_")) and key != "DATABASE_URL"
        } | {"PYTHONPATH": str(SOURCE), "YAOMAI_DATA": str(data), "YAOMAI_LANG": "en"}

    def __enter__(self) -> Self:
        self.start()
        try:
            self.await_ready(since=time.monotonic(), patience=300)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()

    def run(self, script: str, *arguments: str) -> None:
        """Run a script of this folder on the installation."""
        command = [sys.executable, str(Path(__file__).with_name(script)), *arguments]
        subprocess.run(command, env=self.environment, check=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start without waiting."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "yaomai.server", "up", "--port", str(self.port), *self.options],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=open(self.data.parent / "up.err", "ab"),  # noqa: SIM115 — the child's
            preexec_fn=bound_to(os.getpid()),
        )

    def ensure_started(self) -> None:
        """Start again when the supervisor is gone, as systemd or Docker would."""
        if self.process is None or self.process.poll() is not None:
            self.start()

    def stop(self) -> int:
        """Stop as Ctrl-C does; return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            self.last_answer = error.read().decode(errors="replace")
        except OSError as error:
            self.last_answer = str(error)
        return False

    def await_ready(self, *, since: float, patience: float = 60.0, streak: float = 1.2) -> float:
        """Wait until it is ready and stays so; return the seconds from `since` to the first good answer.

        One good answer may be a remembered one, or a process that is about to notice: the answers must be good for
        `streak` seconds, longer than the web remembers.
        """
        first: float | None = None
        while time.monotonic() - since < patience:
            self.ensure_started()
            asked = time.monotonic()
            if self.is_ready():
                first = first or time.monotonic()
                if asked - first >= streak:
                    return first - since
            else:
                first = None
            time.sleep(0.05)  # often enough for the figures, seldom enough not to be what takes the time
        raise AssertionError(f"not ready after {patience} s: {self.last_answer}\n{self.last_words()}")

    def last_words(self) -> str:
        return "\n".join(
            f"{path.name}: {path.read_text(errors='replace')[-800:]}"
            for path in [self.data.parent / "up.err", *(self.data / "logs").glob("*.log")]
            if path.exists()
        )

    def processes(self) -> dict[str, list[int]]:
        """Return the living processes below the supervisor by kind."""
        assert self.process is not None
        found: dict[str, list[int]] = {"supervisor": [self.process.pid]}
        for pid in descendants(self.process.pid):
            found.setdefault(_kind(pid), []).append(pid)
        return found

    def processor_seconds(self, *kinds: str) -> float:
        """Return the processor time that the living processes of some kinds, else of all, have taken."""
        ticks = 0
        for kind, pids in self.processes().items():
            for pid in pids if not kinds or kind in kinds else ():
                try:
                    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                ticks += int(parts[11]) + int(parts[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def kill(self, kind: str, draw: random.Random) -> bool:
        """Send SIGKILL to one process of a kind ("everything": to all); False when there is none just now."""
        processes = self.processes()
        if kind == "everything":
            pids = [pid for some in processes.values() for pid in some]
        else:
            pids = [draw.choice(processes[kind])] if processes.get(kind) else []
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return bool(pids)

    def psql(self, query: str) -> list[list[str]]:
        """Ask the database with its own client, without any of our code in between."""
        where = connection_parameters(self.data)
        done = subprocess.run(
            [program("psql"), "-XAtq", "-F", "\t", "-c", query],
            env={
                "PGHOST": where["host"],
                "PGPORT": where["port"],
                "PGUSER": where["user"],
                "PGDATABASE": where["dbname"],
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return [line.split("\t") for line in done.stdout.splitlines()]


def descendants(pid: int) -> list[int]:
    """Return all living processes below one."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        below = parents.get(queue.pop(), [])
        found += below
        queue += below
    return found


def _kind(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        above = Path(f"/proc/{parent}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "gone"
    if command.startswith("postgres: "):
        return "backend" if " [local] " in command else "database helper"
    if "bin/postgres " in command:
        return "database"
    if "yaomai.server.web" in command:
        return "web process" if "yaomai.server.web" in above else "web"
    return "worker" if "yaomai.server.worker" in command else "other"
