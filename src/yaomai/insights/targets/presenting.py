"""Points, places and quadrants as the screens and documents show them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.insights import rules
from yaomai.insights.models import Quadrant
from yaomai.insights.policies import TargetPolicy
from yaomai.insights.targets.analysis import Analysis, Place, Point
from yaomai.kit.explain import Contribution, CutOff, Explanation, Input, PolicyReference
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart

MOST_DRAWN = 400
"""Groups of hospitals on the picture; the largest."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A quadrant in one square."""

    code: str
    label: str
    advice: str
    count: int
    url: str
    is_chosen: bool


def advice_of(quadrant: str) -> str:
    """Return what a quadrant means for the work."""
    return {
        "breakthrough": _("Growing market, good match: put people and budget here first."),
        "cultivate": _("Growing market, weak match: prepare the ground, or choose another product."),
        "deepen": _("Good match, slow market: win share from others."),
        "watch": _("Slow market, weak match: serve at standard cost."),
        "": _("The growth of the region is uncertain or unknown: get figures first."),
    }[quadrant]


def label_of(quadrant: str) -> str:
    """Return the name of a quadrant."""
    return str(Quadrant(quadrant).label) if quadrant else _("No usable growth")


def tiles(analysis: Analysis, chosen: str | None, query: str) -> list[Tile]:
    """Return the quadrants with their counts; the hospitals without usable growth last."""
    counts = analysis.counts()
    codes: list[str] = [*rules.QUADRANTS, ""]
    return [
        Tile(
            code, label_of(code), advice_of(code), counts.get(code, 0),
            f"?{query}{'&' if query else ''}quadrant={code or 'none'}", chosen == (code or "none"),
        )
        for code in codes
        if code or counts.get(code)
    ]  # fmt: skip


def picture(analysis: Analysis) -> Chart:
    """Return the hospitals between the axes: one point for those of a region with the same match, the largest groups."""
    groups: Counter[tuple[str, int]] = Counter(
        {(region, match): count for region, quadrant, match, count in analysis.tally if quadrant}
    )
    drawn = groups.most_common(MOST_DRAWN)
    policy = analysis.policy
    found = analysis.counts()["breakthrough"]
    return Chart(
        "scatter",
        _("%(count)s hospitals to break through") % {"count": formats.grouped(found)},
        unit="number",
        points=[
            (
                round(float(analysis.places[region].growth.rate or 0) * 100, 1),
                float(match),
                f"{analysis.places[region].name} · {_('%(count)s hospitals') % {'count': count}}",
            )
            for (region, match), count in drawn
        ],
        axes=(_("Growth of the region (%)"), _("Match")),
        cuts=(float(policy.growth_cut) * 100, float(policy.match_cut)),
        note=_("The largest %(shown)s of %(all)s groups are drawn.") % {"shown": len(drawn), "all": len(groups)}
        if len(groups) > len(drawn)
        else "",
        height="large",
    )


def growth_text(growth: rules.Growth) -> str:
    """Return a growth in words: the rate, where it comes from, and how far it can be trusted."""
    if growth.rate is None:
        return _("unknown")
    rate = formats.percent(growth.rate, 1)
    if growth.standing == "small":
        return (
            _("uncertain: too few purchases")
            if growth.rate is None
            else _("%(rate)s, uncertain: too few purchases") % {"rate": rate}
        )
    basis = _("market figures") if growth.basis == "market" else _("sales flow")
    text = _("%(rate)s by %(basis)s") % {"rate": rate, "basis": basis}
    return _("%(text)s; rests on one buyer") % {"text": text} if growth.standing == "narrow" else text


def explained(analysis: Analysis, point: Point, *, shows_amounts: bool = True) -> Explanation:
    """Return why a hospital stands where it stands."""
    policy, place = analysis.policy, analysis.places.get(point.region)
    growth = analysis.growth_of(point)
    return Explanation(
        sentence=_("%(name)s: %(quadrant)s") % {"name": point.name, "quadrant": label_of(point.quadrant)},
        value=point.match.points,
        inputs=(*_growth_inputs(analysis, place, shows_amounts), *_match_inputs(point)),
        contributions=match_contributions(
            {"department": point.match.department, "patients": point.match.patients, "grade": point.match.grade}
        ),
        cutoffs=(
            CutOff(label=_("Growth from %(cut)s") % {"cut": formats.percent(policy.growth_cut, 0)},
                   value=growth_text(growth),
                   reached=growth.is_usable and growth.rate is not None and growth.rate >= policy.growth_cut),
            CutOff(label=_("Match from %(cut)s") % {"cut": policy.match_cut}, value=str(point.match.points),
                   reached=point.match.points >= policy.match_cut),
        ),
        lift=_lifts(point),
        sources=tuple(actions(analysis, point.rules)),
        policy=policy_reference(analysis.versions.get(TargetPolicy.name)),
        as_of=analysis.as_of,
    )  # fmt: skip


