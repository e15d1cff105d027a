"""Customer value reports: asked for, filled, kept."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution
from yaomai.insights.models import ValueReport
from yaomai.insights.policies import ValuePolicy
from yaomai.insights.value import reckoning
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Invalid
from yaomai.kit.policies.selectors import policy_on

MOST_AT_ONCE = 200
"""More customers than that are computed by a job: nobody waits longer than some seconds for an answer."""


@act(
    "insights.valuereport:create",
    sentence=_("%(actor)s asked for the customer value report %(target)s of %(count)s customers"),
)
def value_report_create(
    *, actor: Actor, trail: Trail, pks: Sequence[int], title: str, selection: str, now: datetime
) -> ValueReport:
    """Make the report of some institutions; of many in the background, then its rows are null until it is done.

    Raises:
        Invalid: there is nobody among them whose purchases the actor may see, or more than the policy allows.
    """
    today = local_day(now)
    policy, _version = policy_on(ValuePolicy, on=today)
    seen: Any = Institution.objects.filter(pk__in=pks)
    keys = list(seen.allowed(reckoning.PURCHASES).order_by("pk").values_list("pk", flat=True))
    if not keys:
        raise Invalid(_("Choose customers whose purchases you may see."))
    if len(keys) > policy.most:
        raise Invalid(_("At most %(most)s customers fit into one report. Narrow the list first."), most=policy.most)
    report = ValueReport.unscoped.create(
        title=title[:120], selection=selection[:300], as_of=today, institutions=keys, customers=len(keys),
        made_by_id=actor.person_id, created_at=now,
    )  # fmt: skip
    trail.note(report, count=len(keys))
    if len(keys) <= MOST_AT_ONCE:
        _fill(report)
    else:
        from yaomai.insights.jobs import make_value_report

        make_value_report.defer(actor=actor, report=report.pk)
    return report


@act("insights.valuereport:fill", right="insights.valuereport:create", sentence=_("%(target)s was computed"))
def value_report_fill(*, actor: Actor, trail: Trail, pk: int) -> ValueReport:
    """Compute a report that was asked for; one that is done stays as it is.

    Raises:
        Missing: it is not the actor's.
    """
    report = get_visible(ValueReport, pk=pk)
    trail.note(report)
    if report.rows is None:
        _fill(report)
    return report


def _fill(report: ValueReport) -> None:
    found = reckoning.values_of(report.institutions, as_of=report.as_of)
    report.rows, report.inputs = [asdict(row) for row in found.rows], found.inputs
    report.save(update_fields=["rows", "inputs"])
