"""Which operating-system user runs the server."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import NoUnprivilegedUser, NoUserName

SYSTEM_USER = "yaomai"


@dataclass(frozen=True)
class Identity:
    """The user of the server, and whether starting it means changing to that user."""

    name: str
    uid: int
    gid: int
    changes: bool

    def arguments(self) -> dict[str, object]:
        """Return what `subprocess.Popen` needs to run a child as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.changes else {}

    def own(self, folder: Path) -> None:
        """Give a folder with everything in it to this user; does nothing unless the user changes."""
        if not self.changes or folder.stat().st_uid == self.uid:
            return
        for root, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(os.path.join(root, name), self.uid, self.gid, follow_symlinks=False)
        os.chown(folder, self.uid, self.gid)  # last: an interrupted walk is done again


def current_name() -> str:
    """Return the name of the user who runs this process."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise NoUserName(uid=os.geteuid()) from error


def user_name(uid: int) -> str:
    """Return the name of a user, or the number of one without a name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def server_identity() -> Identity:
    """Return the user to run the server as: oneself, or for root an unprivileged system user.

    PostgreSQL refuses to run as root. The system user is `YAOMAI_DATABASE_USER`, else `yaomai`, which is made
    when it is missing (no password, no shell, no home).
    """
    if os.geteuid() != 0:
        return Identity(current_name(), os.geteuid(), os.getegid(), changes=False)
    name = os.environ.get("YAOMAI_DATABASE_USER", SYSTEM_USER)
    entry = _look_up(name) or _make(name)
    if entry.pw_uid == 0:
        raise NoUnprivilegedUser(name=name)
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid, changes=True)


def _look_up(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make(name: str) -> pwd.struct_passwd:
    command = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if command is None:
        raise NoUnprivilegedUser(name=name)
    made = subprocess.run(
        [command, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/usr/sbin/nologin", name],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    entry = _look_up(name)  # another process may have made it at the same moment
    if entry is None:
        raise NoUnprivilegedUser(name=name, detail=made.stderr.strip())
    return entry
