"""What an inspection dossier (检查包) is made of: rooms say which of their rows prove something, and whose they are.

    register_section("uses", Use, label=_("Uses of material"), order=60, on="on", person="person", institution="institution")

A section is a list that a surface shows: its file has the columns of that list. Rows come in the scope of whoever asks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

from yaomai.kit.access import ScopedModel

Path = str | Callable[[Any], Q] | None
"""The field of a row, or what finds its rows from a key; None where the section says nothing of such a subject."""
COMPANY, PERSON, INSTITUTION, PRODUCT = "company", "person", "institution", "product"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a dossier is about, and which days: both ends are in it."""

    subject: str
    key: Any
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Section:
    """One list of a dossier.

    on:  the day of a row, or the two fields of a half-open period that must touch the days asked for.
    """

    code: str
    model: type[ScopedModel]
    label: str | Promise
    order: int
    on: str | tuple[str, str]
    person: Path = None
    institution: Path = None
    product: Path = None

    def where(self, wanted: Wanted) -> Q | None:
        """Return which rows belong to it, None where the section says nothing of such a subject."""
        if wanted.subject == COMPANY:
            return self._days(wanted)
        path: Path = getattr(self, wanted.subject)
        if path is None:
            return None
        return self._days(wanted) & (path(wanted.key) if callable(path) else Q(**{path: wanted.key}))

    def _days(self, wanted: Wanted) -> Q:
        if isinstance(self.on, str):
            return Q(**{f"{self.on}__gte": wanted.first_day, f"{self.on}__lte": wanted.last_day})
        begins, ends = self.on
        return Q(**{f"{begins}__lte": wanted.last_day}) & (
            Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": wanted.first_day})
        )

    def rows(self, wanted: Wanted) -> Any:
        """Return its rows in the present actor's scope, in a fixed order; None as in `where`."""
        condition = self.where(wanted)
        if condition is None:
            return None
        manager: Any = self.model.objects
        # Joins over several rows must not say one twice.
        found = manager.filter(pk__in=self.model.unscoped.filter(condition).values("pk"))
        return found.order_by("pk")


_sections: dict[str, Section] = {}


def register_section(
    code: str, model: type[ScopedModel], *, label: str | Promise, order: int, on: str | tuple[str, str],
    person: Path = None, institution: Path = None, product: Path = None,
) -> None:  # fmt: skip
    """Bring a list into dossiers."""
    _sections[code] = Section(code, model, label, order, on, person, institution, product)


def sections() -> Iterator[Section]:
    """Yield the sections in their order."""
    yield from sorted(_sections.values(), key=lambda each: (each.order, each.code))


def choices() -> list[tuple[str, str | Promise]]:
    """Return code and label of every section."""
    return [(each.code, each.label) for each in sections()]
