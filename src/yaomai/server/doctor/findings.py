"""What a check is, and how checks are run."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg

from yaomai.words import _


class Level(StrEnum):
    """How bad it is. Only FAIL makes `yaomai check` end with an error."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: what was seen, and how to mend it when it is not right."""

    level: Level
    seen: str
    mend: str = ""


@dataclass(frozen=True)
class Report:
    """A finding with the code of its check."""

    code: str
    title: str
    level: Level
    seen: str
    mend: str

    def as_dict(self) -> dict[str, str]:
        return {key: str(value) for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Surroundings:
    """What the checks look at: the data folder, the environment, and the database when it can be reached."""

    data: Path
    environment: dict[str, str]
    database: psycopg.Connection[Any] | None = None
    database_error: str = ""

    @property
    def embedded(self) -> bool:
        return not self.environment.get("DATABASE_URL")

    def value(self, query: str, *parameters: object) -> Any:
        """Return the first value of a query's first row, None without a row."""
        if self.database is None:
            raise RuntimeError("a check that asks the database must be registered with database=True")
        row = self.database.execute(query, parameters or None).fetchone()
        return row[0] if row else None


Check = Callable[[Surroundings], Finding]
_checks: dict[str, tuple[Check, str, bool]] = {}


def check(title: str, *, database: bool = False) -> Callable[[Check], Check]:
    """Register a check under its function's name; with `database` it runs only when the database is reached."""

    def register(function: Check) -> Check:
        _checks[function.__name__] = (function, title, database)
        return function

    return register


def codes() -> list[str]:
    """Return the codes of all checks."""
    return list(_checks)


def run(surroundings: Surroundings, only: str | None = None) -> Iterator[Report]:
    """Run every check, or the one named, and yield its report; a check that breaks is a finding itself."""
    for code, (function, title, needs_database) in _checks.items():
        if only is not None and code != only:
            continue
        if needs_database and surroundings.database is None:
            yield Report(code, title, Level.SKIPPED, surroundings.database_error, "")
            continue
        try:
            finding = function(surroundings)
        except psycopg.Error as error:
            finding = Finding(Level.FAIL, f"{type(error).__name__}: {str(error).splitlines()[0]}", "yaomai migrate")
        except OSError as error:
            finding = Finding(
                Level.FAIL,
                str(error),
                _("Make the file or folder that is named there, readable and writable by the user who runs Yaomai."),
            )
        yield Report(code, title, finding.level, finding.seen, finding.mend)


def ok(seen: object = "") -> Finding:
    return Finding(Level.OK, str(seen))


def warn(seen: object, mend: str) -> Finding:
    return Finding(Level.WARN, str(seen), mend)


def fail(seen: object, mend: str) -> Finding:
    return Finding(Level.FAIL, str(seen), mend)
