"""Charts as data: what is shown, not how. `{% chart %}` draws them, with a table that says the same."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from django.utils.functional import Promise

from yaomai.kit.ui import formats

Text = str | Promise
Unit = Literal["number", "money", "percent"]
Tone = Literal["", "accent", "muted", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Series:
    """Values along the chart's labels; None is a gap. `drawn` overrides how the chart draws."""

    name: Text
    values: Sequence[float | None]
    drawn: Literal["", "line", "bar", "area"] = ""
    tone: Tone = ""
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical mark at a label, such as a visit or a policy change."""

    at: str
    text: Text


@dataclass(frozen=True, slots=True)
class Link:
    """A band of a flow diagram."""

    source: str
    target: str
    value: float
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a flow diagram, a dot of a network; equal ranks have equal colours, rank 1 the strongest."""

    name: str
    label: Text
    rank: int
    side: Literal["left", "right"] = "left"
    at: tuple[float, float] | None = None
    """Of a network: where the dot lies in the unit square; without it the page finds a place."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that answers one question; `finding` is the answer and the title.

    line, bar, stack   values of each series along `labels`
    rank               horizontal bars, one series, in the order given
    scatter            `points`: (x, y, name) each; `cuts` draws a line across each axis there
    flow               `nodes` and `links`
    network            `nodes` and `links`, drawn as a net; `axes` head the two ends in the table
    """

    kind: Literal["line", "bar", "stack", "rank", "scatter", "flow", "network"]
    finding: Text
    labels: Sequence[Text] = ()
    series: Sequence[Series] = ()
    unit: Unit = "number"
    note: Text = ""
    marks: Sequence[Mark] = ()
    points: Sequence[tuple[float, float, str]] = ()
    axes: tuple[Text, Text] = ("", "")
    cuts: tuple[float, float] | None = None
    nodes: Sequence[Node] = ()
    links: Sequence[Link] = ()
    height: Literal["small", "medium", "large", "tall"] = "medium"
    heading: Text = field(default="", kw_only=True)

    def data(self) -> dict[str, Any]:
        """Return the chart as plain values for the script, lazy texts resolved."""
        return dict(_resolved(asdict(self)), language=formats.language())

    def table(self) -> tuple[list[Text], list[list[Any]]]:
        """Return the headings and rows that say what the chart shows."""
        if self.kind == "flow":
            return self._flow_table()
        if self.kind == "network":
            names = {node.name: node.label for node in self.nodes}
            return [*self.axes, self.heading], [
                [names[each.source], names[each.target], each.value] for each in self.links
            ]
        if self.kind == "scatter":
            return ["", *self.axes], [[name, x, y] for x, y, name in self.points]
        rows = [
            [label, *(series.values[position] for series in self.series)] for position, label in enumerate(self.labels)
        ]
        return [self.heading, *(series.name for series in self.series)], rows

    def _flow_table(self) -> tuple[list[Text], list[list[Any]]]:
        from django.utils.translation import gettext as _
        from django.utils.translation import pgettext

        names = {node.name: node.label for node in self.nodes}
        with_amount = any(link.amount is not None for link in self.links)
        headings: list[Text] = [
            pgettext("flow", "From"),
            pgettext("flow", "To"),
            _("Count"),
            *([_("Amount")] if with_amount else []),
        ]
        rows = [
            [names[link.source], names[link.target], link.value, *([link.amount] if with_amount else [])]
            for link in self.links
        ]
        return headings, rows


def _resolved(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {key: _resolved(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_resolved(item) for item in value]
    return value
