"""Criteria, stages and moves as the screens show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yaomai.customers.measures import measure
from yaomai.engagement import rules
from yaomai.engagement.models import Stage, StageMove


@dataclass(frozen=True, slots=True)
class CheckShown:
    """A criterion in words: what, how much there is of how much, and how to get there."""

    label: str
    value: str
    at_least: str
    is_met: bool
    is_required: bool
    is_seen: bool
    help: str


@dataclass(frozen=True, slots=True)
class StageShown:
    """A stage on the way: passed, present or ahead."""

    label: str
    is_past: bool
    is_now: bool


def checks_shown(checks: Iterable[rules.Check]) -> list[CheckShown]:
    """Return criteria in words."""
    found = []
    for check in checks:
        declared = measure(check.measure)
        if declared is None:
            continue
        unit = "%" if declared.unit == "percent" else ""
        found.append(
            CheckShown(
                label=str(declared.label),
                value="" if check.value is None else f"{check.value.normalize():f}{unit}",
                at_least=f"{check.at_least.normalize():f}{unit}",
                is_met=check.is_met,
                is_required=check.is_required,
                is_seen=check.value is not None,
                help=str(declared.help),
            )
        )
    return found


def said_of(checks: Iterable[rules.Check]) -> str:
    """Return what is missing, in one line: "Profile complete (%) 40/60"."""
    return "；".join(f"{each.label} {each.value}/{each.at_least}" for each in checks_shown(checks))


def way(stage: str) -> list[StageShown]:
    """Return the five stages with the present one marked."""
    place = rules.STAGES.index(stage)
    return [
        StageShown(str(Stage(each).label), number < place, number == place) for number, each in enumerate(rules.STAGES)
    ]


def moves_shown(moves: Iterable[StageMove]) -> list[dict[str, Any]]:
    """Return moves as events of a timeline."""
    return [
        {
            "at": move.moved_at,
            "title": f"{move.get_before_display()} → {move.get_after_display()}",
            "text": " · ".join(filter(None, (move.reason, _missing(move), _("taken back") if move.undone_at else ""))),
            "icon": "arrow-back-up" if move.undone_at else "target-arrow",
            "who": str(move.moved_by) if move.moved_by else "",
        }
        for move in moves
    ]


def _missing(move: StageMove) -> str:
    labels = [str(found.label) for code in move.missing if (found := measure(code)) is not None]
    return _("missing then: %(what)s") % {"what": "、".join(labels)} if labels else ""
