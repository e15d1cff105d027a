"""The list of target hospitals on paper (N10 重点突破医院清单)."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yaomai.insights.models import TargetItem, TargetList
from yaomai.insights.policies import TargetPolicy
from yaomai.insights.targets import selectors
from yaomai.insights.targets.analysis import SEE
from yaomai.insights.targets.presenting import label_of, policy_reference
from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Column, Document, Fact, Facts, Figure, Figures, Paragraph, Table, Value
from yaomai.kit.ui import formats

MOST_ROWS = 2000


def target_list_document(row: TargetList, *, actor: Actor, now: datetime) -> Document:
    """Return a list as a document; growth and quadrants only for those who may see them."""
    items = list(selectors.items_of(row)[:MOST_ROWS])
    sees = actor.may(SEE)
    counts = selectors.decisions(row)
    return Document(
        title=_("List of target hospitals"),
        subtitle=row.name,
        as_of=row.as_of,
        made_at=now,
        made_by=actor.label,
        references=(policy_reference(row.inputs.get("policies", {}).get(TargetPolicy.name)),),
        is_landscape=True,
        blocks=(
            Figures(
                (
                    Figure(_("Hospitals"), len(items)),
                    Figure(_("To be reviewed"), counts.get("open", 0)),
                    Figure(_("Kept"), counts.get("kept", 0)),
                    Figure(_("Dropped"), counts.get("dropped", 0)),
                )
            ),
            *((_method(row),) if sees else ()),
            _table(items, sees=sees),
            Paragraph(_("Only the hospitals in view of whoever made this document are listed."), "quiet"),
        ),
    )


def _method(row: TargetList) -> Facts:
    said = row.inputs
    begin, end, before, before_end = (str(day) for day in said["periods"])
    facts = (
        Fact(_("Growth"), _("%(begin)s – %(end)s against %(before)s – %(before_end)s, or published market figures")
             % {"begin": begin, "end": end, "before": before, "before_end": before_end}),
        Fact(_("Cut-offs"), _("growth from %(growth)s, match from %(match)s")
             % {"growth": formats.percent(Decimal(said["growth_cut"]), 0), "match": said["match_cut"]}),
        Fact(_("Quadrants"), "、".join(label_of(code) for code in said["quadrants"])),
        Fact(_("Review by"), row.review_on, "date"),
    )  # fmt: skip
    return Facts(facts)


def _table(items: list[TargetItem], *, sees: bool) -> Table:
    columns = [Column(_("Hospital"), width=3), Column(_("Region"), width=2), Column(_("Product"), width=2)]
    if sees:
        columns += [Column(_("Quadrant")), Column(_("Growth"), "percent"), Column(_("Growth by"))]
    columns += [Column(_("Match"), "number"), Column(_("Assigned to"), width=2), Column(_("Review")), Column(_("Reason"), width=2),
                Column(_("Review by"), "date")]  # fmt: skip
    rows: list[tuple[Value, ...]] = []
    for item in items:
        seen: tuple[Value, ...] = ()
        if sees:
            seen = (item.get_quadrant_display(), item.growth, item.get_basis_display())
        rows.append(
            (
                item.institution.name, str(item.region or ""), item.product.name, *seen, item.match,
                str(item.position or ""), item.get_decision_display(), item.reason, item.review_on,
            )
        )  # fmt: skip
    return Table(tuple(columns), tuple(rows))
