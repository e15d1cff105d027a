"""Components of the interface. Each is shown with its arguments in README.md and, drawn, at /ui/guide/."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

from django import template
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    ChoiceField,
    ModelChoiceField,
    RadioSelect,
)
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.explain import Explanation
from yaomai.kit.ui import formats, icons, table_rows, values
from yaomai.kit.ui.charts import Chart
from yaomai.kit.ui.tables import Column, Table, Tier

register = template.Library()

_element_numbers = count(1)


for written in values.FILTERS:
    register.filter(written.__name__, written)


@register.filter
def may(actor: Actor | None, right: str) -> bool:
    """Tell whether somebody holds a right, for a button that leads to what takes it."""
    return actor is not None and actor.may(right)


@register.filter
def cell(value: Any, column: Column) -> Any:
    """A table cell, written by its column's kind."""
    if isinstance(value, SafeString):
        return value
    if isinstance(value, Tier):
        return tier(value.label, rank=value.rank, of=value.of, scheme=value.scheme, why=value.why_url)
    if column.kind == "check":
        return icon("check", _("yes")) if value else values.nothing()
    written = {
        "number": values.shown,
        "money": values.money,
        "short_money": values.short_money,
        "percent": values.percent,
        "date": values.ym_date,
        "moment": values.ym_moment,
        "relative": values.relative_day,
    }.get(column.kind)
    if written is not None:
        return written(value)
    return values.nothing() if value is None or value == "" else value


