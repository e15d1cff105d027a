"""`yaomai up`: start database, web and worker, keep them running, stop them in order."""

import fcntl
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from yaomai.kit.embedded import EmbeddedPostgres, bound_to
from yaomai.words import _

from . import stamp
from .children import Child, rotate
from .cli.failure import Refusal
from .logs import JsonFormatter
from .terminal import Terminal

_READY_WITHIN = 300.0
"""A busy machine is slow; a process that ended is noticed at once."""
_ROTATE_EVERY = 60.0
_RENEW_ABOVE = 64
"""MB by which a worker may have grown when nothing runs."""
# Every network card, and how this machine itself reaches it.
_FROM_HERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
log = logging.getLogger("yaomai.supervisor")


class Stopped(Exception):
    """Somebody asked for the end while the start was still going on."""


@dataclass(frozen=True)
class Plan:
    """What to run."""

    data: Path
    host: str
    port: int
    workers: int
    demo: bool

    @property
    def address(self) -> str:
        """Return the address to open in a browser on this machine."""
        host = _FROM_HERE.get(self.host, self.host)
        return f"http://{host}:{self.port}/"

    def environment(self) -> dict[str, str]:
        """Return the environment of every child."""
        environment = os.environ | {
            "YAOMAI_DATA": str(self.data),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "yaomai.server.settings"),
            "PYTHONUNBUFFERED": "1",
            # An arena per thread keeps what threads have given back.
            "MALLOC_ARENA_MAX": "2",
        }
        environment.setdefault("YAOMAI_LOG_LEVEL", "INFO")
        # A process that is started again after a kill must not compile everything first.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if self.host not in {"127.0.0.1", "localhost", "::1"}:
            environment.setdefault("YAOMAI_HOSTS", ",".join(_names_of_this_machine(self.host)))
        return environment


