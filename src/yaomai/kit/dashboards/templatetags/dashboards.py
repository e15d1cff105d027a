"""The small line of a card."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
WIDTH, HEIGHT, MARGIN = 120, 32, 3


@register.simple_tag
def spark(values: Sequence[float | None], said: str = "") -> SafeString:
    """Draw the months of a card as a line; the last one, which is not over, is dashed. `said` speaks it."""
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, high = min(value for _at, value in known), max(value for _at, value in known)
    spread = (high - low) or 1.0
    step = WIDTH / (len(values) - 1)
    points = [
        (f"{at * step:.1f}", f"{HEIGHT - MARGIN - (value - low) / spread * (HEIGHT - 2 * MARGIN):.1f}")
        for at, value in known
    ]
    is_open = known[-1][0] == len(values) - 1
    whole, rest = (points[:-1], points[-2:]) if is_open and len(points) > 2 else (points, [])
    return format_html(
        '<svg class="db-spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline points="{}" vector-effect="non-scaling-stroke"></polyline>{}</svg>',
        WIDTH,
        HEIGHT,
        said,
        _joined(whole),
        format_html(
            '<polyline class="db-spark-open" points="{}" vector-effect="non-scaling-stroke"></polyline>', _joined(rest)
        )
        if rest
        else "",
    )


def _joined(points: Sequence[tuple[str, str]]) -> SafeString:
    return format_html_join(" ", "{},{}", points)
