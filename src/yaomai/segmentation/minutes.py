"""The record of a closed tier meeting as a document: what was decided, by whom and why, and the seal."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Column, Document, Fact, Facts, Paragraph, Section, Signatures, Table
from yaomai.segmentation.models import TierChange, TierMeeting


def document(meeting: TierMeeting, actor: Actor) -> Document:
    """Return the record as it was frozen; nothing in it is read anew."""
    record = meeting.record
    assert record is not None and meeting.closed_at is not None
    lines: dict[str, list[tuple[Any, ...]]] = {TierChange.State.ACCEPTED: [], TierChange.State.REJECTED: []}
    for line in record["changes"]:
        lines[line["state"]].append(_row(line))
    versions = "; ".join(f"{name} v{number}" for name, number in sorted(record["policies"].items()) if number)
    return Document(
        _("Record of the tier meeting"),
        subtitle=record["meeting"],
        blocks=(
            Facts(
                (
                    Fact(_("Held on"), date.fromisoformat(record["held_on"]), "date"),
                    Fact(_("Agenda drawn up by"), record["opened_by"]),
                    Fact(_("Closed by"), record["closed_by"]),
                    Fact(_("Closed at"), meeting.closed_at, "moment"),
                    Fact(_("Run"), f"#{record['run']}"),
                    Fact(_("Figures used"), versions or _("as declared")),
                )
            ),
            Section(_("Minutes"), (Paragraph(record["minutes"]),)),
            _decided(_("Accepted"), lines[TierChange.State.ACCEPTED]),
            _decided(_("Rejected"), lines[TierChange.State.REJECTED]),
            Paragraph(_("Seal (SHA-256 of the record): %(digest)s") % {"digest": meeting.digest}, "quiet"),
            Signatures((pgettext("meeting", "Chair"), pgettext("meeting", "Minutes by"), _("Compliance"))),
        ),
        as_of=timezone.localdate(meeting.closed_at),
        made_at=meeting.closed_at,
        made_by=actor.label,
        is_landscape=True,
    )


def _row(line: dict[str, Any]) -> tuple[Any, ...]:
    budget = line["service"].get("budget")
    return (
        line["name"], line["scheme"], f"{line['tier_before']} → {line['tier']}", line["reason"], line["decision"],
        line["proposed_by"], line["decided_by"], line["service"].get("contacts"),
        None if budget is None else Decimal(budget),
    )  # fmt: skip


def _decided(title: str, rows: list[tuple[Any, ...]]) -> Section:
    columns = (
        Column(_("Customer"), width=2), Column(_("Scheme"), width=1.5), Column(_("Tier"), width=1.5),
        Column(_("Reason"), width=2), Column(_("Reason of the decision"), width=2), Column(_("Proposed by")),
        Column(_("Decided by")), Column(_("Contacts per year"), "number"), Column(_("Budget per year"), "money"),
    )  # fmt: skip
    shown = Table(columns, tuple(rows)) if rows else Paragraph(_("None"), "quiet")
    return Section(f"{title} ({len(rows)})", (shown,))
