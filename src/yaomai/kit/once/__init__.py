"""Once: a form that is sent twice is done once, whether by a double click, the back button or a replayed request.

Every page that holds a form carries a token of its own (Django masks the CSRF token anew for each page), so that
token and content together name one submission. The first act that runs for it writes that name in its own
transaction: a twin waits for that transaction, then finds the name taken, does nothing and is led to where the first
one ended. What did not end in a redirect (an error in the form, a download) may be sent again.

A program names its own submissions with the header Idempotency-Key; its twin gets the answer of the first one. What a
phone sends has a number of its own for each thing, and is remembered for as long as a phone may be away.
"""

import hashlib
from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

KEPT = timedelta(days=1)


class AlreadyDone(Exception):
    """The same submission was done before. Not a domain error: no form may take it for a fault of the input."""


@dataclass(slots=True)
class Submission:
    """What is on its way in. `key` is None while nothing tells it from others."""

    key: bytes | None = None
    content: bytes = b""
    """Hash of what was sent, where the key does not say it."""
    acts: int = 0
    """How many acts have run for it."""
    kept: timedelta = KEPT
    """How long its name is remembered."""


_current: ContextVar[Submission | None] = ContextVar("yaomai_submission", default=None)


def begin(submission: Submission) -> Token[Submission | None]:
    """Make it the submission for which acts run."""
    return _current.set(submission)


def end(token: Token[Submission | None]) -> None:
    """Go back to what was before `begin`."""
    _current.reset(token)


def claim() -> None:
    """Write the submission's name; call it inside the transaction of an act, before anything is locked.

    Raises:
        AlreadyDone: a twin did it.
    """
    submission = _current.get()
    if submission is None or submission.key is None:
        return
    submission.acts += 1
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO once_submission (key, act, content, location, until)"
            " VALUES (%s, %s, %s, '', clock_timestamp() + make_interval(secs => %s)) ON CONFLICT (key, act) DO NOTHING",
            [submission.key, submission.acts, submission.content, submission.kept.total_seconds()],
        )
        if cursor.rowcount == 0:
            raise AlreadyDone


def settle(name: bytes, *, kept: timedelta = KEPT) -> None:
    """Take a name without doing anything: what comes under it from now on has been overtaken."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO once_submission (key, act, location, until) VALUES (%s, 1, '', clock_timestamp() + make_interval(secs => %s))"
            " ON CONFLICT (key, act) DO NOTHING",
            [name, kept.total_seconds()],
        )


def is_first_use(name: str) -> bool:
    """Tell whether a thing good for one use, such as a code, was not used before; from now on it was.

    Call it inside the transaction that the use belongs to: a rival waits for that transaction. All processes and
    machines know of it, unlike of what a cache holds; ten minutes later the same six digits may come again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO once_submission (key, act, location, until)"
            " VALUES (%s, 0, '', clock_timestamp() + interval '10 minutes')"
            " ON CONFLICT (key, act) DO UPDATE SET until = excluded.until"
            " WHERE once_submission.until < clock_timestamp()",
            [hashlib.sha256(name.encode()).digest()],
        )
        return cursor.rowcount == 1
