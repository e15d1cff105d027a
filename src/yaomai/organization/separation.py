"""三员: system, security and audit power never meet in one position, nor in one person at one time.

A room that brings an administrative right says in its `apps.py` to which duty it belongs:

    separation.register("system", "jobs.job:manage")
"""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.organization import rules

DUTIES: dict[str, Promise] = {
    "system": _("System administration"),
    "security": _("Security administration"),
    "audit": _("Audit administration"),
}
_patterns: dict[str, set[str]] = {duty: set() for duty in DUTIES}


def register(duty: str, *patterns: str) -> None:
    """Count the rights that fit the patterns among a duty.

    Raises:
        KeyError: there is no such duty.
    """
    _patterns[duty].update(patterns)


def patterns() -> dict[str, frozenset[str]]:
    """Return the patterns of each duty."""
    return {duty: frozenset(found) for duty, found in _patterns.items()}


def duties_of(rights: Iterable[str]) -> frozenset[str]:
    """Return the duties that a set of rights amounts to."""
    return rules.duties(rights, _patterns)


def named(duties: Iterable[str]) -> str:
    """Return duties as a person reads them."""
    return "、".join(str(DUTIES[duty]) for duty in DUTIES if duty in set(duties))