# Small things ----------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An icon of the sprite; with a label it speaks, without one it is decoration.

    Raises:
        ValueError: the sprite has no such icon; add it to icons.py and refresh.
    """
    return _icon(name, str(label), size)


@lru_cache(maxsize=1024)
def _icon(name: str, label: str, size: str) -> SafeString:
    if name not in icons.NAMES:
        raise ValueError(f"no icon {name!r}; add it to yaomai/kit/ui/icons.py and run scripts/refresh_vendor.py")
    described = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="ym-icon{}" {}><use href="{}#{}"></use></svg>',
        f" ym-icon-{size}" if size else "",
        described,
        static("vendor/tabler-icons/icons.svg"),
        name,
    )


TONE_ICONS = {"good": "circle-check", "warn": "alert-triangle", "bad": "alert-octagon", "info": "info-circle"}


@register.simple_tag
def chip(text: Any, tone: str = "", icon_name: str = "", url: str = "") -> SafeString:
    """A small label: a state, a kind. Tones good, warn, bad, info carry their own shape."""
    name = icon_name or TONE_ICONS.get(tone, "")
    inside = format_html("{}{}", icon(name) if name else "", text)
    classes = f"ym-chip ym-chip-{tone}" if tone else "ym-chip"
    if url:
        return format_html('<a class="{}" href="{}">{}</a>', classes, url, inside)
    return format_html('<span class="{}">{}</span>', classes, inside)


@register.simple_tag
def tier(label: Any, rank: int = 0, of: int = 0, scheme: Any = "", why: str = "") -> SafeString:
    """A tier chip: bars and depth of colour show the rank (1 highest), text names tier and scheme."""
    steps = max(of, 1)
    filled = steps - rank + 1 if rank else 0
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="3" height="{}" rx="1" class="{}"></rect>',
        (
            (4 * step, 9 - height, height, "on" if step < filled else "off")
            for step in range(steps)
            for height in [3 + round(6 * (step + 1) / steps)]
        ),
    )
    marks = format_html(
        '<svg class="ym-tier-bars" width="{}" height="9" aria-hidden="true">{}</svg>', 4 * steps - 1, bars
    )
    name = format_html('<span class="ym-tier-scheme">{}</span>', scheme) if scheme else ""
    chip_ = format_html(
        '<span class="ym-tier ym-tier-{}">{}{}</span>', _depth_of_rank(rank, steps), marks, capfirst(label)
    )
    return format_html('<span class="ym-tier-group">{}{}{}</span>', name, chip_, why_link(why, label) if why else "")


@register.simple_tag
def why_link(url: str, about: Any = "") -> SafeString:
    """ⓘ that opens the explanation at `url` in a dialog, or as a page without script."""
    label = _("Why %(about)s") % {"about": about} if about else _("Why")
    return format_html(
        '<a class="ym-why" href="{}" data-dialog aria-label="{}" title="{}">{}</a>',
        url,
        label,
        label,
        icon("info-circle"),
    )


@register.simple_tag
def bar(share: float, tone: str = "accent") -> SafeString:
    """A horizontal bar for a share between -1 and 1; negative ones grow to the left of the middle."""
    size = min(abs(float(share)), 1) * 50
    return format_html(
        '<svg class="ym-bar ym-bar-{}" aria-hidden="true" width="100%" height="8">'
        '<rect class="ym-bar-ground" x="0" width="100%" height="8" rx="2"></rect>'
        '<rect class="ym-bar-value" x="{}%" width="{}%" height="8" rx="2"></rect>'
        '<rect class="ym-bar-middle" x="50%" width="1" height="8"></rect></svg>'
        if share < 0 or tone == "signed"
        else '<svg class="ym-bar ym-bar-{}" aria-hidden="true" width="100%" height="8">'
        '<rect class="ym-bar-ground" x="0" width="100%" height="8" rx="2"></rect>'
        '<rect class="ym-bar-value" x="{}" width="{}%" height="8" rx="2"></rect></svg>',
        "negative" if share < 0 else tone,
        f"{50 - size:.1f}" if share < 0 else ("50" if tone == "signed" else "0"),
        f"{size if share < 0 or tone == 'signed' else 2 * size:.1f}",
    )


@register.simple_tag
def share_bar(parts: Iterable[tuple[float, int, int]]) -> SafeString:
    """Shares of a whole side by side, each (share, rank, number of ranks) as deep as its rank; a table says it too."""
    rects, left = [], 0.0
    for share, rank, of in parts:
        rects.append((f"{left * 100:.2f}", f"{share * 100:.2f}", _depth_of_rank(rank, of)))
        left += share
    return format_html(
        '<svg class="ym-share" aria-hidden="true" width="100%" height="10">{}</svg>',
        format_html_join("", '<rect x="{}%" width="{}%" height="10" class="ym-share-{}"></rect>', rects),
    )


def _depth_of_rank(rank: int, of: int) -> int:
    """Return how deep the colour of a rank is, 1 the deepest and 4 the palest; 0 without rank."""
    if not rank:
        return 0
    return 1 if rank == 1 else 4 if rank >= of else 2 if rank <= (of + 1) / 2 else 3


@register.simple_tag
def copy(text: str, label: str = "") -> SafeString:
    """A button that copies `text`; hidden without script."""
    return format_html(
        '<button type="button" class="ym-copy" data-copy="{}" aria-label="{}">{}</button>',
        text,
        label or _("Copy"),
        icon("copy"),
    )


@register.simple_tag
def skeleton(lines: int = 3) -> SafeString:
    """Grey lines that hold the place of something on its way."""
    return format_html(
        '<div class="ym-skeleton" role="status"><span class="visually-hidden">{}</span>{}</div>',
        _("Loading…"),
        format_html_join("", '<span class="ym-skeleton-line"{}></span>', (("",) for _line in range(lines))),
    )


@register.simple_tag
def later(url: str, label: Any, lines: int = 6) -> SafeString:
    """What stands where a part of the page is fetched to: grey lines, and a link to the same on a page of its own.

    The link is seen without script, and when the part does not come. Tab stops here: in a menu that was opened a
    moment ago there is nothing else to stop at yet, and leaving a menu closes it.
    """
    return format_html(
        '<div class="ym-later" tabindex="0">{}<a class="ym-later-link" href="{}">{}</a></div>',
        skeleton(lines),
        url,
        label,
    )


@register.simple_tag
def file_drop(name: str = "file", accept: str = "", hint: Any = "", multiple: bool = False) -> SafeString:
    """A file input on which files can be dropped."""
    context = {
        "name": name,
        "accept": accept,
        "hint": hint,
        "multiple": multiple,
        "id": f"drop-{next(_element_numbers)}",
    }
    return render_to_string("ui/parts/file_drop.html", context)


def _trimmed(content: str) -> SafeString:
    """Return what a block rendered without the white space around it; the template engine escaped it already."""
    return SafeString(content.strip())


# Larger parts ----------------------------------------------------------------------------------------------


@register.simple_block_tag
def page_header(content: str, title: Any, reason: Any = "", back: str = "") -> SafeString:
    """The head of a page: title, one line of reason, and its actions as content (the first one primary)."""
    return render_to_string(
        "ui/parts/page_header.html", {"title": title, "reason": reason, "back": back, "actions": _trimmed(content)}
    )


@register.simple_block_tag
def panel(content: str, title: Any, name: str = "", is_open: bool = True, note: Any = "", url: str = "") -> SafeString:
    """A foldable part of a page; with a `name` the browser remembers whether it is open."""
    return render_to_string(
        "ui/parts/panel.html",
        {"content": content, "title": title, "name": name, "is_open": is_open, "note": note, "url": url},
    )


@register.simple_block_tag
def card(content: str, title: Any = "", note: Any = "", url: str = "") -> SafeString:
    """A part of a page that is always open."""
    return render_to_string("ui/parts/card.html", {"content": content, "title": title, "note": note, "url": url})


@register.simple_block_tag
def empty(content: str, title: Any, text: Any = "", icon_name: str = "mood-empty") -> SafeString:
    """What stands where there is nothing yet: what would be here, and how to get it (content: buttons)."""
    return render_to_string(
        "ui/parts/empty.html", {"title": title, "text": text, "icon": icon_name, "actions": _trimmed(content)}
    )


@register.simple_block_tag
def banner(content: str, tone: str = "info", title: Any = "") -> SafeString:
    """A message in place: info, good, warn, bad."""
    return render_to_string(
        "ui/parts/banner.html", {"content": content, "tone": tone, "title": title, "icon": TONE_ICONS[tone]}
    )


@register.simple_block_tag
def dialog(content: str, name: str, title: Any, opener: Any = "", classes: str = "btn") -> SafeString:
    """A dialog and the button that opens it; without script the content is folded out in place."""
    return render_to_string(
        "ui/parts/dialog.html",
        {"content": content, "name": name, "title": title, "opener": opener, "classes": classes},
    )


@register.inclusion_tag("ui/parts/stat.html")
def stat(
    label: Any, value: Any, goal: Any = "", trend: float | None = None, reason: Any = "", url: str = "",
    action: Any = "", good_when: str = "up", progress: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One number with its goal, its trend (a ratio) and the reason; `action` names the link to `url`."""
    direction = "" if trend is None else "up" if trend > 0 else "down" if trend < 0 else "flat"
    tone = "" if direction in ("", "flat") else "good" if direction == good_when else "bad"
    return {
        "label": label, "value": value, "goal": goal, "reason": reason, "url": url, "action": action,
        "direction": direction, "tone": tone, "progress": progress,
        "trend": "" if trend is None else formats.percent(abs(trend)),
    }  # fmt: skip


