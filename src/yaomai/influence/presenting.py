"""The network as a chart and a table, in words."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.engine.network import layout
from yaomai.influence.selectors import Network
from yaomai.kit.ui.charts import Chart, Link, Node
from yaomai.kit.ui.tables import Column, Row, Table

COLOURS = 6
"""Groups with a colour of their own; smaller ones share the last."""
LEADING = 20


def network_chart(network: Network) -> Chart | None:
    """Return the picture, None without a tie; its title says who joins the most."""
    if not network.ties:
        return None
    standings, strength = network.standings, dict[tuple[int, int], float]()
    for tie in network.ties:
        ends = tie["person"], tie["other"]
        strength[ends] = strength.get(ends, 0) + tie["strength"]
    places = layout(pa.array([one for one, _other in strength]), pa.array([other for _one, other in strength]))
    ranks = {group: rank for rank, group in enumerate(sorted({standings[p.pk].group for p in network.people}), 1)}
    first = max(network.people, key=lambda person: (standings[person.pk].bridge, -person.pk))
    return Chart(
        "network",
        _("%(name)s is the strongest bridge among these %(count)s people")
        % {"name": first.name, "count": len(network.people)},
        nodes=[
            Node(str(person.pk), person.name, min(ranks[standings[person.pk].group], COLOURS), at=places[person.pk])
            for person in network.people
        ],
        links=[Link(str(one), str(other), round(value, 2)) for (one, other), value in strength.items()],
        note=_("A dot is a person, larger with more ties; a colour is a group whose members are tied to one another."),
        axes=(_("Professional"), _("Tied to")),
        heading=_("Strength"),
        height="tall",
    )


def people_table(network: Network) -> Table:
    """Return who leads: the strongest bridges first."""
    order = sorted(network.people, key=lambda person: (-network.standings[person.pk].bridge, person.pk))
    rows = []
    for person in order[:LEADING]:
        standing = network.standings[person.pk]
        place = str(person.institution) if person.institution else None
        cells = (
            person.name,
            place,
            person.specialty or None,
            standing.direct,
            standing.reach,
            standing.bridge,
            standing.group,
        )
        rows.append(Row(cells, url=reverse("customers:professional_detail", args=[person.pk])))
    return Table(
        _("Who joins others"),
        [
            Column("name", _("Professional")),
            Column("institution", _("Institution")),
            Column("specialty", _("Specialty")),
            Column("direct", _("Direct ties"), "number"),
            Column("reach", _("Reach within two steps"), "number"),
            Column("bridge", _("Bridge"), "percent"),
            Column("group", pgettext("network", "Group"), "number"),
        ],
        rows,
    )


def kind_tabs(kinds: Mapping[str, str], chosen: str, query: QueryDict) -> list[dict[str, Any]]:
    """Return a tab for each kind of tie, all of them first; the other filters stay."""
    tabs = []
    for kind, label in {"": _("All ties"), **kinds}.items():
        asked = query.copy()
        asked["kind"] = kind
        tabs.append(
            {"label": label, "url": f"?{asked.urlencode()}", "is_active": kind == (chosen if chosen in kinds else "")}
        )
    return tabs
