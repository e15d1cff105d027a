"""An effect study on paper and as a workbook."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.insights.effects.presenting import alike, chart, explained, reference, sentence
from yaomai.insights.models import EffectCheck, EffectStudy
from yaomai.kit.documents.parts import (
    Block,
    Column,
    Document,
    Explained,
    Fact,
    Facts,
    Figure,
    Figures,
    Graph,
    Kind,
    Paragraph,
    Section,
    Table,
)

MOST_PRINTED = 200
"""Customers on paper; the workbook holds all."""


def effect_document(
    check: EffectCheck, names: Mapping[int, str], *, made_at: datetime, made_by: str, is_paper: bool
) -> Document:
    """Return one look at a study as a document; only customers in `names` are listed."""
    study, result = check.study, check.result
    blocks: list[Block] = [Paragraph(sentence(study, result, names), "strong"), _asked(study)]
    if result["verdict"] in EffectStudy.CLAIMS:
        blocks.append(_figures(study, check))
    picture = chart(study, result)
    if picture is not None:
        blocks.append(Graph(picture))
    blocks.append(Explained(explained(study, check, names), _("Why")))
    if rows := alike(study, result):
        blocks.append(
            Section(
                _("How the comparison was chosen"),
                (Table((Column(_("Group"), width=2), Column(_("Level before, per month")), Column(_("Trend before, per month"))),
                       tuple(rows)),),
                note=_("The nearest few of each customer with the change, by level and trend before it."),
            )
        )  # fmt: skip
    blocks += _tables(study, check, names, is_paper=is_paper)
    blocks.append(_went_in(check))
    return Document(
        title=_("Did it help?"), subtitle=study.name, as_of=check.as_of, made_at=made_at, made_by=made_by,
        blocks=tuple(blocks), references=(reference(check),),
    )  # fmt: skip


def _kind(study: EffectStudy) -> Kind:
    return "money" if study.measure == EffectStudy.Measure.AMOUNT else "number"


def _value(study: EffectStudy, value: float | None) -> float | None:
    """Return a mean as it is read: whole yuan, or one digit of a quantity."""
    if value is None:
        return None
    return round(value) if study.measure == EffectStudy.Measure.AMOUNT else round(value, 1)


def _asked(study: EffectStudy) -> Facts:
    return Facts(
        (
            Fact(pgettext("effect", "What changed"), study.get_change_display(), note=study.what),
            Fact(pgettext("effect", "Since"), study.since, "date"),
            Fact(_("Customers with the change"), study.selection),
            Fact(_("Measure"), study.get_measure_display(), note=str(study.product or "")),
        )
    )


def _figures(study: EffectStudy, check: EffectCheck) -> Figures:
    result, kind = check.result, _kind(study)
    return Figures(
        (
            Figure(_("Effect per customer and month"), _value(study, result["effect"]["mean"]), kind),
            Figure(_("All together since the change"), _value(study, result["total"]), kind),
            Figure(_("Without the change it would be"), _value(study, result["baseline"]), kind),
            Figure(_("Customers"), result["treated"], note=_("compared with %(count)s") % {"count": result["matched"]}),
        )
    )


def _tables(study: EffectStudy, check: EffectCheck, names: Mapping[int, str], *, is_paper: bool) -> list[Block]:
    result, kind = check.result, _kind(study)
    means = result.get("means")
    if not means or not means["treated"]:
        return []
    matched = means["matched"] or [None] * len(result["months"])
    monthly = Table(
        (Column(_("Month")), Column(_("With the change"), kind), Column(pgettext("effect", "Compared with"), kind)),
        tuple(
            (month[:7], _value(study, one), _value(study, two))
            for month, one, two in zip(result["months"], means["treated"], matched, strict=True)
        ),
        caption=_("Per customer and month"),
    )
    rows = [
        (names[key], _value(study, before), _value(study, after), _value(study, after - before))
        for key, before, after in result["units"]
        if key in names
    ]
    shown = rows[:MOST_PRINTED] if is_paper else rows
    customers = Table(
        (Column(_("Customer"), width=3), Column(_("Per month before"), kind), Column(_("Per month after"), kind),
         Column(_("Difference"), kind)),
        tuple(shown),
        caption=_("Customers with the change, who gained most first"),
    )  # fmt: skip
    return [monthly, customers]


def _went_in(check: EffectCheck) -> Section:
    return Section(
        _("What went in"),
        (
            Facts(
                (
                    Fact(_("Fingerprint of the sales flow"), check.inputs.get("sales_flow", "")),
                    Fact(_("Sales flow through"), (check.inputs.get("through") or "")[:7]),
                    Fact(_("Engine"), check.inputs.get("engine", "")),
                    Fact(_("Effect that matters, as a share"), check.inputs.get("least", "")),
                ),
                columns=1,
            ),
        ),
        note=_("The same inputs give the same answer again."),
    )
