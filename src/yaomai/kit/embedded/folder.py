"""The places of one embedded server, derived from its data folder, and the lock that makes one process its owner."""

import fcntl
import hashlib
import json
import os
import shutil
import stat
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import FolderNotWritable, UnsafeSocketFolder
from .identity import Identity, current_name

PORT = "5432"  # no TCP port: only the suffix of the socket's file name
_LONGEST_SOCKET_PATH = 107  # sun_path holds 108 bytes with the closing zero
_SOCKET_FILE = f".s.PGSQL.{PORT}"
# Open to everybody, therefore what is made in it is checked to be ours and closed.
_SHORT = Path("/tmp")  # noqa: S108
LOG_PIECE = 16 * 1024 * 1024
"""Bytes of log that PostgreSQL asks for at once."""


@dataclass
class Folder:
    """The places below (and, for a socket whose path would be too long, beside) one data folder."""

    data: Path
    _lock: int | None = field(default=None, init=False, repr=False)

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own folder."""
        return self.data / "postgres"

    @property
    def log(self) -> Path:
        return self.data / "logs" / "postgres.log"

    @property
    def key(self) -> str:
        """Return a short name of the data folder that no other folder of this machine has."""
        return hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]

    @property
    def cluster_name(self) -> str:
        return f"yaomai-{self.key}"

    @property
    def socket_directory(self) -> Path:
        """Return where the socket is: the owner's word while one runs, else the rule."""
        said = self.owner().get("socket_directory")
        return Path(said) if said and Path(said).is_dir() else self._socket_rule()

    def _socket_rule(self) -> Path:
        if os.geteuid() == 0:  # the server's user cannot pass through root's data folder
            base = Path("/run") if os.access("/run", os.W_OK) else _SHORT
            return base / self.cluster_name
        inside = self.data / "run"
        if len(os.fsencode(inside / _SOCKET_FILE)) <= _LONGEST_SOCKET_PATH:
            return inside
        return _SHORT / f"{self.cluster_name}-{os.geteuid()}"

    def make_socket_directory(self, identity: Identity) -> Path:
        """Make the private folder of the socket and return it.

        Raises:
            UnsafeSocketFolder: somebody else made it before us.
        """
        path = self._socket_rule()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {identity.uid, os.geteuid()}:
            raise UnsafeSocketFolder(folder=path)
        os.chmod(path, 0o700)
        os.chown(path, identity.uid, identity.gid)
        return path

    def take(self) -> bool:
        """Become the owner of the server; False when another live process is. Ends with the process.

        Raises:
            FolderNotWritable: the data folder cannot be written.
        """
        if self._lock is not None:
            return True
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.data / "logs").mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(self.data / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise FolderNotWritable(folder=self.data, user=current_name()) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        self.say(socket_directory="")
        return True

    def say(self, *, socket_directory: str) -> None:
        """Write who owns the server into the lock file, for those who ask."""
        if self._lock is None:
            raise RuntimeError("only the owner may say so")
        # Not the whole command line: its arguments may carry names.
        words = [Path(sys.argv[0]).name, *(word for word in sys.argv[1:2] if word.isalpha())]
        text = json.dumps(
            {
                "pid": os.getpid(),
                "command": " ".join(words),
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
                "socket_directory": socket_directory,
            }
        ).encode()
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, text, 0)

    def owner(self) -> dict[str, Any]:
        """Return who owns the server, as last written: pid, command, since, socket_directory."""
        try:
            return dict(json.loads((self.data / "postgres.lock").read_text()))
        except (OSError, ValueError):
            return {}

    def release(self) -> None:
        """Give up ownership."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None


def is_full(folder: Path) -> bool:
    """Tell whether a folder's disk has no room for one more piece of the database's log; without it, it goes down."""
    return shutil.disk_usage(folder).free < LOG_PIECE
