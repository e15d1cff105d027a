"""Try a scheme on real customers before it is in force: who moves, how much money, how many visits and yuan."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from yaomai.customers.models import Institution, Professional
from yaomai.engine.inputs import METRICS
from yaomai.engine.population import Population
from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.scoring import SchemeResult, evaluate_population
from yaomai.engine.simulation import Comparison, compare, sample, tier_order
from yaomai.kit.access import Actor
from yaomai.kit.memo import kept
from yaomai.kit.runs.models import Run
from yaomai.segmentation import results
from yaomai.segmentation.models import Subject
from yaomai.segmentation.policies import ServicePolicy
from yaomai.segmentation.selectors import PURCHASES, VIEW, Scheme, schemes

SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class TierCost:
    """How many customers a tier has, before and after, and what each of them is owed in a year."""

    tier: str
    customers_before: int
    customers_after: int
    contacts: int
    budget: Decimal

    @property
    def contacts_more(self) -> int:
        """How many contacts a year this tier takes more than before."""
        return (self.customers_after - self.customers_before) * self.contacts


@dataclass(frozen=True, slots=True)
class Cost:
    """What serving all customers of a scheme takes in a year, before and after, tier by tier."""

    tiers: tuple[TierCost, ...]

    @property
    def contacts_before(self) -> int:
        return sum(each.customers_before * each.contacts for each in self.tiers)

    @property
    def contacts_after(self) -> int:
        return sum(each.customers_after * each.contacts for each in self.tiers)

    @property
    def budget_before(self) -> Decimal:
        return sum((each.customers_before * each.budget for each in self.tiers), Decimal(0))

    @property
    def budget_after(self) -> Decimal:
        return sum((each.customers_after * each.budget for each in self.tiers), Decimal(0))


@dataclass(frozen=True, slots=True)
class Simulation:
    """A scheme as proposed, against the scheme in force, on the customers of a run that the actor may see."""

    run: Run
    before: SchemeSpec
    after: SchemeSpec
    comparison: Comparison
    customers: int
    is_sample: bool
    cost: Cost


def simulate(
    *, actor: Actor, run: Run, subject: str, spec: SchemeSpec, service: ServicePolicy, exact: bool = True
) -> Simulation:
    """Compute a draft on the inputs of a run and compare; `exact=False` takes a sample first.

    Ranks are those among all customers; flows, movers and money are those of the customers in the actor's view.

    Raises:
        Missing: the run does not know the scheme or subject.
        InconsistentScheme: the draft makes no sense.
    """
    stored = results.scheme(run.pk, subject, spec.name)
    draft = draft_result(run, subject, spec, exact=exact)
    before = results.table(run.pk, subject, spec.name, ["customer", "tier", "score", "rank"])
    if not exact:
        before = evaluate_population(_population(run.pk, subject, exact=False), [stored.spec], as_of=run.as_of)[
            spec.name
        ].table
    after = draft.table.select(["customer", "tier", "score", "rank"])
    rights = (VIEW, PURCHASES) if reads_purchases(spec) else (VIEW,)
    visible = visible_customers(actor, subject, *rights)
    if visible is not None:
        before, after = _only(before, visible), _only(after, visible)
    found = compare(before, after, tiers=tier_order(stored.spec, spec), amounts=_amounts(run.pk, subject))
    return Simulation(
        run=run,
        before=stored.spec,
        after=spec,
        comparison=found,
        customers=after.num_rows,
        is_sample=not exact,
        cost=_cost(found, tier_order(spec, stored.spec), spec.name, service),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """How many customers of a scheme a run lifts or lowers against the run in force."""

    scheme: Scheme
    risen: int
    fallen: int
    other: int
    """Came into the scheme, left it, or changed to a tier that only one of the runs has."""
    stays: int


def changes(*, actor: Actor, run: Run, current: Run) -> list[Change]:
    """Compare a finished run with the run in force, scheme by scheme, on the customers that the actor may see."""
    in_force = {(scheme.name, scheme.subject) for scheme in schemes(current)}
    visible = {subject: visible_customers(actor, subject, VIEW) for subject in Subject.values}
    found = []
    for scheme in schemes(run):
        if (scheme.name, scheme.subject) not in in_force:
            continue
        before, after = (
            results.table(each.pk, scheme.subject, scheme.name, ["customer", "tier", "score", "rank"])
            for each in (current, run)
        )
        seen = visible[scheme.subject]
        if seen is not None:
            before, after = _only(before, seen), _only(after, seen)
        stored = results.scheme(current.pk, scheme.subject, scheme.name)
        compared = compare(before, after, tiers=tier_order(stored.spec, scheme.spec))
        moved = compared.movers.num_rows
        found.append(
            Change(
                scheme,
                risen=compared.risen,
                fallen=compared.fallen,
                other=moved - compared.risen - compared.fallen,
                stays=sum(flow.customers for flow in compared.flows) - moved,
            )
        )
    return found


def draft_result(run: Run, subject: str, spec: SchemeSpec, *, exact: bool = True) -> SchemeResult:
    """Return what a draft makes of the inputs of a run."""
    from yaomai.engine.consistency import require_consistent

    require_consistent(spec)
    return evaluate_population(_population(run.pk, subject, exact=exact), [spec], as_of=run.as_of)[spec.name]


@kept(most=2)
def _population(run_id: int, subject: str, *, exact: bool) -> Population:
    """Return the customers of a run in memory; kept, because a slider asks again and again."""
    inputs = results.table(run_id, subject, "inputs")
    return Population(inputs if exact else sample(inputs, size=SAMPLE))


def reads_purchases(spec: SchemeSpec) -> bool:
    """Tell whether a scheme reads the sales flow: what it would change then tells who buys how much."""
    return any(name in METRICS for name in spec.input_names())


def visible_customers(actor: Actor, subject: str, *rights: str) -> pa.Array | None:
    """Return the customers on whom the actor holds all of the rights; None is everybody."""
    if all(actor.may(right) and actor.reach(right) is None for right in rights):
        return None
    model: type[Institution] | type[Professional] = Institution if subject == Subject.INSTITUTION else Professional
    rows = model.objects.all()
    for right in rights:
        rows = rows.allowed(right)
    return pa.array(rows.values_list("pk", flat=True), pa.int64())


def _only(table: pa.Table, customers: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["customer"], customers))


def _amounts(run_id: int, subject: str) -> pa.Table | None:
    inputs = results.table(run_id, subject, "inputs")
    return inputs.select(["customer", "amount_12m"]) if "amount_12m" in inputs.column_names else None


def _cost(found: Comparison, tiers: Sequence[str], scheme: str, service: ServicePolicy) -> Cost:
    before, after = Counter[str](), Counter[str]()
    for flow in found.flows:
        if flow.before is not None:
            before[flow.before] += flow.customers
        if flow.after is not None:
            after[flow.after] += flow.customers
    costs = []
    for tier in tiers:
        owed = service.of(scheme, tier)
        costs.append(
            TierCost(
                tier,
                before[tier],
                after[tier],
                contacts=owed.contacts if owed is not None else 0,
                budget=owed.budget if owed is not None else Decimal(0),
            )
        )
    return Cost(tuple(costs))
