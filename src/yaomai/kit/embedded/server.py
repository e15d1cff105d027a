"""Run PostgreSQL from a data folder as a child of this process."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql

from . import binaries, configuration
from .errors import (
    DiskFull,
    EmbeddedError,
    FolderInUse,
    TooSlow,
    WrongOwner,
    WrongVersion,
)
from .folder import PORT, Folder
from .identity import Identity, current_name, server_identity, user_name
from .processes import bound_to, end_leftovers

ROLE = "yaomai"
DATABASE = "yaomai"
ADMINISTRATOR = "postgres"


class EmbeddedPostgres:
    """The PostgreSQL of one data folder.

    Exactly one process owns the server and is its parent; when that process ends, even by SIGKILL, the server
    ends too. Everybody else who calls `start` for the folder uses the running server.

        with EmbeddedPostgres(Path("data")) as server:
            psycopg.connect(server.dsn)
    """

    def __init__(self, data_dir: Path, *, durable: bool = True, connections: int = 60) -> None:
        self.folder = Folder(Path(data_dir).resolve())
        self.durable = durable
        self.connections = connections
        self.process: subprocess.Popen[bytes] | None = None

    # What callers ask ---------------------------------------------------------------------------------------
    @property
    def connection_parameters(self) -> dict[str, Any]:
        """Return host, port, user and database name of the application's role."""
        return connection_parameters(self.folder.data)

    @property
    def dsn(self) -> str:
        return psycopg.conninfo.make_conninfo("", **self.connection_parameters)

    @property
    def owned(self) -> bool:
        """Tell whether this process is the parent of the server."""
        return self.process is not None

    def administrator_parameters(self, database: str = "postgres") -> dict[str, Any]:
        """Return connection parameters of the superuser, for backup, restore and tests only."""
        return self.connection_parameters | {"user": ADMINISTRATOR, "dbname": database}

    def alive(self) -> bool:
        """Tell whether the server accepts connections now."""
        try:
            with psycopg.connect(**self.administrator_parameters(), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    # Start and stop -----------------------------------------------------------------------------------------
    def start(self, *, attach: bool = True, timeout: float = 120.0) -> str:
        """Start the server, or use the one that runs, and return its connection string.

        After a crash this waits until recovery is done.

        Raises:
            FolderInUse: another process owns it and `attach` is False.
            TooSlow: not ready within `timeout` seconds.
            EmbeddedError: anything else that keeps it from starting, with the mend.
        """
        deadline = time.monotonic() + timeout
        while not self.folder.take():
            if not attach:
                raise self._in_use()
            if self.alive():
                return self.dsn
            if time.monotonic() > deadline:
                raise TooSlow(seconds=round(timeout), log=self.folder.log)
            time.sleep(0.05)
        try:
            self._start_owned(deadline, timeout)
        except BaseException:
            self.stop()
            raise
        return self.dsn

    def restart(self, *, timeout: float = 120.0) -> None:
        """Start the owned server again after its process ended."""
        self._start_owned(time.monotonic() + timeout, timeout)

    def stop(self, *, patience: float = 30.0) -> None:
        """Stop the server if this process owns it: disconnect everybody, write everything out, end."""
        process, self.process = self.process, None
        if process is not None:
            for number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
                    break
        self.folder.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # How ----------------------------------------------------------------------------------------------------
    def _in_use(self) -> FolderInUse:
        owner = self.folder.owner()
        return FolderInUse(
            folder=self.folder.data,
            pid=owner.get("pid", "?"),
            command=owner.get("command", "?"),
            since=owner.get("since", "?"),
        )

    def _start_owned(self, deadline: float, timeout: float) -> None:
        identity = server_identity()
        end_leftovers(self.folder.cluster_name)
        self._prepare(identity)
        self._configure(identity)
        # Nothing of this cluster runs and we hold the lock, so lock files can only be a killed server's. The process
        # ids in them may belong to somebody else by now, and PostgreSQL would then refuse to start.
        (self.folder.cluster / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self.folder.socket_directory.glob(f".s.PGSQL.{PORT}*"):
            leftover.unlink(missing_ok=True)
        self._spawn(identity)
        self._await_ready(deadline, timeout)
        self._ensure_database()

    def _prepare(self, identity: Identity) -> None:
        """Make the cluster when it is missing; check version and owner when it is there."""
        cluster = self.folder.cluster
        if not (cluster / "PG_VERSION").exists():
            self._initialise(identity)
        found = (cluster / "PG_VERSION").read_text().strip()
        if found != str(binaries.major_version()):
            raise WrongVersion(folder=cluster, found=found, wanted=binaries.major_version())
        owner = cluster.stat().st_uid
        if owner != identity.uid and not identity.changes:
            raise WrongOwner(folder=cluster, owner=user_name(owner), user=identity.name)
        identity.own(cluster)
        os.chmod(cluster, 0o700)

    def _initialise(self, identity: Identity) -> None:
        """Run initdb in a draft folder that becomes the cluster in one step."""
        draft = self.folder.data / "postgres.new"
        if draft.exists():  # an earlier attempt was interrupted
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        identity.own(draft)
        command = [
            str(binaries.server_programs(for_other_user=identity.changes) / "initdb"),
            f"--pgdata={_as_seen(draft, identity)}",
            f"--username={ADMINISTRATOR}",
            "--auth=peer",
            "--encoding=UTF8",
            # The built-in provider sorts by code point and knows upper and lower case of every script, the same on
            # every machine: no index is invalidated by an update of the operating system's collations.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            command,
            cwd=draft,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=bound_to(os.getpid()),
            **identity.arguments(),  # type: ignore[call-overload]
        )
        if done.returncode != 0:
            raise self._explained(done.stderr + done.stdout)
        draft.rename(self.folder.cluster)

    def _configure(self, identity: Identity) -> None:
        """Write the configuration files of this start."""
        directory = self.folder.make_socket_directory(identity)
        settings = configuration.server_settings(
            socket_directory=str(directory),
            cluster_name=self.folder.cluster_name,
            durable=self.durable,
            connections=self.connections,
        )
        files = {
            "postgresql.conf": configuration.postgresql_conf(settings),
            "pg_hba.conf": configuration.PG_HBA_CONF,
            "pg_ident.conf": configuration.pg_ident_conf(
                [current_name(), identity.name, "root"], (ROLE, ADMINISTRATOR)
            ),
        }
        try:
            for name, text in files.items():
                draft = self.folder.cluster / f"{name}.new"
                draft.write_text(text)
                os.chmod(draft, 0o600)
                os.chown(draft, identity.uid, identity.gid)
                draft.rename(self.folder.cluster / name)
        except OSError as error:
            raise self._explained(str(error)) from error
        self.folder.say(socket_directory=str(directory))

    def _spawn(self, identity: Identity) -> None:
        command = [
            str(binaries.server_programs(for_other_user=identity.changes) / "postgres"),
            "-D",
            _as_seen(self.folder.cluster, identity),
            "-c",
            f"cluster_name={self.folder.cluster_name}",
        ]
        with open(self.folder.log, "ab") as log:
            os.chmod(self.folder.log, 0o600)
            self._log_start = log.tell()
            self.process = subprocess.Popen(
                command,
                cwd=self.folder.cluster,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Ctrl-C at the terminal reaches the owner, who stops the server last.
                start_new_session=True,
                # SIGQUIT ends it at once; what was committed is in the write-ahead log and is recovered.
                preexec_fn=bound_to(os.getpid(), signal.SIGQUIT),
                **identity.arguments(),  # type: ignore[call-overload]
            )

    def _await_ready(self, deadline: float, timeout: float) -> None:
        deadline = max(deadline, time.monotonic() + timeout)  # a first start has filled its folder until here
        while not self.alive():
            if self.process is None or self.process.poll() is not None:
                raise self._explained(self._last_words())
            if time.monotonic() > deadline:
                raise TooSlow(seconds=round(timeout), log=self.folder.log)
            time.sleep(0.03)

    def _last_words(self) -> str:
        with open(self.folder.log, "rb") as log:
            log.seek(self._log_start)
            return log.read()[-4000:].decode(errors="replace")

    def _explained(self, words: str) -> EmbeddedError:
        """Turn PostgreSQL's last words into an error with a mend."""
        if re.search(r"No space left on device|Disk quota exceeded", words):
            return DiskFull(folder=self.folder.data, detail=_last_line(words))
        return EmbeddedError(log=self.folder.log, detail=_last_line(words))

    def _ensure_database(self) -> None:
        """Make the application's role and database when they are missing; neither is a superuser's."""
        with psycopg.connect(**self.administrator_parameters(), autocommit=True) as connection:
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
            if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
                )


def connection_parameters(data_dir: Path) -> dict[str, Any]:
    """Return how to reach the embedded server of a data folder, whether it runs or not."""
    folder = Folder(Path(data_dir).resolve())
    return {"host": str(folder.socket_directory), "port": PORT, "user": ROLE, "dbname": DATABASE}


def settings_for(data_dir: Path) -> dict[str, Any]:
    """Return the same as `connection_parameters`, with the names of Django's DATABASES."""
    parameters = connection_parameters(data_dir)
    return {
        "NAME": parameters["dbname"],
        "USER": parameters["user"],
        "PASSWORD": "",
        "HOST": parameters["host"],
        "PORT": parameters["port"],
    }


def _as_seen(folder: Path, identity: Identity) -> str:
    """Return the name under which the server's user reaches its folder.

    That user may not pass through the folders above it, and they stay closed: the server is started inside its
    folder and knows it as its working folder, for which Linux asks no rights on the path.
    """
    return "/proc/self/cwd" if identity.changes else str(folder)


def _environment() -> dict[str, str]:
    """Return a clean environment: no PG* variable and no locale of the caller changes the server."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _last_line(words: str) -> str:
    lines = [line for line in words.splitlines() if re.search(r"FATAL|PANIC|ERROR|error:", line)]
    return (lines or words.strip().splitlines() or [""])[-1].strip()


def _exists(connection: psycopg.Connection[Any], query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
