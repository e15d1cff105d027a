"""What would change if a policy took effect: rooms register it, the editor and the approval show it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from yaomai.kit.access import Actor
from yaomai.kit.policies.schema import Policy
from yaomai.kit.ui.charts import Chart
from yaomai.kit.ui.tables import Table


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """The effect of a policy on real data, as of now. Texts are in the reader's language."""

    finding: str
    """The answer in one sentence: "37 customers would move, 12 of them up"."""
    figures: Sequence[tuple[str, Any, Any]] = ()
    """(what, now, then)"""
    reason: str = ""
    """Why the figures come out as they do, in one sentence."""
    reasons: Table | None = None
    """The sum behind that sentence."""
    chart: Chart | None = None
    table: Table | None = None
    url: str = ""
    """Where the whole simulation is."""


Preview = Callable[[Any, Actor], PreviewResult]
_previews: dict[str, Preview] = {}


def register_preview(policy: type[Policy], preview: Preview) -> None:
    """Let a room show what a policy would change: `preview(policy, actor)`. Called in its `apps.py`."""
    _previews[policy.name] = preview


def preview_of(policy: Policy, actor: Actor) -> PreviewResult | None:
    """Return the preview, or None when no room can tell."""
    preview = _previews.get(policy.name)
    return None if preview is None else preview(policy, actor)


def has_preview(name: str) -> bool:
    """Tell whether a room can preview the policy."""
    return name in _previews
