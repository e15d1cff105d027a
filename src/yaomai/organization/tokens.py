"""Access tokens of programs: `Authorization: Bearer yaomai_…` on the REST API, in the name of a person."""

import hashlib
import secrets
from datetime import date

from django.http import HttpRequest

from yaomai.organization.models import AccessToken

PREFIX = "yaomai_"
"""Scanners of code find a token that was written into a file by it."""
SHOWN = 12


def new_secret() -> str:
    """Return a token that nobody guesses."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def shown_by(request: HttpRequest) -> str | None:
    """Return the token that a request shows, "" for a header that is none; None without the header."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _space, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def valid_token(secret: str, *, on: date) -> AccessToken | None:
    """Return the token that opens the API on a day: neither revoked nor expired, its person active."""
    found = AccessToken.unscoped.filter(
        digest=digest_of(secret), revoked_at__isnull=True, expires_on__gt=on, person__archived_at__isnull=True,
        person__must_change_password=False,
    )  # fmt: skip
    return found.select_related("person").first()


def mark_used(token: AccessToken, *, on: date) -> None:
    """Note the day of use: one write a day, however often a program calls."""
    if token.last_used_on != on:
        AccessToken.unscoped.filter(pk=token.pk).update(last_used_on=on)