@register.inclusion_tag("ui/parts/table.html", takes_context=True)
def table(context: Context, table: Table) -> dict[str, Any]:
    """A table with sortable headings, selection, bulk actions and a column chooser."""
    return {
        "table": table,
        "rows": table_rows.body(table, cell),
        "footer": table_rows.footer(table, cell) if table.footer else "",
        "csrf_token": context.get("csrf_token"),
        "id": table.name or f"t{next(_element_numbers)}",
    }


@register.inclusion_tag("ui/parts/tabs.html", takes_context=True)
def tabs(context: Context, items: Sequence[Mapping[str, Any]], label: Any = "", save_url: str = "") -> dict[str, Any]:
    """Saved views: items of label, url, is_active and optionally count and delete_url."""
    token = context.get("csrf_token")
    return {"items": items, "label": label or _("Views"), "save_url": save_url, "csrf_token": token}


@register.inclusion_tag("ui/parts/filters.html")
def filters(
    applied: Sequence[Mapping[str, Any]],
    fields: Any = None,
    clear_url: str = "",
    search: Any = None,
    keep: Any = (),
    url: str = "",
    values: Any = (),
) -> dict[str, Any]:
    """The filter bar: `applied` as sentences (text, remove_url), `fields` a form or bound fields, `search` a field.

    Instead of fields, `url` says where they are fetched when the menu is opened, and `values` what they hold (name, value).
    """
    return {
        "applied": applied, "fields": list(fields or ()), "clear_url": clear_url, "search": search, "keep": keep,
        "url": url, "values": values,
    }  # fmt: skip


