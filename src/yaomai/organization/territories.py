"""The territory tree on any day: today's rows, with applied changes taken back and planned ones carried out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from yaomai.kit.access import current_actor
from yaomai.organization.models import Territory, TerritoryChange


@dataclass(slots=True)
class Node:
    """A territory as it is, was, or will be on a day."""

    pk: int
    code: str
    name: str
    level: str
    parent_id: int | None
    valid_from: date
    valid_to: date | None
    depth: int = 0
    children: list["Node"] = field(default_factory=list)
    planned: list[TerritoryChange] = field(default_factory=list)
    """Changes that take effect after the day shown."""

    def exists_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)

    def walk(self) -> Iterator["Node"]:
        """Yield the node and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def nodes_on(day: date, *, without: int | None = None) -> dict[int, Node]:
    """Return every territory of the company in its state of the day, closed and not yet opened ones included.

    `without` names a planned change that is left out.
    """
    nodes = {
        row.pk: Node(row.pk, row.code, row.name, row.level, row.parent_id, row.valid_from, row.valid_to)
        for row in Territory.unscoped.order_by("code")
    }
    changes = list(
        TerritoryChange.unscoped.filter(withdrawn_at__isnull=True)
        .exclude(pk=without or 0)
        .select_related("territory", "parent")
        .order_by("effective_on", "pk")
    )
    for change in reversed(changes):
        if change.applied_at is not None and change.effective_on > day:
            _take_back(nodes[change.territory_id], change)
    for change in changes:
        node = nodes[change.territory_id]
        if change.effective_on > day:
            node.planned.append(change)
        elif change.applied_at is None:
            _carry_out(node, change)
    return nodes


def _take_back(node: Node, change: TerritoryChange) -> None:
    before = change.before
    node.name = before["name"]
    node.parent_id = before["parent_id"]
    node.valid_to = date.fromisoformat(before["valid_to"]) if before["valid_to"] else None


def _carry_out(node: Node, change: TerritoryChange) -> None:
    if change.name:
        node.name = change.name
    if change.parent_id is not None:
        node.parent_id = change.parent_id
    if change.closes:
        node.valid_to = change.effective_on


def territory_tree(*, on: date) -> list[Node]:
    """Return the roots of the tree of a day, as far as the current actor reaches today."""
    reach = current_actor().reach(Territory.right("view"))
    everything = nodes_on(on)
    shown = {pk: node for pk, node in everything.items() if (reach is None or pk in reach) and node.exists_on(on)}
    roots: list[Node] = []
    for node in shown.values():
        above = shown.get(node.parent_id) if node.parent_id is not None else None
        (roots if above is None else above.children).append(node)
    _set_depth(roots, 0)
    return roots


def _set_depth(nodes: Iterable[Node], depth: int) -> None:
    for node in nodes:
        node.depth = depth
        _set_depth(node.children, depth + 1)


def lies_below(nodes: dict[int, Node], pk: int, above: int) -> bool:
    """Tell whether `pk` is `above` itself or somewhere below it; a loop counts as below."""
    seen: set[int] = set()
    current: int | None = pk
    while current is not None and current not in seen:
        if current == above:
            return True
        seen.add(current)
        current = nodes[current].parent_id
    return current is not None
