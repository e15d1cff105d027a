"""Lists of target hospitals: saved as they were that day, assigned to positions, reviewed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Institution
from yaomai.insights import rules
from yaomai.insights.models import TargetItem, TargetList
from yaomai.insights.services.computing import compute_once
from yaomai.insights.targets import analysis, kept, selectors
from yaomai.kit.access import Actor, acting, require
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid
from yaomai.kit.jobs import JobHandle
from yaomai.kit.runs.models import Run
from yaomai.organization.models import Position
from yaomai.organization.selectors import actor_for

BATCH = 1000
RENEWED_WITHIN = timedelta(days=92)
"""Whoever looked at the quadrants this quarter finds them computed after the next month's sales flow."""


@act(
    "insights.quadrant:request",
    right="insights.quadrant:run",
    sentence=_("%(actor)s asked for the target hospitals as of %(as_of)s"),
)
def quadrants_request(*, actor: Actor, trail: Trail, focus: analysis.Focus, now: datetime) -> Any:
    """Ask for a run in the background; return its job."""
    from yaomai.insights.jobs import compute_quadrants

    job = compute_quadrants.defer(actor=actor, **kept.parameters(focus))
    trail.note(as_of=local_day(now).isoformat())
    return job


def quadrants_compute(*, actor: Actor, focus: analysis.Focus, as_of: date, job: JobHandle | None = None) -> Run:
    """Place the hospitals in view of the actor as of a day; equal inputs return the run that there is."""
    report = job.progress if job is not None else lambda *_args: None

    def compute(run: Run) -> dict[str, Any]:
        report(1, 3, _("Placing hospitals"))
        found, points = analysis.analyse(gathered)
        report(2, 3, _("Saving results"))
        kept.write(run, found, points)
        return {"hospitals": len(points)}

    with acting(actor):
        report(0, 3, _("Reading sales flow"))
        gathered = analysis.gather(focus, as_of=as_of)
        return compute_once(
            gathered, kind=kept.KIND, actor=actor, as_of=as_of, compute=compute, parameters=kept.parameters(focus)
        )


def quadrants_renew(*, actor: Actor, now: datetime, job: JobHandle | None = None) -> int:
    """Compute anew what people had computed of late, each as they see it today; return how many runs there were."""
    today = local_day(now)
    late = Run.unscoped.filter(kind=kept.KIND, state=Run.State.FINISHED, started_at__gt=now - RENEWED_WITHIN)
    asked = {
        (run.parameters["focus"], run.started_by_id): run.started_by
        for run in late.select_related("started_by").order_by("pk")
    }
    for number, ((focus, _person), person) in enumerate(asked.items()):
        if job is not None:
            job.progress(number, len(asked), _("Placing hospitals"))
        asker = actor if person is None else actor_for(person, on=today, at=now)
        if asker.may("insights.quadrant:run"):
            with acting(asker):
                chosen = selectors.focus_named(focus)
            quadrants_compute(actor=asker, focus=chosen, as_of=today)
    return len(asked)


@act(
    "insights.targetlist:create",
    sentence=_("%(actor)s saved the list of target hospitals %(target)s: %(count)s hospitals"),
)
def target_list_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    name: str,
    focus: analysis.Focus,
    quadrants: Sequence[str] = ("breakthrough",),
    region: str = "",
    review_on: date | None = None,
) -> TargetList:
    """Save the hospitals of some quadrants as the last run found them, the best first, as many as the policy takes.

    Raises:
        NotComputed: there is no run for these products and the hospitals in view, and the actor may not have one made.
        Missing: the actor may not see quadrants (X2).
        Invalid: no name, no quadrant, nothing to save, or a review in the past.
    """
    require(actor, analysis.SEE)
    today = local_day(now)
    wrong: dict[str, list[Any]] = {}
    if not name.strip():
        wrong["name"] = [_("Give the list a name.")]
    if not quadrants or set(quadrants) - set(rules.QUADRANTS):
        wrong["quadrants"] = [_("Choose from the list.")]
    if review_on is not None and review_on < today:
        wrong["review_on"] = [_("The day lies in the past.")]
    if wrong:
        raise Invalid(fields=wrong)
    last = kept.last(focus)
    if last is None and actor.may("insights.quadrant:run"):  # a program saves without having looked first
        quadrants_compute(actor=actor, focus=focus, as_of=today)
        last = kept.last(focus)
    if last is None:
        raise kept.NotComputed
    found = last.analysis
    taken, count = last.points(quadrants=quadrants, region=region, most=found.policy.most_saved)
    if not taken:
        raise Invalid(_("No hospital stands in these quadrants: there is nothing to save."))
    due = review_on or today + timedelta(days=found.policy.review_days)
    (begin, end), (before, before_end) = found.periods()
    row = TargetList(
        name=name.strip(), product=focus.product, product_line=focus.line, as_of=found.as_of, review_on=due,
        made_by_id=actor.person_id, created_at=now, updated_at=now,
        inputs={
            "sales_flow": found.fingerprint, "policies": dict(found.versions), "quadrants": list(quadrants),
            "region": region, "growth_cut": str(found.policy.growth_cut), "match_cut": found.policy.match_cut,
            "periods": [str(day) for day in (begin, end, before, before_end)], "found": count, "taken": len(taken),
        },
    )  # fmt: skip
    save(row)
    TargetItem.unscoped.bulk_create(_items(row, found, taken, now), batch_size=BATCH)
    trail.note(row, changes={"items": (None, len(taken))}, count=len(taken))
    return row


