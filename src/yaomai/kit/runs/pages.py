"""What the pages of runs have in common, whatever is computed: the list, and what went into one of them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.kit.access import require, row_id
from yaomai.kit.phrases import Text
from yaomai.kit.runs.kinds import kind_of
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import PAGE, run_list
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.tables import Column, Row, Table


def runs_page(
    request: HttpRequest,
    kind: str,
    *,
    title: str,
    reason: str,
    page: str,
    ask: str,
    shown: Sequence[tuple[Column, Callable[[Run], Any]]] = (),
) -> HttpResponse:
    """List the runs of a kind, newest first.

    Args:
        page: name of the address of one run.
        ask: name of the address that a click asks for a new run.
        shown: what the room tells of each run beside when it was computed, and by whom.
    """
    actor = actor_of(request)
    require(actor, kind_of(kind).right("view"))
    rows = run_list(kind=kind, before=row_id(request.GET.get("before", "")))
    columns = [
        Column("run", pgettext("noun", "Run")),
        Column("as_of", _("As of"), "date"),
        Column("state", _("State")),
        *(column for column, _read in shown),
        Column("by", _("Started by")),
        Column("at", _("Started"), "moment"),
        Column("published", pgettext("moment", "Published"), "moment"),
    ]
    lines = [
        Row(
            [
                str(run), run.as_of, said_of(run), *(read(run) for _column, read in shown),
                run.started_by_name, run.started_at, run.published_at,
            ],
            key=str(run.pk), url=reverse(page, args=[run.pk]),
        )
        for run in rows[:PAGE]
    ]  # fmt: skip
    context = {
        "title": title,
        "reason": reason,
        "table": Table(title, columns, lines),
        "next_url": f"?before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "ask_url": reverse(ask) if actor.may(kind_of(kind).right("run")) else "",
        "crumbs": [],
    }
    return render(request, "runs/list.html", context)


def said_of(run: Run) -> str:
    """Return how a run stands: in force, or how far it came."""
    return _("In force") if run.is_in_force else str(run.get_state_display())


def facts_of(run: Run, *more: tuple[Text, Any]) -> list[tuple[Text, Any]]:
    """Return what went into a run and who asked for it, and what the room adds."""
    return [
        (_("As of"), run.as_of),
        *more,
        (_("Started by"), run.started_by_name),
        (_("Started"), run.started_at),
        (pgettext("moment", "Published"), run.published_at),
        (_("Engine"), run.engine_version),
    ]
