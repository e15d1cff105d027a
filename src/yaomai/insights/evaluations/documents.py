"""An evaluation on paper, as Word and as a workbook."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.insights.evaluations import presenting
from yaomai.insights.models import Evaluation, Improvement, ImprovementCheck
from yaomai.kit.documents.parts import (
    Block,
    Bullets,
    Column,
    Document,
    Fact,
    Facts,
    Paragraph,
    Section,
    Table,
)


def evaluation_document(
    evaluation: Evaluation,
    improvements: Sequence[Improvement],
    checks: Sequence[ImprovementCheck],
    *,
    made_at: datetime,
    made_by: str,
) -> Document:
    """Return an evaluation as a document: the figures, what is odd and why, what is done, and what came of it."""
    figures = evaluation.figures
    blocks: list[Block] = [
        Paragraph(presenting.finding(evaluation, improvements), "strong"),
        Facts((
            Fact(_("Territory"), evaluation.territory.name),
            Fact(pgettext("evaluation", "Period"), presenting.period(evaluation)),
            Fact(_("Responsible"), str(evaluation.owner or "–")),
            Fact(_("State"), evaluation.get_state_display(),
                 note=f"{evaluation.closed_at:%Y-%m-%d}" if evaluation.closed_at else ""),
        )),
    ]  # fmt: skip
    blocks += [_measure(each, evaluation) for each in presenting.tables(evaluation)]
    if needs := presenting.need_words(figures):
        blocks.append(Section(_("Needs nobody followed up"), (Bullets(tuple(needs)),)))
    if studies := presenting.studies(figures):
        blocks.append(
            Section(
                _("What helped, by the studies of the year"),
                (Table(
                    (Column(_("Study"), width=2), Column(pgettext("effect", "What changed")),
                     Column(pgettext("effect", "Since"), "date"), Column(pgettext("effect", "Answer")),
                     Column(_("Effect per customer and month"))),
                    tuple((each["name"], str(each["change"]), each["since"], str(each["verdict"]), each["effect"])
                          for each in studies),
                ),),
            )
        )  # fmt: skip
    for title, text in (
        (pgettext("evaluation", "What we learned"), evaluation.learned),
        (pgettext("evaluation", "What we change"), evaluation.next_steps),
    ):
        blocks.append(Section(title, (Paragraph(text or _("Nothing written yet.")),)))
    blocks.append(_improvements(improvements, checks))
    return Document(
        title=presenting.title(evaluation), subtitle=f"{evaluation.territory} · {presenting.period(evaluation)}",
        as_of=made_at.date() if evaluation.closed_at is None else evaluation.closed_at.date(), made_at=made_at,
        made_by=made_by, blocks=tuple(blocks), references=(presenting.reference(evaluation),), is_landscape=True,
    )  # fmt: skip


def _measure(each: dict[str, object], evaluation: Evaluation) -> Section:
    rows: list[dict[str, str]] = each["rows"]  # type: ignore[assignment]
    if not rows:
        return Section(str(each["label"]), (Paragraph(str(each["nothing"]), "quiet"),))
    is_year = evaluation.level == Evaluation.Level.YEAR
    columns = [Column(_("Tier"), width=1.5), Column(_("Customers"), "number"), Column(presenting.period(evaluation))]
    if not is_year:
        columns.append(Column(_("Period before")))
    columns += [Column(_("Last year")), Column(_("Goal")), Column("")]
    made = []
    for row in rows:
        values: list[object] = [row["tier"], row["customers"], row["value"]]
        if not is_year:
            values.append(f"{row['before']} {row['before_moved']}".strip())
        values += [f"{row['year']} {row['year_moved']}".strip(), row["goal"] or "–", _("odd") if row["odd"] else ""]
        made.append(tuple(values))
    return Section(str(each["label"]), (Table(tuple(columns), tuple(made)),), note=str(each["note"]))  # type: ignore[arg-type]


def _improvements(improvements: Sequence[Improvement], checks: Sequence[ImprovementCheck]) -> Section:
    if not improvements:
        return Section(_("Improvements"), (Paragraph(_("Nothing is odd."), "quiet"),))
    latest = {check.improvement_id: check for check in checks}
    rows = tuple(
        (
            presenting.problem(row),
            " · ".join(filter(None, (row.get_cause_display() if row.cause else "", row.cause_text))) or "–",
            " · ".join(filter(None, (row.get_kind_display() if row.kind else "", row.action))) or "–",
            str(row.responsible or "–"),
            row.due_on,
            row.recheck_on,
            row.get_state_display(),
            _came(latest.get(row.pk)),
        )
        for row in improvements
    )
    columns = (
        Column(pgettext("improvement", "Problem"), width=2.2), Column(_("Cause"), width=1.6),
        Column(pgettext("improvement", "Measure"), width=2), Column(pgettext("improvement", "Carried out by")),
        Column(pgettext("improvement", "Due on"), "date"), Column(pgettext("improvement", "Re-check on"), "date"),
        Column(_("State")), Column(pgettext("improvement", "What came of it"), width=1.6),
    )  # fmt: skip
    return Section(_("Improvements"), (Table(columns, rows),))


def _came(check: ImprovementCheck | None) -> str:
    if check is None:
        return "–"
    said = (check.get_verdict_display(), check.get_conclusion_display() if check.conclusion else "", check.note)
    return " · ".join(filter(None, said))
