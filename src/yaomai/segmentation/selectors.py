"""Read tiers: of a customer, of all customers in view, across schemes, over time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution, Professional
from yaomai.engine.scorecards import SchemeSpec, Tier
from yaomai.kit.access import Actor
from yaomai.kit.errors import Missing
from yaomai.kit.explain import PolicyReference
from yaomai.kit.memo import once_a_page
from yaomai.kit.policies.models import Version
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_in_force, run_newest
from yaomai.kit.ui.tables import Tier as TierChip
from yaomai.organization.models import Role, on_day
from yaomai.segmentation import KIND, results
from yaomai.segmentation.inputs import applies
from yaomai.segmentation.models import Assessment, Subject, TierAssignment, TierChange
from yaomai.segmentation.policies import SCHEME_POLICIES, SchemePolicy, ServicePolicy, TierService

VIEW = "segmentation.tier:view"
PURCHASES = "commerce.salesline:view"
"""Who may see purchases; not a rep with an active filing, whatever the position says."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme as the run in force used it, for one subject."""

    name: str
    subject: str
    label: str
    policy: type[SchemePolicy]
    spec: SchemeSpec

    @property
    def title(self) -> str:
        """Return the label, with the subject where the scheme classifies institutions and professionals."""
        if not all(applies(self.spec, subject) for subject in Subject.values):
            return self.label
        return _("%(scheme)s: %(subject)s") % {"scheme": self.label, "subject": Subject(self.subject).label}

    @property
    def key(self) -> str:
        """Return what names the scheme and subject in an address."""
        return f"{self.name}.{self.subject}"

    def tier(self, name: str) -> Tier | None:
        return next((tier for tier in self.spec.tiers if tier.name == name), None)

    @property
    def note(self) -> str:
        """Return what the scheme says of itself in the reader's language."""
        return self.spec.note.in_language(language())

    def tier_label(self, name: str | None) -> str:
        """Return a tier's name in the reader's language."""
        tier = self.tier(name) if name is not None else None
        return tier.label.in_language(language()) if tier is not None else name or "–"

    def chip(self, name: str, *, why_url: str = "", with_scheme: bool = False) -> TierChip:
        """Return the tier as a chip: its rank among the scheme's tiers is its depth."""
        names = [tier.name for tier in self.spec.tiers]
        rank = names.index(name) + 1 if name in names else 0
        scheme = self.label if with_scheme else ""
        return TierChip(self.tier_label(name), rank, len(names), scheme, why_url)


@dataclass(frozen=True, slots=True)
class TierCount:
    """A tier in figures, as far as the reader sees customers and money."""

    tier: Tier
    label: str
    customers: int
    share: float
    amount: Decimal | None
    service: TierService | None


@dataclass(frozen=True, slots=True)
class Distribution:
    """The customers of a scheme by tier, best first."""

    scheme: Scheme
    tiers: list[TierCount]
    customers: int

    @property
    def amount(self) -> Decimal | None:
        """Return the money of all tiers; None where the reader does not see it, or nobody bought."""
        amounts = [each.amount for each in self.tiers if each.amount is not None]
        return sum(amounts, Decimal(0)) or None


@dataclass(frozen=True, slots=True)
class Balance:
    """A customer that gets less or more than its tier is owed."""

    assignment: TierAssignment
    owed: int
    given: float
    ratio: float

    @property
    def customer(self) -> Any:
        return self.assignment.institution or self.assignment.professional


@dataclass(slots=True)
class BalanceSheet:
    """Who is over- and under-served in a scheme, the largest gaps first; `unknown` have no contacts on record."""

    under: list[Balance] = field(default_factory=list)
    over: list[Balance] = field(default_factory=list)
    under_served: int = 0
    """How many in all; `under` holds the largest gaps only, `over` likewise."""
    over_served: int = 0
    right: int = 0
    unknown: int = 0


