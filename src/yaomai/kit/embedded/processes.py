"""Tie processes to the life of their parent, and find those that a killed parent left behind (Linux)."""

import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child of a process with threads must not take the import lock.
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to send this process `number` when the thread that started it ends, however it ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def bound_to(parent: int, number: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """Return a `preexec_fn` that ties a child to process `parent`.

    Call `subprocess.Popen` from a thread that lives as long as the process: the kernel watches the thread. The
    user is changed before `preexec_fn` runs; that matters, because changing it clears the request.
    """

    def bind() -> None:
        die_with_parent(number)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return bind


def matching(mark: str) -> list[int]:
    """Return the ids of processes of PostgreSQL whose command line carries `mark` (a cluster name).

    Command lines are readable for everybody; working folders of other users' processes are not.
    """
    wanted = mark.encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        if command.startswith(b"postgres: " + wanted + b": ") or b"cluster_name=" + wanted + b"\0" in command:
            found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    """Tell whether a process exists that is not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def end_leftovers(mark: str, *, patience: float = 3.0) -> list[int]:
    """End what is left of a server whose supervisor was killed; return the ids that had to be ended.

    A new postmaster must not start while an old backend still writes, so this returns only when none is left.
    They normally end by themselves within milliseconds; then they are asked to, then they are killed.
    """
    left = [pid for pid in matching(mark) if alive(pid)]
    ended = list(left)
    deadline = time.monotonic() + patience
    asked = killed = False
    while left:
        passed = time.monotonic() - (deadline - patience)
        if passed > patience / 3 and not asked:
            _signal(left, signal.SIGQUIT)
            asked = True
        if passed > patience and not killed:
            _signal(left, signal.SIGKILL)
            killed = True
        time.sleep(0.02)
        left = [pid for pid in left if alive(pid)] or [pid for pid in matching(mark) if alive(pid)]
    return ended


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