@register.inclusion_tag("ui/parts/pager.html")
def pager(previous_url: str = "", next_url: str = "", summary: Any = "") -> dict[str, Any]:
    """Previous and next of a list that pages by key."""
    return {"previous_url": previous_url, "next_url": next_url, "summary": summary}


@register.inclusion_tag("ui/parts/facts.html")
def facts(pairs: Iterable[tuple[Any, Any]], columns: int = 1) -> dict[str, Any]:
    """A description list; values are written as `shown` does."""
    return {"pairs": list(pairs), "columns": columns}


@register.inclusion_tag("ui/parts/timeline.html")
def timeline(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What happened: events of at, title, and optionally text, icon, tone, url, who."""
    return {"events": list(events)}


@register.inclusion_tag("ui/parts/explanation.html")
def explanation(explanation: Explanation, title: Any = "") -> dict[str, Any]:
    """The card that says why: sentence, contributions, cut-offs, what would change it, sources, policy."""
    ranked = sorted(explanation.contributions, key=lambda part: -abs(part.share))
    return {
        "e": explanation,
        "title": title,
        "largest": ranked[:3],
        "others": ranked[3:],
        "tone": "signed" if any(part.share < 0 for part in ranked) else "accent",
    }


@register.inclusion_tag("ui/parts/why.html")
def why(explanation: Explanation, about: Any = "") -> dict[str, Any]:
    """ⓘ that carries its explanation with it; folds out in place without script."""
    return {"explanation": explanation, "about": about}


@register.inclusion_tag("ui/parts/form.html", takes_context=True)
def form(
    context: Context, form: BaseForm, submit: Any = "", cancel_url: str = "", columns: int = 1, is_told: Any = False
) -> dict[str, Any]:
    """The fields of a form with its errors; with `submit`, its buttons too. Put it into a <form>.

    `is_told`: the page says above the form already that some fields are marked.
    """
    return {"form": form, "submit": submit, "cancel_url": cancel_url, "columns": columns, "is_told": is_told}


@register.inclusion_tag("ui/parts/field.html")
def field(field: BoundField, label: Any = "") -> dict[str, Any]:
    """One field: label, required mark, control, help and errors in place."""
    widget = field.field.widget
    is_group = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    described = [f"{field.id_for_label or field.html_name}_help"] if field.help_text else []
    described += [f"{field.id_for_label or field.html_name}_errors"] if field.errors else []
    return {
        "field": field,
        "label": label or field.label,
        "is_check": isinstance(widget, CheckboxInput),
        "is_group": is_group,
        "control": _control(field, is_group, described),
        "key": field.id_for_label or field.html_name,
    }


def _control(field: BoundField, is_group: bool, described: list[str]) -> SafeString:
    """Return the widget with the classes and descriptions of the design."""
    widget = field.field.widget
    input_type = getattr(widget, "input_type", "")
    attrs: dict[str, Any] = {}
    if str(widget.attrs.get("placeholder", "")) == str(field.label):
        del widget.attrs["placeholder"]  # it would say the label twice
    if not is_group and input_type != "hidden":
        shape = {"select": "form-select", "checkbox": "form-check-input"}.get(input_type, "form-control")
        invalid = " is-invalid" if field.errors else ""
        attrs["class"] = f"{widget.attrs.get('class', '')} {shape}{invalid}".strip()
        attrs["aria-invalid"] = "true" if field.errors else None
        attrs["aria-describedby"] = " ".join(described) or None
        if shape == "form-select":
            _name_the_empty_choice(field)
    return field.as_widget(attrs={name: value for name, value in attrs.items() if value is not None})


DASHES = "---------"
"""What Django writes for the choice of nothing."""


def _name_the_empty_choice(field: BoundField) -> None:
    """Say in words what choosing nothing means: to be chosen still, or nothing."""
    asked = field.field
    said = _("Choose…") if asked.required else "–"
    if isinstance(asked, ModelChoiceField):
        asked.empty_label = said if asked.empty_label is not None else None
    elif isinstance(asked, ChoiceField):
        choices: Any = asked.choices  # a list, or what Django makes one of when it is asked
        asked.choices = [("", said) if choice == ("", DASHES) else choice for choice in choices]


@register.inclusion_tag("ui/parts/progress.html")
def progress(
    done: int, total: int | None, message: Any = "", poll_url: str = "", state: str = "running", title: Any = ""
) -> dict[str, Any]:
    """How far a job is; while it runs, `poll_url` (which answers this same part) is asked every second."""
    share = None if not total else min(done / total, 1)
    is_over = state in ("done", "failed", "cancelled")
    return {
        "done": done, "total": total, "message": message, "title": title, "state": state,
        "poll_url": "" if is_over else poll_url,
        "share": share, "width": f"{(1 if state == 'done' else share or 0) * 100:.1f}",
    }  # fmt: skip


@register.inclusion_tag("ui/parts/diff.html")
def diff(changes: Mapping[str, Sequence[Any]], labels: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Before and after: {field: [before, after]}, with labels for the fields."""
    names = labels or {}
    return {"changes": [(names.get(name, name), pair[0], pair[1]) for name, pair in changes.items()]}


@register.inclusion_tag("ui/parts/chart.html")
def chart(chart: Chart) -> dict[str, Any]:
    """A chart with its finding as title, a table that says the same, and data and picture to take along."""
    headings, rows = chart.table()
    return {
        "chart": chart,
        "data": json.dumps(chart.data(), default=float, ensure_ascii=False).translate(_SCRIPT_SAFE),
        "headings": headings,
        "rows": rows,
        "column": Column("value", "", {"money": "money", "percent": "percent"}.get(chart.unit, "number")),  # type: ignore[arg-type]
        "id": f"chart-{next(_element_numbers)}",
    }


_SCRIPT_SAFE = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag
def chart_from(url: str, height: str = "medium") -> SafeString:
    """A chart that is fetched when it comes into view; `url` answers with `ui/chart.html`."""
    return format_html(
        '<div class="ym-chart-place ym-chart-{}" hx-get="{}" hx-trigger="revealed" hx-swap="outerHTML">{}</div>',
        height,
        url,
        skeleton(4),
    )


@register.inclusion_tag("ui/parts/heatmap.html")
def heatmap(
    rows: Sequence[Any], columns: Sequence[Any], values: Sequence[Sequence[Any]], caption: Any,
    row_title: Any = "", column_title: Any = "", urls: Sequence[Sequence[str]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Counts of two classifications crossed; the colour deepens with the share of the largest cell."""
    largest = max((float(value) for line in values for value in line), default=0) or 1.0
    lines = [
        (
            name,
            [
                (value, _depth(float(value) / largest), urls[row][column] if urls else "")
                for column, value in enumerate(values[row])
            ],
        )
        for row, name in enumerate(rows)
    ]
    return {
        "columns": columns, "lines": lines, "caption": caption,
        "row_title": row_title, "column_title": column_title,
    }  # fmt: skip


def _depth(share: float) -> int:
    """Return 0 to 8; the square root keeps small counts visible beside large ones."""
    return 0 if share <= 0 else max(1, round(8 * share**0.5))
