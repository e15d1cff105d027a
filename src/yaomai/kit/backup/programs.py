"""PostgreSQL's own dump and restore programs."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from yaomai.kit.embedded import BinariesMissing, bound_to, major_version, program

from .errors import ProgramFailed, ProgramMissing

_BLOCK = 1024 * 1024


def client(name: str, *, server_major: int) -> str:
    """Return the path of a client program at least as new as the server: the wheel's, else the machine's."""
    with suppress(BinariesMissing):
        if major_version() >= server_major:
            return str(program(name))
    found = shutil.which(name)
    if found is not None:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        if (number := re.search(r"(\d+)", said)) and int(number[1]) >= server_major:
            return found
    raise ProgramMissing(version=server_major)


def environment(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that tells a client where the database is; a password never enters a command line."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE", "password": "PGPASSWORD"}
    chosen = {names.get(key, f"PG{key.upper()}"): str(value) for key, value in parameters.items() if value}
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", **chosen}


def stream_out(command: list[str], parameters: Mapping[str, str], take: Callable[[bytes], Any]) -> None:
    """Run a program and hand over its output block by block.

    Raises:
        ProgramFailed: it ended with an error.
    """
    process = subprocess.Popen(
        command,
        env=environment(parameters),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=bound_to(os.getpid()),
    )
    assert process.stdout is not None and process.stderr is not None
    words = _Collector(process.stderr)
    try:
        while block := process.stdout.read(_BLOCK):
            take(block)
    except BaseException:
        process.kill()
        raise
    finally:
        code = process.wait()
        words.join()
    if code != 0:
        raise ProgramFailed(program=Path(command[0]).name, detail=words.text)


def run(command: list[str], parameters: Mapping[str, str], *, stdin: IO[bytes] | None = None) -> None:
    """Run a program to its end.

    Raises:
        ProgramFailed: it ended with an error.
    """
    done = subprocess.run(
        command,
        env=environment(parameters),
        stdin=stdin or subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        preexec_fn=bound_to(os.getpid()),
    )
    if done.returncode != 0:
        raise ProgramFailed(program=Path(command[0]).name, detail=done.stderr.decode(errors="replace")[-2000:].strip())


class _Collector(threading.Thread):
    """Reads a pipe to its end, so that the program never waits for us, and keeps the last words."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.pipe = pipe
        self.text = ""
        self.start()

    def run(self) -> None:
        for line in self.pipe:
            self.text = (self.text + line.decode(errors="replace"))[-2000:]