def policy_reference(version: int | None) -> PolicyReference:
    """Return who decided the figures."""
    return PolicyReference(
        name=TargetPolicy.name, label=str(TargetPolicy.label), version=version,
        origin="S4", url=reverse("policies:policy_detail", args=[TargetPolicy.name]),
    )  # fmt: skip


def actions(analysis: Analysis, codes: Sequence[str]) -> list[str]:
    """Return what the rules say to do, with our products of the disease where a rule names one."""
    return [analysis.rules_policy.action_of(code, formats.language()) for code in codes]


def match_contributions(parts: Mapping[str, int | None]) -> tuple[Contribution, ...]:
    """Return the parts of a match as bars."""
    labels = {"department": _("Target department"), "patients": _("Patients of the indication"), "grade": _("Level")}
    return tuple(
        Contribution(
            label=label, value=parts.get(name) or 0, share=(parts.get(name) or 0) / 100,
            note=_("not known") if parts.get(name) is None else "",
        )
        for name, label in labels.items()
    )  # fmt: skip


def _growth_inputs(analysis: Analysis, place: Place | None, shows_amounts: bool) -> list[Input]:
    if place is None:
        return [Input(label=_("Region"), value=None, missing=True, source=_("The hospital has no place."))]
    (begin, end), (before, before_end) = analysis.periods()
    found = [Input(label=_("Region"), value=place.name)]
    if place.market.rate is not None:
        found.append(Input(label=_("Market growth per year"), value=formats.percent(place.market.rate, 1),
                           source=_("Published market figures")))  # fmt: skip
    sold = place.sold
    if sold is None:
        found.append(Input(label=_("Growth of sales flow"), value=None, missing=True, as_of=analysis.as_of,
                           source=_("No purchases in 24 months")))  # fmt: skip
        return found
    found.append(Input(label=_("Growth of sales flow"), value=growth_text(place.sales), as_of=analysis.as_of,
                       source=f"{_span(begin, end)} / {_span(before, before_end)}"))  # fmt: skip
    if shows_amounts:
        found += [
            Input(label=_("Purchases in twelve months"), value=formats.money(sold.amount)),
            Input(label=_("In the twelve before"), value=formats.money(sold.prior)),
            Input(label=_("Buyers"), value=sold.buyers),
        ]
        if place.sales.without_largest is not None:
            found.append(Input(label=_("Growth without the largest buyer"),
                               value=formats.percent(place.sales.without_largest, 1)))  # fmt: skip
    return found


def _span(begin: date, end: date) -> str:
    return f"{begin:%Y-%m-%d} – {end:%Y-%m-%d}"


def _match_inputs(point: Point) -> list[Input]:
    return [
        Input(label=_("Target department"), missing=point.match.department is None,
              value=_("yes") if point.match.department else None if point.match.department is None else _("no"),
              source=_("Departments of the hospital × target departments of the product")),
        Input(label=_("Patients of the indication"), missing=point.match.patients is None,
              value=point.match.patients, unit=_("points"), source=_("Newest estimates of the hospital's departments")),
        Input(label=_("Level"), missing=point.match.grade is None, value=point.grade or None),
    ]  # fmt: skip


def _lifts(point: Point) -> tuple[str, ...]:
    told = []
    if point.match.department is None:
        told.append(_("Record the hospital's departments: none is known."))
    if point.match.patients is None:
        told.append(_("Estimate the patients of its departments."))
    if point.match.grade is None:
        told.append(_("Record its grade."))
    return tuple(told)


def row_of(analysis: Analysis, point: Point) -> dict[str, Any]:
    """Return a hospital as the drill-down shows it."""
    place = analysis.places.get(point.region)
    return {
        "pk": point.institution,
        "name": point.name,
        "region": place.name if place else "",
        "growth": growth_text(analysis.growth_of(point)),
        "match": point.match.points,
        "product": analysis.products.get(point.product, ""),
        "quadrant": label_of(point.quadrant),
        "actions": actions(analysis, point.rules),
        "why": explained(analysis, point),
    }
