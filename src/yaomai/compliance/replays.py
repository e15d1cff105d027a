"""What would fail today: rules asked again over acts that were done, by the million, from the mirror."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yaomai.compliance import rulebook, vocabulary
from yaomai.compliance.models import Check, Outcome, Rule
from yaomai.compliance.rulebook import Rulebook
from yaomai.engine import rulebook as engine
from yaomai.kit import warehouse
from yaomai.kit.access import Actor

MOST_EXAMPLES = 20
GRAVITY = {Outcome.ALLOW: 0, Outcome.NEEDS_APPROVAL: 1, Outcome.REFUSE: 2}


@dataclass(frozen=True, slots=True)
class KindResult:
    """How the acts of one kind fare under a rule book."""

    kind: str
    acts: int
    refused: int
    newly_refused: int
    """Refused now and not then."""
    newly_approved: int
    """In need of an approval now and of none then."""
    struck: tuple[tuple[Rule, int], ...]
    """Rules that strike, with how many acts, the most first."""
    examples: tuple[int, ...]
    """Ids of checks that are refused now and were not, newest first."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A rule book over past acts."""

    book: Rulebook
    kinds: tuple[KindResult, ...]

    @property
    def acts(self) -> int:
        return sum(each.acts for each in self.kinds)

    @property
    def newly_refused(self) -> int:
        return sum(each.newly_refused for each in self.kinds)

    @property
    def newly_approved(self) -> int:
        return sum(each.newly_approved for each in self.kinds)

    @property
    def refused(self) -> int:
        return sum(each.refused for each in self.kinds)

    @property
    def struck(self) -> list[tuple[Rule, int]]:
        """Rules that strike anything, over all kinds, the most first."""
        found: dict[int, tuple[Rule, int]] = {}
        for each in self.kinds:
            for rule, count in each.struck:
                found[id(rule)] = (rule, found.get(id(rule), (rule, 0))[1] + count)
        return sorted(found.values(), key=lambda pair: -pair[1])

    def examples(self) -> list[Check]:
        """Return acts that are refused now and were not, as far as the actor sees them."""
        ids = [pk for each in self.kinds for pk in each.examples]
        return list(Check.objects.filter(pk__in=ids).select_related("person").order_by("-on", "-pk")[:MOST_EXAMPLES])


def replay(
    book: Rulebook,
    *,
    actor: Actor,
    start: date | None = None,
    end: date | None = None,
    kinds: Iterable[str] | None = None,
) -> Replay:
    """Ask the rules of a book again about the acts of a half-open period in the actor's reach, of all kinds or of some.

    The facts are those that were kept with each act.
    """
    from yaomai.engine.backends import connected

    reach = actor.reach(Check.right("view"))
    wanted = None if kinds is None else frozenset(kinds)
    chosen = [kind for kind in vocabulary.kinds() if wanted is None or kind.code in wanted]
    snapshots = warehouse.snapshots(*(kind.dataset for kind in chosen)) if chosen else {}
    found = []
    with connected() as connection:
        for kind in chosen:
            files = [str(path) for path in snapshots[kind.dataset.name].files(start=start, end=end)]
            if files:
                acts = connection.read_parquet(files, table_name=f"acts_{kind.code}")
                if start is not None:
                    acts = acts.filter(acts.happened_on >= start)
                if end is not None:
                    acts = acts.filter(acts.happened_on < end)
                if reach is not None:
                    acts = acts.filter(acts.territory_id.isin(sorted(reach)))
                found.append(judged(kind.code, acts, book))
    return Replay(book, tuple(found))


def judged(kind: str, acts: Any, book: Rulebook) -> KindResult:
    """Return how acts of a kind fare: two passes over them, one that counts and one for the examples."""
    import ibis

    rules = book.plain(kind)
    judged = engine.replayed(acts, rules, vocabulary.types())
    then = ibis.cases(*((judged.outcome == outcome, gravity) for outcome, gravity in GRAVITY.items()), else_=0)
    newly = (judged.gravity == 2) & (then < 2)
    counted = judged.aggregate(
        acts=judged.count(),
        refused=(judged.gravity == 2).sum(),
        newly_refused=newly.sum(),
        newly_approved=((judged.gravity == 1) & (then == 0)).sum(),
        **{f"n_{number}": judged[f"strikes_{number}"].sum() for number in range(len(rules))},
    )
    (line,) = counted.to_pyarrow().to_pylist()
    examples: Sequence[int] = ()
    if line["newly_refused"]:
        shown = judged.filter(newly).order_by(ibis.desc("happened_on"), ibis.desc("check_id")).limit(MOST_EXAMPLES)
        examples = shown.check_id.to_pyarrow().to_pylist()
    by_code = {rule.code: rule for rule in book.rules}
    struck = [(by_code[rule.code], int(line[f"n_{number}"] or 0)) for number, rule in enumerate(rules)]
    return KindResult(
        kind=kind,
        acts=int(line["acts"]),
        refused=int(line["refused"] or 0),
        newly_refused=int(line["newly_refused"] or 0),
        newly_approved=int(line["newly_approved"] or 0),
        struck=tuple(sorted((pair for pair in struck if pair[1]), key=lambda pair: -pair[1])),
        examples=tuple(examples),
    )


def with_packs(packs: Iterable[str], *, on: date) -> Rulebook:
    """Return the rule book of a day as it would be with other packs switched on."""
    wanted = frozenset(packs) | {"law"}
    return rulebook.of_rules(rulebook.in_force(on=on, packs=wanted), on=on, packs=wanted)


def with_rule(rule: Rule, *, on: date) -> Rulebook:
    """Return the rule book of a day as it would be with a proposed version of a rule in force."""
    packs = rulebook.on_day(on).packs | {rule.pack}
    others = [each for each in rulebook.in_force(on=on, packs=packs) if each.code != rule.code]
    return rulebook.of_rules([*others, rule], on=on, packs=packs)