def language() -> str:
    """Return "zh" or "en"."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def model_of(subject: str) -> type[Institution] | type[Professional]:
    """Return the customers that a subject names."""
    return Institution if subject == Subject.INSTITUTION else Professional


@once_a_page
def schemes(run: Run | None) -> list[Scheme]:
    """Return every scheme for every subject it classifies, as the run used it, else as declared."""
    found = []
    for declared in SCHEME_POLICIES:
        for subject in Subject.values:
            if run is not None and declared.scheme in run.result.get("subjects", {}).get(subject, {}):
                spec = results.scheme(run.pk, subject, declared.scheme).spec
            else:
                spec = declared().spec
            if applies(spec, subject):
                found.append(Scheme(declared.scheme, subject, spec.label.in_language(language()), declared, spec))
    return found


def scheme_named(run: Run | None, name: str, subject: str | None = None) -> Scheme | None:
    """Return one scheme, for the given subject or the first it classifies."""
    return next((s for s in schemes(run) if s.name == name and subject in (None, s.subject)), None)


def scheme_in_use(name: str, subject: str | None = None) -> Scheme:
    """Return one scheme of the run in force, or of the last that nobody has published yet.

    Raises:
        Missing: there is none of this name.
    """
    found = scheme_named(latest_run(), name, subject)
    if found is None:
        raise Missing
    return found


def policy_reference(run: Run, scheme: Scheme) -> PolicyReference:
    """Return who decided the figures of a scheme in a run."""
    number = run.policies.get(scheme.policy.name)
    version = Version.unscoped.filter(name=scheme.policy.name, number=number).first() if number else None
    return PolicyReference(
        name=scheme.policy.name,
        label=str(scheme.policy.label),
        version=number,
        valid_from=version.valid_from if version is not None else None,
        origin=scheme.spec.origin,
    )


def current(subject: str) -> Any:
    """Return the assignments in force of a subject that the actor may see."""
    return TierAssignment.objects.filter(valid_to__isnull=True, **{f"{subject}__isnull": False})


def held_on(subject: str, day: date) -> Any:
    """Return the assignments of a subject that were in force on a day and that the actor may see."""
    return TierAssignment.objects.filter(on_day(day), **{f"{subject}__isnull": False})


def sees_purchases(customer: Institution | Professional) -> bool:
    """Tell whether the current actor may see what this very customer buys."""
    return bool(type(customer).objects.allowed(PURCHASES).filter(pk=customer.pk).exists())


def distributions(*, actor: Actor, run: Run | None, service: ServicePolicy) -> list[Distribution]:
    """Return how the customers in view spread over the tiers of every scheme.

    Money is that of all customers: it is there for those only who may see all purchases.
    """
    is_whole = all(actor.may(right) and actor.reach(right) is None for right in (VIEW, PURCHASES))
    counted: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for subject in Subject.values:
        rows = current(subject).values_list("scheme", "tier").annotate(customers=Count("pk"))
        for name, tier, customers in rows:
            counted[subject, name][tier] = customers
    found = []
    for scheme in schemes(run):
        counts = counted[scheme.subject, scheme.name]
        total = sum(counts.values())
        summary = (run.result["subjects"].get(scheme.subject, {}).get(scheme.name, {}) if run else {}) or {}
        found.append(
            Distribution(
                scheme,
                [
                    TierCount(
                        tier=tier,
                        label=tier.label.in_language(language()),
                        customers=counts.get(tier.name, 0),
                        share=counts.get(tier.name, 0) / total if total else 0.0,
                        amount=_amount(summary, tier.name) if is_whole else None,
                        service=service.of(scheme.name, tier.name),
                    )
                    for tier in scheme.spec.tiers
                ],
                total,
            )
        )
    return found


def _amount(summary: Mapping[str, Any], tier: str) -> Decimal | None:
    found = summary.get(tier)
    return Decimal(found["amount"]) if found else None


def movements(scheme: Scheme, *, since: date) -> list[tuple[str | None, str, int]]:
    """Return (tier before, tier now, customers) of the customers in view whose tier began on or after a day."""
    owner = scheme.subject
    before = (
        TierAssignment.unscoped.filter(
            scheme=OuterRef("scheme"), valid_to=OuterRef("valid_from"), **{f"{owner}_id": OuterRef(f"{owner}_id")}
        )
        .order_by("-pk")
        .values("tier")[:1]
    )
    rows = (
        current(owner)
        .filter(scheme=scheme.name, valid_from__gte=since)
        .annotate(before=Subquery(before))
        .values_list("before", "tier")
        .annotate(customers=Count("pk"))
    )
    return [(old, new, customers) for old, new, customers in rows if old != new]


def crosswalk(first: Scheme, second: Scheme) -> dict[tuple[str, str], int]:
    """Return how many customers in view hold which pair of tiers in two schemes of one subject."""
    owner = first.subject
    other = TierAssignment.unscoped.filter(
        scheme=second.name, valid_to__isnull=True, **{f"{owner}_id": OuterRef(f"{owner}_id")}
    ).values("tier")[:1]
    rows = (
        current(owner)
        .filter(scheme=first.name)
        .annotate(other=Subquery(other))
        .exclude(other=None)
        .values_list("tier", "other")
        .annotate(customers=Count("pk"))
    )
    return {(mine, theirs): customers for mine, theirs, customers in rows}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Customers in the upper half of one scheme and the lower half of the other."""

    share: float
    largest: tuple[str, str, int] | None
    """Tier of the first scheme, tier of the second, customers: the pair with the most of them."""


def disagreement(first: Scheme, second: Scheme, pairs: Mapping[tuple[str, str], int]) -> Disagreement:
    """Return how far two schemes disagree about the customers in view."""

    def is_upper(scheme: Scheme, tier: str) -> bool:
        names = [each.name for each in scheme.spec.tiers]
        return tier in names and names.index(tier) < len(names) / 2

    total = sum(pairs.values())
    apart = [(*pair, count) for pair, count in pairs.items() if is_upper(first, pair[0]) != is_upper(second, pair[1])]
    return Disagreement(
        share=sum(count for _mine, _theirs, count in apart) / total if total else 0.0,
        largest=max(apart, key=lambda each: each[2], default=None),
    )


