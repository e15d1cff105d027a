"""What rules may speak of: facts, the acts that have them, and where facts come from that nobody types.

    register_fact(Fact("amount", "number", _("Amount"), unit="CNY"))
    register_source(Source("consents", gives=("consent_on_file",), load=consent_of))
    register_kind("visit", label=_("Academic visit"), facts=("person", "institution", "consent_on_file"))

A source computes its facts from those that the act brings; it is asked when the kind names any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.engine.rulebook import FactType
from yaomai.kit import warehouse
from yaomai.kit.access import Actor
from yaomai.kit.warehouse import Dataset
from yaomai.kit.warehouse.dataset import forget as forget_dataset

if TYPE_CHECKING:
    from yaomai.compliance.rulebook import Rulebook

Label = str | Promise
Given = Mapping[str, Any]
Load = Callable[[Given, Actor, "Rulebook"], Mapping[str, Any]]
KEYS = ("person", "professional", "institution", "department", "territory", "event", "place", "own", "count")
"""Ids that say what the act is about: sources read them, rules do not."""
EVERYWHERE = ("territory", "products", "noted_on", "roles", "territories", "days_back")
"""Facts of every act: where, of which products, noted when, and what follows from these."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a rule may ask of an act."""

    code: str
    type: FactType
    label: Label
    unit: str = ""
    choices: tuple[tuple[str, Label], ...] = ()
    help: Label = ""

    @property
    def is_key(self) -> bool:
        return self.code in KEYS or self.code == "noted_on"

    def shown(self, value: Any) -> Any:
        """Return a value in words: what choices are called, codes in a row."""
        names = {code: str(label) for code, label in self.choices}
        if isinstance(value, list | tuple | frozenset):
            return "、".join(names.get(str(each), str(each)) for each in value)
        return names.get(value, value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts come from. `load(given, actor, book)` returns each of `gives` on the day of the rule book."""

    name: str
    gives: tuple[str, ...]
    load: Load


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of act that the gate knows, with the facts it has and the mirror of those that were done."""

    code: str
    label: Label
    facts: tuple[str, ...]
    dataset: Dataset

    @property
    def sources(self) -> list[Source]:
        """Return what must be asked for its facts."""
        return [source for source in _sources.values() if not set(source.gives).isdisjoint(self.facts)]

    @property
    def given(self) -> frozenset[str]:
        """Return the facts that the act itself must bring."""
        computed = {name for source in self.sources for name in source.gives}
        return frozenset(self.facts) - computed


_facts: dict[str, Fact] = {}
_sources: dict[str, Source] = {}
_kinds: dict[str, Kind] = {}


def register_fact(fact: Fact) -> Fact:
    """Add a word to the vocabulary.

    Raises:
        ValueError: another fact has this code.
    """
    if _facts.setdefault(fact.code, fact) != fact:
        raise ValueError(f"fact {fact.code} is declared twice")
    return fact


def register_source(source: Source) -> None:
    """Say where facts come from."""
    _sources[source.name] = source


def register_kind(code: str, *, label: Label, facts: Sequence[str]) -> Kind:
    """Declare a kind of act with the facts it has, besides those of every act.

    Raises:
        KeyError: a fact that nobody declared.
        ValueError: the kind is declared twice.
    """
    if code in _kinds:
        raise ValueError(f"kind of act {code} is declared twice")
    named = tuple(dict.fromkeys((*EVERYWHERE, *facts)))
    kind = Kind(code, label, named, warehouse.register(_dataset(code, [_facts[name] for name in named])))
    _kinds[code] = kind
    return kind


def forget(code: str) -> None:
    """Take the declaration of a kind back."""
    forget_dataset(_kinds.pop(code).dataset.name)


def fact_of(code: str) -> Fact:
    """Return a fact.

    Raises:
        KeyError: there is none.
    """
    return _facts[code]


def facts() -> list[Fact]:
    """Return every fact that rules may ask for."""
    return [fact for fact in _facts.values() if not fact.is_key]


def types() -> dict[str, FactType]:
    """Return the type of every fact."""
    return {fact.code: fact.type for fact in _facts.values()}


def kind_of(code: str) -> Kind:
    """Return a kind.

    Raises:
        KeyError: no room brings it.
    """
    return _kinds[code]


def kinds() -> list[Kind]:
    """Return every kind that a room brings."""
    return list(_kinds.values())


def kind_label(code: str) -> str:
    """Return what a kind is called; one that no room brings yet has a name too, for rules speak of it already."""
    return str(_kinds[code].label if code in _kinds else FORESEEN.get(code, code))


FORESEEN: Mapping[str, Label] = {
    "visit": _("Academic visit"),
    "meeting": pgettext_lazy("compliance", "Meeting"),
    "information": _("Information passed on"),
    "transfer": _("Transfer of value"),
    "rebate": _("Rebate"),
    "referral": _("Referral reward"),
    "support": _("Professional support"),
    "provider": _("Engaging a third party"),
    "material": _("Use of material"),
    "export": _("Export of data"),
}
"""The acts that the shipped rules speak of."""


# As JSON and as columns -----------------------------------------------------------------------------------------


def kept(values: Given) -> dict[str, Any]:
    """Return facts as JSON keeps them."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, list | tuple | set | frozenset) else value


def restored(values: Given) -> dict[str, Any]:
    """Return kept facts as they were."""
    found = {}
    for name, value in values.items():
        is_number = name in _facts and _facts[name].type == "number" and value is not None
        found[name] = Decimal(str(value)) if is_number else value
    return found


_COLUMNS: Mapping[FactType, tuple[pa.DataType, str]] = {
    "number": (pa.decimal128(16, 2), "(facts->>'{0}')::numeric(16, 2)"),
    "text": (pa.string(), "facts->>'{0}'"),
    "flag": (pa.bool_(), "(facts->>'{0}')::boolean"),
    "codes": (
        pa.string(),
        "'|' || (SELECT string_agg(code, '|') FROM jsonb_array_elements_text(facts->'{0}') AS code) || '|'",
    ),
}


def _dataset(code: str, named: Sequence[Fact]) -> Dataset:
    """Return the mirror of the acts of a kind: what each was, its verdict then, and one column per fact."""
    columns = [fact for fact in named if fact.code != "noted_on"]
    selected = ", ".join(f'{_COLUMNS[fact.type][1].format(fact.code)} AS "{fact.code}"' for fact in columns)
    return Dataset(
        name=f"compliance.acts_{code}",
        label=_("Checked acts"),
        schema=pa.schema(
            [
                ("check_id", pa.int64()),
                ("happened_on", pa.date32()),
                ("territory_id", pa.int64()),
                ("outcome", pa.string()),
                *((fact.code, _COLUMNS[fact.type][0]) for fact in columns),
            ]
        ),
        sql='SELECT id AS check_id, "on" AS happened_on, territory_id, outcome, '  # noqa: S608 - names of our own
        f'{selected} FROM compliance_check WHERE kind = \'{code}\' AND "on" >= %(start)s AND "on" < %(end)s',
        month_column="happened_on",
        order=("happened_on", "check_id"),
        scope_column="territory_id",
        right="compliance.check:view",
    )


# Of every act ---------------------------------------------------------------------------------------------------


def _who_and_where(given: Given, actor: Actor, book: "Rulebook") -> Mapping[str, Any]:
    back: timedelta = (given.get("noted_on") or book.on) - book.on
    return {
        "roles": sorted({grant.role for grant in actor.grants if grant.role}),
        "territories": book.above.get(given.get("territory") or 0, ()),
        "days_back": back.days,
    }


def register() -> None:
    """Declare what every act has."""
    for code, label in (
        ("person", pgettext_lazy("organization", "Person")), ("professional", _("Professional")), ("institution", _("Institution")),
        ("department", _("Department")), ("territory", _("Territory")),
    ):  # fmt: skip
        register_fact(Fact(code, "number", label))
    register_fact(Fact("noted_on", "text", _("Noted on")))
    register_fact(Fact("products", "codes", _("Products"), help=_("Product codes")))
    register_fact(Fact("roles", "codes", _("Roles of whoever does it"), help=_("Role codes")))
    register_fact(Fact("territories", "codes", _("Territories"), help=_("Codes of the territory and of all above it")))
    register_fact(Fact("days_back", "number", _("Days between the act and its entry"), unit="days"))
    register_source(Source("who_and_where", ("roles", "territories", "days_back"), _who_and_where))
