"""The screen and the document of the wall between academic work and business (X2, MR3)."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from yaomai.compliance import walls
from yaomai.kit.access import require
from yaomai.kit.access.rights import entities
from yaomai.kit.documents.parts import Column as DocumentColumn
from yaomai.kit.documents.parts import Document, Figure, Figures, Paragraph
from yaomai.kit.documents.parts import Table as DocumentTable
from yaomai.kit.documents.responding import respond
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.kit.ui.widgets import DateInput
from yaomai.organization import wall

VIEW, EXPORT = "compliance.wall:view", "compliance.wall:export"


class DayForm(forms.Form):
    on = forms.DateField(label=gettext_lazy("On"), widget=DateInput())


@login_required
@require_safe
def wall_page(request: HttpRequest) -> HttpResponse:
    """Show the proof for a day."""
    require(actor_of(request), VIEW)
    form = DayForm(request.GET or None, initial={"on": timezone.localdate()})
    found = walls.proof(_day(form)) if not form.is_bound or form.is_valid() else None
    context = {
        "form": form,
        "proof": found,
        "table": _shown(found) if found is not None and found.lines else None,
        "citations": wall.CITATIONS,
        "may_export": actor_of(request).may(EXPORT),
    }
    return render(request, "compliance/wall.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def wall_document(request: HttpRequest, suffix: str) -> HttpResponse:
    """Answer with the proof as PDF, Word or Excel, on record."""
    actor = actor_of(request)
    require(actor, EXPORT)
    form = DayForm(request.GET or None)
    found = walls.proof(_day(form))
    export_record(
        actor=actor, right=EXPORT, entity=_("Proof of the wall"), rows=len(found.lines), query=f"on={found.on}",
        columns=[suffix],
    )  # fmt: skip
    document = Document(
        title=_("Proof of the wall"),
        subtitle=_("No filed representative holds sales targets, orders or prices, or sees any"),
        as_of=found.on,
        made_at=timezone.now(),
        made_by=actor.label,
        is_landscape=True,
        blocks=(
            Figures((Figure(_("Filed on this day"), len(found.lines)),
                     Figure(_("Breaches"), len(found.breaches), tone="bad" if found.breaches else "good"))),
            Paragraph(sentence(found), "strong"),
            DocumentTable(
                columns=tuple(DocumentColumn(label, width=width) for label, width in zip(_headings(), (2, 2, 3, 4, 2), strict=True)),
                rows=tuple(_cells(line) for line in found.lines),
            ),
            *(Paragraph(text, "quiet") for text in (*wall.CITATIONS, method())),
        ),
    )  # fmt: skip
    return respond(document, suffix, file_name=f"{_('Proof of the wall')}-{found.on:%Y%m%d}")


def _day(form: DayForm) -> date:
    day: date = form.cleaned_data["on"] if form.is_bound and form.is_valid() else timezone.localdate()
    return day


def sentence(found: walls.Proof) -> str:
    """Return the verdict in words."""
    if found.breaches:
        names = "、".join(line.person.name for line in found.breaches)
        return _("The wall is broken for: %(names)s") % {"names": names}
    return _("Nobody who was filed on this day held or saw anything of business, or did any of it.")


def method() -> str:
    """Return what the proof rests on."""
    return _(
        "Rights of the positions as they were on that day, taken back through the trail; rights as the product grants them;"
        " acts in the trail; rows that name a person as their holder. Check the trail with yaomai audit verify."
    )


def _headings() -> tuple[str, ...]:
    return (
        pgettext("organization", "Person"),
        _("Filing number"),
        _("Positions"),
        _("Withheld by the wall"),
        _("Breach"),
    )


def _cells(line: walls.Line) -> tuple[str, ...]:
    breach = "；".join([*_words(line.left), *line.done, *line.held])
    return (
        line.person.name, "、".join(filing.number for filing in line.filings), "、".join(line.seats) or "–",
        "、".join(_words(line.withheld)) or "–", breach or _("none"),
    )  # fmt: skip


def _words(rights: tuple[str, ...]) -> list[str]:
    """Return what rights are about, in words, each thing once."""
    labels = {entity.code: str(entity.label) for entity in entities()}
    codes = dict.fromkeys(right.partition(":")[0] for right in rights)
    return [labels.get(code, code) for code in codes]


def _shown(found: walls.Proof) -> Table:
    kinds: Any = ("person", "filing", "seats", "withheld", "breach")
    return Table(
        caption=_("Everybody who was filed"),
        columns=[Column(name, label) for name, label in zip(kinds, _headings(), strict=True)],
        rows=[Row(cells=_cells(line)) for line in found.lines],
    )
