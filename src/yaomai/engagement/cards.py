"""What engagement brings to boards: visits, whether they count, what they were about, adverse events heard of."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yaomai.engagement.models import AdverseEvent, Visit
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, Source, Sum, register_card, register_source

VISITS, CONTENTS = "engagement.visits", "engagement.contents"
VIEW = "engagement.visit:view"
_VISITS = """
SELECT date_trunc('month', "on")::date, territory_id, validity, 0, count(*) FROM engagement_visit
WHERE archived_at IS NULL AND "on" >= %(start)s AND "on" < %(end)s GROUP BY 1, 2, 3
"""
_CONTENTS = """
SELECT date_trunc('month', "on")::date, territory_id, content_type, 0, count(*) FROM engagement_visit
WHERE archived_at IS NULL AND validity = 'valid' AND "on" >= %(start)s AND "on" < %(end)s GROUP BY 1, 2, 3
"""
ACADEMIC = tuple(each.value for each in Visit.ContentType if each != Visit.ContentType.RELATIONSHIP)


def _validities(keys: Sequence[str]) -> Mapping[str, str]:
    return {each.value: str(each.label) for each in Visit.Validity if each.value in keys}


def _contents(keys: Sequence[str]) -> Mapping[str, str]:
    return {each.value: str(each.label) for each in Visit.ContentType if each.value in keys}


def register() -> None:
    """Register sources and cards."""
    register_source(Source(VISITS, pgettext_lazy("engagement", "Visits"), _VISITS))
    register_source(Source(CONTENTS, gettext_lazy("Contents of visits"), _CONTENTS))
    look = leads_to(gettext_lazy("See the visits"), "engagement:visit_list")
    register_card(
        Card(
            key="engagement.visits", label=gettext_lazy("Visits made"), right=VIEW,
            question=gettext_lazy("Visits that were reported in the territories in view."), of=Sum(VISITS),
            parts=_validities, parts_label=gettext_lazy("Whether they count"), next_step=look, order=230,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="engagement.valid", label=gettext_lazy("Valid visits"), right=VIEW, unit="percent",
            question=gettext_lazy("Visits that count, among all that were reported."),
            of=Sum(VISITS, parts=("valid",)), over=Sum(VISITS), parts=_validities,
            parts_label=gettext_lazy("Whether they count"), order=240,
            next_step=leads_to(
                gettext_lazy("See the doubtful ones"), "engagement:visit_list", query="validity=suspicious"
            ),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="engagement.doubtful", label=gettext_lazy("Doubtful and invalid visits"), right="engagement.audit:view",
            good_when="down", question=gettext_lazy("Visits that do not count as they stand."),
            of=Sum(VISITS, parts=("suspicious", "invalid")), parts=_validities,
            parts_label=gettext_lazy("Whether they count"), order=250,
            next_step=leads_to(gettext_lazy("Audit them"), "engagement:visitaudit_list", query="waiting=1"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="engagement.academic", label=gettext_lazy("Visits with academic content"), right=VIEW, unit="percent",
            question=gettext_lazy("Valid visits about medicine rather than keeping in touch, among all valid ones."),
            of=Sum(CONTENTS, parts=ACADEMIC), over=Sum(CONTENTS), parts=_contents,
            parts_label=gettext_lazy("What visits were about"), next_step=look, order=260,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="engagement.adverse", label=gettext_lazy("Adverse events to take over"),
            right="safety.adverseevent:review", good_when="down",
            question=gettext_lazy("Heard of and not taken over by pharmacovigilance yet."), compute=_adverse, order=270,
            next_step=leads_to(gettext_lazy("Take them over"), "engagement:adverseevent_list"),
        )
    )  # fmt: skip


def _adverse(asked: Asked) -> Reading:
    waiting = AdverseEvent.objects.filter(taken_over_at=None)
    found = waiting.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=asked.now)))
    late = Decimal(found["late"])
    return Reading(
        Decimal(found["all"]),
        parts=[Piece(_("Past the hour"), late)] if late else [],
        reason=_("%(count)s past the hour by which they were to be taken over.") % {"count": late}
        if late
        else _("All within the time."),
    )