class Supervisor:
    """Everything of one data folder, as children of this process."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.terminal = Terminal()
        self.postgres = None if os.environ.get("DATABASE_URL") else EmbeddedPostgres(plan.data)
        self.stopping = False
        self.starting = True
        self.ready = False
        self.preparation: subprocess.Popen[bytes] | None = None
        self.web = self._child("web", "--host", plan.host, "--port", str(plan.port), "--workers", str(plan.workers))
        self.worker = self._child("worker", "--concurrency", "2", "--renew-above", str(_RENEW_ABOVE))
        self.children = [self.web, self.worker]

    def run(self) -> int:
        """Start everything, wait for the end, stop everything; return the exit code."""
        with self._only_one(), self._signals() as wakeup:
            try:
                self._start()
                self.starting = False
                self._supervise(wakeup)
            except Stopped:
                pass
            finally:
                self.starting = False  # a second Ctrl-C must not interrupt stopping in order
                self._stop()
        return 0

    # Start --------------------------------------------------------------------------------------------------
    def _start(self) -> None:
        self._log_to_file()
        self._check_port()
        known = stamp.is_current(self.plan.data)
        if known:
            # Made ready for this very code before: the web loads while the database starts, and whether everything
            # is still up to date is looked at again when both serve.
            self.web.start()
        if self.postgres:
            with self.terminal.step(_("Starting the database")):
                self.postgres.start(attach=False)
        if known:
            self.preparation = self._begin_preparation(patient=True)
            return
        with self.terminal.step(_("Preparing")):
            self.preparation = self._begin_preparation()
            prepared = self._prepared(self.preparation)
            self.preparation = None
            if prepared is None:
                raise Refusal(_("Yaomai could not be made ready; the lines above say why."))
        with self.terminal.step(_("Starting web and worker")):
            self.web.start()
            self._await_ready(self.web)
        self._tell(prepared)
        self._serve()

    def _begin_preparation(self, *, patient: bool = False) -> subprocess.Popen[bytes]:
        """Bring database, messages and static files up to date, in a process of its own.

        Django and the demo data would otherwise stay in the supervisor's memory for good. A patient one leaves the
        processors to the web, which people wait for.
        """
        bind = bound_to(os.getpid())

        def prepare_child() -> None:
            bind()
            os.nice(10 if patient else 0)

        command = [sys.executable, "-m", "yaomai.server.prepare"]
        if self.plan.demo:
            command.append("--demo")
        return subprocess.Popen(
            command,
            env=self.plan.environment() | {"YAOMAI_LOG_LEVEL": "WARNING"},  # its log is the terminal
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=prepare_child,
        )

    def _prepared(self, preparation: subprocess.Popen[bytes]) -> dict[str, Any] | None:
        """Wait for the end of the preparation and return its result, None when it failed."""
        answer, _nothing = preparation.communicate()
        return dict(json.loads(answer)) if preparation.returncode == 0 else None

    def _serve(self) -> None:
        """The pages answer: start the worker too, and say where to go."""
        self.worker.start()
        self.ready = True
        self.terminal.address(self.plan.address)
        log.info("ready")

    def _tell(self, prepared: dict[str, Any]) -> None:
        """Everything is up to date: say who can sign in."""
        folder = "" if self.plan.data == Path("data").resolve() else f"YAOMAI_DATA={self.plan.data} "
        command = f"{folder}.venv/bin/yaomai init {_('COMPANY')}" if prepared.get("is_empty", False) else ""
        self.terminal.sign_ins(prepared.get("sign_ins", []), command=command)

    def _await_ready(self, child: Child) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        answer = ""
        while time.monotonic() < deadline:
            if child.ended() is not None:
                raise Refusal(
                    _("The %(name)s process ended at once. The last lines of %(log)s:\n%(lines)s")
                    % {"name": child.name, "log": child.log, "lines": _tail(child.log)}
                )
            said = self._answer()
            if said is None:
                return
            answer = said
            time.sleep(0.05)
        raise Refusal(_("The pages are not ready after %(seconds)s seconds: %(answer)s") % {
            "seconds": round(_READY_WITHIN), "answer": answer
        })  # fmt: skip

    def _answer(self) -> str | None:
        """Ask whether the pages are ready: None when they are, else what is in the way."""
        try:
            with urllib.request.urlopen(f"{self.plan.address}health/ready", timeout=5):  # noqa: S310 — our own page
                return None
        except urllib.error.HTTPError as error:
            return error.read(2000).decode(errors="replace")
        except OSError as error:
            return str(error)

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.plan.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.plan.host, self.plan.port))
            except OSError as error:
                raise Refusal(
                    _("Port %(port)s of %(host)s cannot be used: %(reason)s. Choose another one with --port.")
                    % {"port": self.plan.port, "host": self.plan.host, "reason": error.strerror}
                ) from error

    # Supervise ----------------------------------------------------------------------------------------------
    def _supervise(self, wakeup: int) -> None:
        rotated = time.monotonic()
        while not self.stopping:
            select.select([wakeup], [], [], 0.25)
            _drain(wakeup)
            if self.stopping:
                return
            self._tend_database()
            self._tend_web()
            self._tend_preparation()
            for child in self.children:
                if happened := child.tend():
                    log.warning(happened)
            if time.monotonic() - rotated > _ROTATE_EVERY:
                rotated = time.monotonic()
                for path in self._logs():
                    rotate(path)

    def _tend_database(self) -> None:
        if self.postgres is None or self.postgres.process is None or self.postgres.process.poll() is None:
            return
        log.warning("database ended with %s", self.postgres.process.returncode)
        try:
            self.postgres.restart()
        except Exception:
            # A full disk, say: it is tried again until it is mended or somebody stops us.
            log.exception("database did not start")
            time.sleep(1)
        else:
            log.warning("database started again")

    def _tend_web(self) -> None:
        """Say that everything runs as soon as the pages answer, whatever is still looked at beside them."""
        if not self.ready and self._answer() is None:
            self._serve()

    def _tend_preparation(self) -> None:
        """Go on when the preparation beside the running web has ended; begin it again when it was disturbed."""
        if self.preparation is None or self.preparation.poll() is None:
            return
        prepared = self._prepared(self.preparation)
        self.preparation = None
        if prepared is not None:
            self._tell(prepared)
        else:
            log.warning("preparation was disturbed and begins again")
            time.sleep(0.5)
            self.preparation = self._begin_preparation(patient=True)

    def _stop(self) -> None:
        if not any(child.process for child in self.children) and not (self.postgres and self.postgres.owned):
            return
        with self.terminal.step(_("Stopping")):
            if self.preparation is not None:
                self.preparation.kill()
                self.preparation.wait()
            for child in self.children:
                child.ask_to_stop()
            for child in self.children:
                # Requests and jobs under way get time to end; a process that never became ready has none.
                child.stop(patience=15.0 if self.ready else 1.0)
            if self.postgres:
                self.postgres.stop()
        log.info("stopped")

    # How ----------------------------------------------------------------------------------------------------
    def _child(self, name: str, *arguments: str) -> Child:
        return Child(
            name=name,
            command=[sys.executable, "-m", f"yaomai.server.{name}", *arguments],
            environment=self.plan.environment(),
            log=self.plan.data / "logs" / f"{name}.log",
        )

    def _logs(self) -> list[Path]:
        return [*(child.log for child in self.children), self.plan.data / "logs" / "postgres.log"]

    def _log_to_file(self) -> None:
        path = self.plan.data / "logs" / "supervisor.log"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=10 * 1024 * 1024, backupCount=3)
        handler.setFormatter(JsonFormatter())
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Let one `yaomai up` run per data folder, and tell a second one where the first is."""
        path = self.plan.data / "up.lock"
        try:
            self.plan.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refusal(
                _("The data folder %(folder)s cannot be written: %(reason)s. Choose another one with --data.")
                % {"folder": self.plan.data, "reason": error.strerror}
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            said = path.read_text() or "{}"
            raise Refusal(
                _("Yaomai runs already on this data folder: process %(pid)s, %(address)s, since %(since)s.")
                % ({"pid": "?", "address": "?", "since": "?"} | json.loads(said))
            ) from error
        os.ftruncate(descriptor, 0)
        since = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
        os.pwrite(
            descriptor,
            json.dumps({"pid": os.getpid(), "address": self.plan.address, "since": since}).encode(),
            0,
        )
        try:
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _signals(self) -> Iterator[int]:
        """Turn SIGINT, SIGTERM and SIGHUP into a request to stop; wake the loop for them and for ended children."""
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

        def asked(number: int, frame: object) -> None:
            already, self.stopping = self.stopping, True
            if self.starting and not already:
                raise Stopped

        old = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(writer)
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in old.items():
                signal.signal(number, handler)
            os.close(reader)
            os.close(writer)


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        return


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:])


def _names_of_this_machine(host: str) -> list[str]:
    """Return the names under which others reach this machine, for the check of the Host header."""
    names = ["localhost", "127.0.0.1", "[::1]", socket.gethostname(), socket.getfqdn()]
    if host not in _FROM_HERE:
        names.append(host)
    with suppress(socket.gaierror):
        names += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks the kernel which card it would use
            names.append(probe.getsockname()[0])
        except OSError:
            pass
    return list(dict.fromkeys(names))
