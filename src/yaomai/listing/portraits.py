"""What listing puts into the portrait: who decides, where a person stands, and how far our products are."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.customers import portrait
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Block, Bullets, Column, Fact, Facts, Table
from yaomai.kit.memo import read_together
from yaomai.listing import selectors
from yaomai.listing.models import Process, Seat, StageHolder, Stance
from yaomai.listing.panels import VIEW

PROCESSES = 10


def register() -> None:
    """Register the sections of this room."""
    right = "listing.committee:view"
    portrait.register("professional", name="decisions", title=gettext_lazy("Decision chain"), order=35, blocks=decides_on,
                      right=right)  # fmt: skip
    portrait.register("institution", name="decisions", title=gettext_lazy("Decision chain"), order=35, blocks=deciders,
                      right=right)  # fmt: skip
    portrait.register("institution", name="processes", title=gettext_lazy("Our products on their way in"), order=36,
                      blocks=processes, right=VIEW)  # fmt: skip


def decides_on(professional: Professional, actor: Actor) -> Sequence[Block]:
    """Return the seats and stages that a person holds today, and the stances on our products for who may see them."""
    today = timezone.localdate()
    told = [
        f"{seat.committee}：{seat.get_role_display()}（{_voice(seat)}）"
        for seat in _seats(professional.pk, today) or ()
    ]
    told += [
        f"{holder.institution} · {holder.get_stage_display()}（{_voice(holder)}）"
        for holder in _holders(professional.pk, today) or ()
    ]
    told += [_stance(row) for row in _stances(professional.pk) or ()] if actor.may(VIEW) else []
    return [Bullets(tuple(told))] if told else []


@read_together("professional")
def _seats(professionals: Sequence[int], today: date) -> Mapping[int, list[Any]]:
    rows = selectors.current(Seat.objects.filter(professional__in=professionals, committee__archived_at=None), today)
    return _by_person(rows.select_related("committee__institution").order_by("pk"))


@read_together("professional")
def _holders(professionals: Sequence[int], today: date) -> Mapping[int, list[Any]]:
    rows = selectors.current(StageHolder.objects.filter(professional__in=professionals), today)
    return _by_person(rows.select_related("institution").order_by("pk"))


@read_together("professional")
def _stances(professionals: Sequence[int]) -> Mapping[int, list[Any]]:
    rows = Stance.objects.filter(professional__in=professionals, superseded_at=None, process__archived_at=None)
    return _by_person(rows.select_related("process__product", "process__institution").order_by("-recorded_on", "-pk"))


def _by_person(rows: Iterable[Any]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.professional_id, []).append(row)
    return found


def _stance(row: Stance) -> str:
    said = "，".join(filter(None, (_voice(row), row.reason, row.source, row.recorded_on.isoformat())))
    return f"{row.process}：{row.get_value_display()}（{said}）"


def _voice(row: Seat | StageHolder | Stance) -> str:
    return _("voice: %(voice)s") % {"voice": row.get_voice_display()}


def deciders(institution: Institution, _actor: Actor) -> Sequence[Block]:
    """Return the committees with their seats, and who answers for each stage."""
    found = selectors.decision_chain(institution, today=timezone.localdate())
    told = [
        Fact(committee.name, "、".join(f"{seat.professional}（{seat.get_role_display()}）" for seat in seats) or _("No seats are known."))
        for committee, seats in found["committees"]
    ]  # fmt: skip
    told += [
        Fact(label, "、".join(str(holder.professional) for holder in holders))
        for label, holders in found["stages"]
        if holders
    ]
    return [Facts(tuple(told))] if told else []


def processes(institution: Institution, _actor: Actor) -> Sequence[Block]:
    """Return how far each product is, what holds it up, and the next step."""
    today = timezone.localdate()
    rows = Process.objects.filter(institution=institution, archived_at=None).select_related("product")
    cells = tuple(
        (
            str(row.product),
            row.get_outcome_display() or row.get_stage_display(),
            None if row.outcome else (today - row.stage_since).days,
            row.blocker,
            row.next_step,
            row.next_step_on,
        )
        for row in rows.order_by("outcome", "stage_since", "pk")[:PROCESSES]
    )
    columns = (
        Column(_("Product")),
        Column(_("Stage")),
        Column(_("Days in it"), "number"),
        Column(_("Blocker")),
        Column(_("Next step")),
        Column(_("Next step by"), "date"),
    )
    return [Table(columns, cells)] if cells else []
