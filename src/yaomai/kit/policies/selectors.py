"""Find the policy that holds."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from yaomai.kit.policies.models import Version
from yaomai.kit.policies.schema import Policy

P = TypeVar("P", bound=Policy)


def version_on(name: str, *, on: date, applies_to: str = "") -> Version | None:
    """Return the published version in force on a day for exactly this scope, or None."""
    return (
        Version.unscoped.filter(name=name, applies_to=applies_to, status=Version.Status.PUBLISHED, valid_from__lte=on)
        .order_by("-valid_from", "-number")
        .first()
    )


def policy_on(policy: type[P], *, on: date, scopes: Sequence[str] = ()) -> tuple[P, Version | None]:
    """Return the policy in force on a day and its version; None means the declared defaults hold.

    `scopes` are tried from the most to the least specific, the company last.
    """
    for applies_to in (*scopes, ""):
        version = version_on(policy.name, on=on, applies_to=applies_to)
        if version is not None:
            return policy.model_validate(version.document), version
    return policy(), None
