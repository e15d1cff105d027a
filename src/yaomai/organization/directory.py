"""Who people are, for approvals: roles, who holds them where, and whom a position reports to."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from yaomai.kit.memo import once_a_page
from yaomai.kit.ui import formats
from yaomai.organization import wall
from yaomai.organization.models import Filing, Holding, Person, Role, Territory, on_day


@once_a_page
def roles() -> Mapping[str, str]:
    """Return the words of every role by its code."""
    is_chinese = formats.language() == "zh"
    return {role.code: role.name if is_chinese else role.name_en for role in Role.unscoped.order_by("order", "pk")}


def holders(role: str, territory_id: int | None, on: date) -> frozenset[int]:
    """Return who holds a role on a day with a reach that covers the territory (None: the whole company)."""
    return frozenset(_reaching(territory_id, on).filter(position__role__code=role).values_list("person_id", flat=True))


def holders_of_right(right: str, territory_id: int | None, on: date) -> frozenset[int]:
    """Return who holds a right on a day with a reach that covers the territory (None: the whole company)."""
    found = _reaching(territory_id, on).filter(position__role__rights__contains=[right])
    if wall.commercial([right]):
        found = found.exclude(Exists(Filing.unscoped.filter(on_day(on), person=OuterRef("person"))))
    return frozenset(found.values_list("person_id", flat=True))


def _reaching(territory_id: int | None, on: date) -> QuerySet[Holding]:
    covering = Q(position__role__reach=Role.Reach.COMPANY)
    if territory_id is not None:
        path = Territory.unscoped.values_list("path", flat=True).get(pk=territory_id)
        covering |= Q(position__territory__path__in=_upwards(path))
    return Holding.unscoped.filter(on_day(on) & on_day(on, "position__") & covering, person__archived_at__isnull=True)


def _upwards(path: str) -> list[str]:
    """Return the path of a territory and of all above it: "/1/4/9/" gives "/1/", "/1/4/", "/1/4/9/"."""
    parts = path.strip("/").split("/")
    return [f"/{'/'.join(parts[:length])}/" for length in range(1, len(parts) + 1)]


def superiors(person_id: int, on: date) -> frozenset[int]:
    """Return whom the person's positions report to on a day."""
    above = Holding.unscoped.filter(
        on_day(on) & on_day(on, "position__"), person_id=person_id, position__reports_to__isnull=False
    ).values("position__reports_to")
    held = Holding.unscoped.filter(on_day(on), position__in=above, person__archived_at__isnull=True)
    return frozenset(held.values_list("person_id", flat=True))


def names(person_ids: frozenset[int]) -> Mapping[int, str]:
    """Return the names of people."""
    return dict(Person.unscoped.filter(pk__in=person_ids).values_list("pk", "name"))


def colleagues() -> Mapping[int, str]:
    """Return everybody who may sign in, by name."""
    return dict(Person.unscoped.filter(archived_at__isnull=True).order_by("name").values_list("pk", "name"))


class Answering:
    """Who answers for something at a territory: of the nearest holders of some roles above it, one."""

    def __init__(self, roles: Sequence[str], right: str, on: date) -> None:
        """Read who holds the roles on a day; those whom the wall keeps from the right do not answer."""
        rows = Holding.unscoped.filter(
            on_day(on) & on_day(on, "position__"),
            person__archived_at__isnull=True,
            position__role__code__in=roles,
            position__role__rights__contains=[right],
        )
        if wall.commercial([right]):
            rows = rows.exclude(Exists(Filing.unscoped.filter(on_day(on), person=OuterRef("person"))))
        self._held: dict[str, dict[int, set[int]]] = {}
        for path, role, person in rows.values_list("position__territory__path", "position__role__code", "person_id"):
            self._held.setdefault(path, {}).setdefault(roles.index(role), set()).add(person)

    def at(self, path: str, *, spread_by: int = 0, above: bool = False) -> int | None:
        """Return the person; None where nobody holds such a role.

        At one territory the role named first answers; of several holders each has a share of the customers.

        Args:
            path:      of the territory; "" is nowhere, so that nobody answers.
            spread_by: the customer's id: the same customer always falls to the same person.
            above:     ask only above the territory, as for whoever hears of what is overdue.
        """
        upwards = [each for each in reversed(_upwards(path)) if path]
        for each in upwards[1:] if above else upwards:
            if ranks := self._held.get(each):
                found = sorted(ranks[min(ranks)])
                return found[spread_by % len(found)]
        return None
