"""A child process that is started again when it ends."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from yaomai.kit.embedded import bound_to

# Seconds to wait before the nth start in a row: a kill is mended at once, a process that cannot live is not spun.
_PAUSES = (0.0, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
_HEALTHY_AFTER = 10.0
_LARGEST_LOG = 10 * 1024 * 1024
_KEPT_LOGS = 5


@dataclass
class Child:
    """One supervised process; its output goes to a log file of its name."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)
    due: float = 0.0
    wanted: bool = False
    """It was started once, so that it is to run until it is stopped."""

    def start(self) -> None:
        """Start the process; it ends with this one, even when this one is killed."""
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        with open(self.log, "ab") as log:
            os.chmod(self.log, 0o600)
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops things in order
                preexec_fn=bound_to(os.getpid()),
            )
        self.wanted = True
        self.starts.append(time.monotonic())

    def ended(self) -> int | None:
        """Return the exit code when the process has ended since it was last started, else None."""
        return self.process.poll() if self.process else None

    def tend(self) -> str | None:
        """Start the process again when its time has come; return what happened, if anything."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return None
            self.process = None
            self.due = now + self._pause(now)
            return f"{self.name} ended with {code}"
        if not self.wanted or now < self.due:
            return None
        self.start()
        return f"{self.name} started again"

    def _pause(self, now: float) -> float:
        if self.starts and now - self.starts[-1] >= _HEALTHY_AFTER:
            self.starts.clear()
        return _PAUSES[min(len(self.starts), len(_PAUSES)) - 1] if self.starts else 0.0

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def stop(self, *, patience: float) -> None:
        """Wait for the end of the process, then enforce it."""
        self.wanted = False
        if self.process is None:
            return
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def rotate(log: Path) -> None:
    """Start a log file anew when it is large, keeping the last few.

    The writer appends, so that emptying the file under it is safe; it never has to be told.
    """
    try:
        if log.stat().st_size < _LARGEST_LOG:
            return
    except FileNotFoundError:
        return
    for number in range(_KEPT_LOGS - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.rename(log.with_name(f"{log.name}.{number + 1}"))
    first = log.with_name(f"{log.name}.1")
    first.write_bytes(log.read_bytes())
    first.chmod(0o600)
    os.truncate(log, 0)
