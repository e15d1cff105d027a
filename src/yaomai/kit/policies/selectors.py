"""Find the policy that holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from yaomai.kit.access import current_actor, require
from yaomai.kit.memo import kept, once_a_page
from yaomai.kit.policies.figures import figures
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.schema import Policy, registered

P = TypeVar("P", bound=Policy)


@once_a_page
def _in_force(on: date) -> dict[tuple[str, str], int]:
    """Return the published versions in force on a day by name and scope: one statement, whatever a page asks for."""
    found = (
        Version.unscoped.filter(status=Version.Status.PUBLISHED, valid_from__lte=on)
        .order_by("name", "applies_to", "-valid_from", "-number")
        .distinct("name", "applies_to")
    )
    return {(name, applies_to): pk for name, applies_to, pk in found.values_list("name", "applies_to", "pk")}


def version_on(name: str, *, on: date, applies_to: str = "") -> Version | None:
    """Return the published version in force on a day for exactly this scope, or None."""
    pk = _in_force(on).get((name, applies_to))
    return None if pk is None else Version.unscoped.get(pk=pk)


@kept(most=500)
def _held(policy: type[P], version: int) -> tuple[P, Version]:
    """Return what a published version says, which no longer changes."""
    row = Version.unscoped.get(pk=version)
    return policy.model_validate(row.document), row


def policy_on(policy: type[P], *, on: date, scopes: Sequence[str] = ()) -> tuple[P, Version | None]:
    """Return the policy in force on a day and its version; None means the declared defaults hold.

    `scopes` are tried from the most to the least specific, the company last.
    """
    in_force = _in_force(on)
    for applies_to in (*scopes, ""):
        version = in_force.get((policy.name, applies_to))
        if version is not None:
            return _held(policy, version)
    return policy(), None


@dataclass(frozen=True, slots=True)
class Standing:
    """A policy as it stands: what is in force, since when, and what waits."""

    policy: type[Policy]
    current: Version | None
    waiting: int
    planned: Version | None

    @property
    def assumed(self) -> int:
        """Return how many figures rest on no source."""
        return sum("assumed" in figure.origin for figure in figures(self.policy, self.document))

    @property
    def total(self) -> int:
        return len(figures(self.policy, self.document))

    @property
    def document(self) -> dict[str, Any]:
        return document_of(self.policy, self.current)


def document_of(policy: type[Policy], version: Version | None) -> dict[str, Any]:
    """Return a version's document, or the declared one."""
    return policy().model_dump(mode="json") if version is None else dict(version.document)


def standings(*, on: date) -> list[Standing]:
    """Return every registered policy as it stands for the company; one query."""
    require(current_actor(), Version.right("view"))
    by_name: dict[str, list[Version]] = {}
    for version in Version.objects.filter(applies_to="").order_by("valid_from", "number"):
        by_name.setdefault(version.name, []).append(version)
    return [_standing(policy, by_name.get(name, []), on) for name, policy in registered().items()]


def _standing(policy: type[Policy], versions: list[Version], on: date) -> Standing:
    published = [version for version in versions if version.status == Version.Status.PUBLISHED and version.valid_from]
    return Standing(
        policy,
        next((version for version in reversed(published) if version.valid_from and version.valid_from <= on), None),
        sum(version.status in (Version.Status.PROPOSED, Version.Status.APPROVED) for version in versions),
        next((version for version in published if version.valid_from and version.valid_from > on), None),
    )


def versions_of(policy: type[Policy]) -> list[Version]:
    """Return every version of a policy in the current actor's view, newest first."""
    return list(
        Version.objects.filter(name=policy.name)
        .select_related("author", "approver", "based_on")
        .order_by("-created_at", "-pk")
    )


def came_into_force(versions: Sequence[Version], *, on: date) -> list[Version]:
    """Return the company's versions that have been in force by a day, in that order."""
    published = [
        version
        for version in versions
        if version.status == Version.Status.PUBLISHED and not version.applies_to and version.valid_from
        and version.valid_from <= on
    ]  # fmt: skip
    return sorted(published, key=lambda version: (version.valid_from, version.number))