def _items(
    row: TargetList, found: analysis.Analysis, points: Sequence[analysis.Point], now: datetime
) -> list[TargetItem]:
    standing = merging.hold(Institution, [point.institution for point in points])
    made: dict[int, TargetItem] = {}
    for point in points:
        growth, place = found.growth_of(point), found.places[point.region]
        assert growth.rate is not None  # without usable growth there is no quadrant
        key = standing[point.institution]
        made.setdefault(
            key,
            TargetItem(
                target_list=row, institution_id=key, product_id=point.product, region_id=place.pk,
                quadrant=point.quadrant, growth=growth.rate, basis=growth.basis, is_narrow=growth.standing == "narrow",
                match=point.match.points, rules=list(point.rules), review_on=row.review_on, updated_at=now,
                parts={"department": point.match.department, "patients": point.match.patients,
                       "grade": point.match.grade},
            ),
        )  # fmt: skip
    return list(made.values())


@act(
    "insights.targetlist:update", right="insights.targetlist:edit", sentence=_("%(actor)s changed the list %(target)s")
)
def target_list_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> TargetList:
    """Change name or review day; what was found that day stays.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    row = locked(TargetList, pk, expected_version=expected_version)
    require_open(row)
    differing = change(row, changes, allowed=("name", "review_on"))
    touch(row, now)
    save(row, fields=differing)
    trail.note(row, changes=differing)
    return row


@act("insights.targetlist:archive", sentence=_("%(actor)s closed the list of target hospitals %(target)s"))
def target_list_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> TargetList:
    """Close a list; it and its decisions stay as history."""
    row = locked(TargetList, pk, verb="archive", expected_version=expected_version)
    require_open(row)
    row.archived_at = now
    touch(row, now)
    save(row, fields=["archived_at"])
    trail.note(row, changes={"archived_at": (None, now)})
    return row


@act(
    "insights.targetitem:assign",
    right="insights.targetitem:edit",
    sentence=_("%(actor)s assigned %(count)s target hospitals to %(position)s"),
)
def target_items_assign(
    *, actor: Actor, trail: Trail, pks: Sequence[int], position: Position | None, now: datetime
) -> int:
    """Give hospitals to a position, or to nobody; return how many.

    Raises:
        Invalid: the position is closed.
    """
    today = local_day(now)
    if position is not None and position.valid_to is not None and position.valid_to <= today:
        raise Invalid(fields={"position": [_("The position is closed.")]})
    reach: Any = TargetItem.objects.all()
    items = list(
        reach.allowed("insights.targetitem:edit")
        .select_for_update(of=("self",))
        .filter(pk__in=pks, target_list__archived_at=None)
        .order_by("pk")
    )
    for item in items:
        item.position = position
        touch(item, now)
    TargetItem.unscoped.bulk_update(items, ["position", "version", "updated_at"], batch_size=BATCH)
    trail.note(
        count=len(items), position=str(position) if position is not None else "–",
        items=[item.pk for item in items],
    )  # fmt: skip
    return len(items)


@act(
    "insights.targetitem:review",
    sentence=_("%(actor)s reviewed the target hospital %(target)s: %(decision)s, %(reason)s"),
)
def target_item_review(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    decision: str,
    reason: str,
    now: datetime,
    review_on: date | None = None,
    expected_version: int | None = None,
) -> TargetItem:
    """Keep a hospital on its list, or drop it, with the reason; a kept one is due again on a day.

    Raises:
        Missing, Stale.
        Archived: the list is closed.
        Invalid: no decision, no reason, or a review in the past.
    """
    item = locked(TargetItem, pk, verb="review", expected_version=expected_version)
    require_open(item.target_list)
    wrong: dict[str, list[Any]] = {}
    if decision not in (TargetItem.Decision.KEPT, TargetItem.Decision.DROPPED):
        wrong["decision"] = [_("Choose from the list.")]
    if not reason.strip():
        wrong["reason"] = [_("Say why, so that the next review can learn from it.")]
    if review_on is not None and review_on <= local_day(now):
        wrong["review_on"] = [_("Choose a day to come.")]
    if wrong:
        raise Invalid(fields=wrong)
    before = item.decision
    item.decision, item.reason = TargetItem.Decision(decision), reason.strip()[:300]
    item.review_on = review_on or item.review_on
    item.decided_at, item.decided_by_id = now, actor.person_id
    touch(item, now)
    save(item, fields=["decision", "reason", "review_on", "decided_at", "decided_by"])
    trail.note(item, changes={"decision": (before, decision)}, decision=item.get_decision_display(), reason=item.reason)
    return item