def tiers_of(subject: str, customers: Iterable[int]) -> dict[int, dict[str, TierAssignment]]:
    """Return the tiers in force of some customers, by customer and scheme. One query."""
    rows = current(subject).filter(**{f"{subject}_id__in": list(customers)})
    found: dict[int, dict[str, TierAssignment]] = defaultdict(dict)
    for row in rows:
        found[getattr(row, f"{subject}_id")][row.scheme] = row
    return found


def tiers_on(subject: str, customer: int, day: date) -> dict[str, TierAssignment]:
    """Return the tiers that a customer held on a day, by scheme."""
    return {row.scheme: row for row in held_on(subject, day).filter(**{f"{subject}_id": customer})}


def history(subject: str, customer: int) -> list[TierAssignment]:
    """Return all tiers a customer ever held, newest first; those that never held a whole day are left out."""
    rows = TierAssignment.objects.filter(**{f"{subject}_id": customer}).exclude(valid_to=F("valid_from"))
    return list(rows.select_related("run", "change").order_by("-valid_from", "scheme"))


@dataclass(frozen=True, slots=True)
class Scored:
    """What a published run gave a customer in a scheme."""

    run: Run
    score: float
    rank: int | None
    """None when nothing was known of the customer."""
    tier: str


def score_history(scheme: Scheme, customer: int, *, most: int = 12) -> list[Scored]:
    """Return a customer's scores of the latest published runs, oldest first, one for each day that runs show."""
    runs = Run.unscoped.filter(kind=KIND, published_at__isnull=False).order_by("-as_of", "-pk")[: most * 2]
    found: dict[date, Scored] = {}
    for run in runs:
        if run.as_of not in found and len(found) < most:
            try:
                row = results.row(run.pk, scheme.subject, scheme.name, customer)
            except Missing:
                continue
            rank = row["rank"] if row["ranked"] else None
            found[run.as_of] = Scored(run, row["score"], rank, str(row["tier"]))
    return [found[day] for day in sorted(found)]


def balance(scheme: Scheme, service: ServicePolicy, *, most: int = 20) -> BalanceSheet:
    """Return who gets less or more contacts than the tier is owed, among the customers in view."""
    owner = scheme.subject
    contacts = Assessment.unscoped.filter(
        attribute="contacts_12m", superseded_at__isnull=True, **{f"{owner}_id": OuterRef(f"{owner}_id")}
    ).values("value")[:1]
    owed = {tier.name: service.of(scheme.name, tier.name) for tier in scheme.spec.tiers}
    sheet = BalanceSheet()
    rows = (
        current(owner)
        .filter(Q(tier__in=[name for name, entry in owed.items() if entry is not None]), scheme=scheme.name)
        .annotate(contacts=Subquery(contacts))
        .select_related(owner)
    )
    for row in rows.iterator(chunk_size=2000):
        entry = owed[row.tier]
        if row.contacts is None or entry is None or entry.contacts == 0:
            sheet.unknown += 1
            continue
        item = Balance(row, entry.contacts, float(row.contacts), float(row.contacts) / entry.contacts)
        if item.ratio < float(service.under_served):
            sheet.under.append(item)
        elif item.ratio > float(service.over_served):
            sheet.over.append(item)
        else:
            sheet.right += 1
    sheet.under.sort(key=lambda item: item.given - item.owed)
    sheet.over.sort(key=lambda item: item.owed - item.given)
    sheet.under_served, sheet.over_served = len(sheet.under), len(sheet.over)
    del sheet.under[most:], sheet.over[most:]
    return sheet


def assessments(subject: str, customer: int) -> dict[str, Assessment]:
    """Return the present assessments of a customer by attribute."""
    rows = Assessment.objects.filter(superseded_at__isnull=True, **{f"{subject}_id": customer})
    return {row.attribute: row for row in rows.select_related("recorded_by")}


def latest_run() -> Run | None:
    """Return the run in force, else the last finished one, which nobody has published yet."""
    return run_in_force(KIND) or run_newest(KIND)


def change_words(change: TierChange) -> dict[str, Any]:
    """Return scheme and tiers of a change as people call them."""
    scheme = scheme_named(run_in_force(KIND), change.scheme, change.subject)
    if scheme is None:
        return {"scheme": change.scheme, "before": change.tier_before, "after": change.tier}
    before, after = scheme.tier_label(change.tier_before), scheme.tier_label(change.tier)
    return {"scheme": scheme.label, "before": before, "after": after}


def service_words(kept: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a tier is served with, as it was kept with a decision, as labels and words."""
    role = Role.unscoped.filter(code=kept.get("owner_role", "")).first()
    budget = kept.get("budget")
    return [
        (_("Service level"), kept.get(f"level_{language()}", "")),
        (_("Owner role"), str(role) if role is not None else kept.get("owner_role", "")),
        (_("Contacts per year"), str(kept.get("contacts", ""))),
        (_("Budget per year"), f"¥{Decimal(budget):,.0f}" if budget is not None else ""),
    ]
