"""Screens of compliance beyond the lists: the rule book, a rule's editor, and what would fail today."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from yaomai.compliance import panels, replays, rulebook, services
from yaomai.compliance.forms import (
    ClauseForms,
    GiveForm,
    ReasonForm,
    ReplayForm,
    RuleForm,
    SettleForm,
    initial_clauses,
)
from yaomai.compliance.models import Expense, Pack, Rule, Transfer
from yaomai.compliance.policies import PackPolicy
from yaomai.kit.access import get_visible, require
from yaomai.kit.attachments.services import bytes_of
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.tables import Column, Row, Table

both = require_http_methods(["GET", "HEAD", "POST"])
TONES = {"forbid": "bad", "avoid": "warn", "watch": "info"}


@login_required
@require_safe
def rulebook_page(request: HttpRequest) -> HttpResponse:
    """Show the rules in force today, pack by pack, what waits for a decision, and what is wrong with them."""
    actor = actor_of(request)
    require(actor, "compliance.rule:view")
    today = timezone.localdate()
    book = rulebook.on_day(today)
    pack = request.GET.get("pack", "")
    shown = [rule for rule in book.rules if pack in ("", rule.pack)]
    off = [rule for rule in rulebook.in_force(on=today, packs=Pack.values) if rule.pack not in book.packs]
    context = {
        "packs": [
            (Pack(code).label, [(rule, TONES[rule.level], panels.kinds_of(rule)) for rule in some])
            for code, some in groupby(shown, key=lambda rule: rule.pack)
        ],
        "count": len(book.rules),
        "tabs": [
            {"label": _("In force"), "url": reverse("compliance:rulebook"), "is_active": not pack},
            *(
                {"label": Pack(code).label, "url": f"?pack={code}", "is_active": code == pack}
                for code in Pack.values
                if code in book.packs
            ),
        ],
        "off": [(Pack(code).label, len(list(some))) for code, some in groupby(off, key=lambda rule: rule.pack)],
        "waiting": list(
            Rule.objects.filter(status=Rule.Status.PROPOSED).select_related("author").order_by("created_at")
        ),
        "findings": book.findings(),
        "unsure": sum(rule.confidence == Rule.Confidence.LOW for rule in book.rules),
        "packs_url": reverse("policies:policy_detail", args=[PackPolicy.name]),
        "may_propose": actor.may("compliance.rule:propose"),
    }
    return render(request, "compliance/rulebook.html", context)


# One rule -------------------------------------------------------------------------------------------------------


@login_required
@both
def rule_new(request: HttpRequest) -> HttpResponse:
    """Propose a rule of the company's own."""
    require(actor_of(request), "compliance.rule:propose")
    return _editor(request, None)


@login_required
@both
def rule_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Propose the next version of a rule."""
    require(actor_of(request), "compliance.rule:propose")
    approved = Rule.objects.filter(code=code, status=Rule.Status.APPROVED).order_by("valid_from", "number").last()
    if approved is None:
        raise Missing
    return _editor(request, approved)


def _editor(request: HttpRequest, rule: Rule | None) -> HttpResponse:
    """Show the form of a rule; when it is sent and holds, propose and show the proposal."""
    today = timezone.localdate()
    initial = {"valid_from": today, "reason": "", "pack": Pack.DOCUMENTS, "confidence": Rule.Confidence.HIGH}
    form = RuleForm(request.POST or None, instance=rule, initial=initial if rule is None else {"valid_from": today, "reason": ""},
                    is_new=rule is None)  # fmt: skip
    rows = ClauseForms(request.POST or None, initial=initial_clauses(rule.clauses) if rule else [], prefix="when")
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        said = dict(form.cleaned_data)
        clauses = [clause for row in rows if (clause := row.clause()) is not None]
        code = said.pop("code", rule.code if rule else "")
        try:
            made = services.rule_propose(
                actor=actor_of(request), now=timezone.now(), code=code, clauses=clauses, **said
            )
        except (Invalid, Refused, Conflict) as error:
            _say(form, rows, error)
        else:
            messages.success(request, _("Proposed. It holds once a colleague approves it."))
            return HttpResponseRedirect(reverse("compliance:rule_detail", args=[made.pk]))
    title = _("New rule") if rule is None else _("Change rule %(code)s") % {"code": rule.code}
    context = {
        "form": form,
        "rows": rows,
        "title": title,
        "rule": rule,
        "back": reverse("compliance:rulebook") if rule is None else reverse("compliance:rule_detail", args=[rule.pk]),
        "crumbs": [(title, "")],
    }
    failed = bool(form.errors or any(rows.errors))
    return render(request, "compliance/rule_form.html", context, status=422 if failed else 200)


def _say(form: RuleForm, rows: Any, error: Invalid | Refused | Conflict) -> None:
    """Put what a service refused beside what it is about."""
    if not isinstance(error, Invalid):
        for text in (str(error), *getattr(error, "citations", ())):
            form.add_error(None, text)
        return
    filled = [row for row in rows if row.clause() is not None]
    for name, texts in error.fields.items():
        said = [str(text) for text in texts]
        place = name.partition("clauses.")[2]
        if place.isdigit() and int(place) < len(filled):
            filled[int(place)].add_error("fact", said)
        else:
            form.add_error(name if name in form.fields else None, said)


# Replay ---------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def replay(request: HttpRequest) -> HttpResponse:
    """Show what the rules of today, or other packs, would say of the acts that were done."""
    actor = actor_of(request)
    require(actor, "compliance.check:view")
    today = timezone.localdate()
    now = rulebook.on_day(today)
    form = ReplayForm(request.GET or None, initial={"pack": sorted(now.packs - {Pack.LAW})})
    choices = form.fields["pack"]
    choices.choices = [(code, label) for code, label in Pack.choices if code != Pack.LAW]  # type: ignore[attr-defined]
    said: dict[str, Any] = {"pack": now.packs}
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
    book = replays.with_packs(said["pack"], on=today)
    done = replays.replay(book, actor=actor, start=said.get("start"), end=said.get("end"))
    context = {
        "form": form,
        "done": done,
        "rules": _struck(done),
        "examples": _examples(done),
        "packs": [Pack(code).label for code in Pack.values if code in done.book.packs],
    }
    return render(request, "compliance/replay.html", context, status=422 if form.errors else 200)


def _struck(done: replays.Replay) -> Table | None:
    rows = [
        Row(cells=(rule.code, rule.get_level_display(), rule.text, count, rule.citation),
            url=reverse("compliance:rule_detail", args=[rule.pk]))
        for rule, count in done.struck
    ]  # fmt: skip
    columns = [
        Column("rule", _("Rule")), Column("level", panels.level_label()), Column("text", _("What it says")),
        Column("acts", _("Past acts"), "number"), Column("citation", _("Source")),
    ]  # fmt: skip
    return Table(caption=_("Rules that strike"), columns=columns, rows=rows) if rows else None


def _examples(done: replays.Replay) -> Table | None:
    rows = [
        Row(cells=(str(check), panels.kind_of_check(check), check.on, check.get_outcome_display(), check.person),
            url=reverse("compliance:check_detail", args=[check.pk]))
        for check in done.examples()
    ]  # fmt: skip
    columns = [
        Column("what", _("What")), Column("kind", pgettext("compliance", "Act")), Column("on", _("On"), "date"),
        Column("then", pgettext("compliance", "Then")),
        Column("person", panels.person_label()),
    ]  # fmt: skip
    return Table(caption=_("Would fail now"), columns=columns, rows=rows) if rows else None


# The ledger -----------------------------------------------------------------------------------------------------


@login_required
@both
def transfer_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that an approved transfer was given."""
    actor = actor_of(request)
    require(actor, Transfer.right("edit"))
    row = get_visible(Transfer, pk=pk)
    initial = {"spent": row.amount, "given_on": min(row.on, timezone.localdate())}
    return small_form(
        request, GiveForm(request.POST or None, request.FILES or None, initial=initial), title=_("Note that it was given"),
        note=str(row), back=reverse("compliance:transfer_detail", args=[pk]), done=_("Noted. The claim will be held against it."),
        write=lambda said: services.transfer_give(actor=actor, pk=pk, now=timezone.now(), **_with_bytes(said)),
    )  # fmt: skip


def _with_bytes(said: dict[str, Any]) -> dict[str, Any]:
    """Return what a form says, the upload as name and content."""
    upload = said.pop("file", None)
    if upload is None:
        return said
    return {**said, "file": bytes_of(upload, now=timezone.now()), "file_name": upload.name}


@login_required
@both
def transfer_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that something will not be given."""
    actor = actor_of(request)
    require(actor, Transfer.right("edit"))
    row = get_visible(Transfer, pk=pk)
    return small_form(
        request, ReasonForm(request.POST or None), title=_("It will not be given"), note=str(row),
        back=reverse("compliance:transfer_detail", args=[pk]), done=_("It counts on no account any more."),
        write=lambda said: services.transfer_drop(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@login_required
@both
def expense_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how an expense that does not agree was settled."""
    actor = actor_of(request)
    require(actor, Expense.right("review"))
    row = get_visible(Expense, pk=pk)
    return small_form(
        request, SettleForm(request.POST or None), title=_("Settle"), note=f"{row} · {row.get_finding_display()}",
        back=reverse("compliance:expense_detail", args=[pk]), done=_("Settled."),
        write=lambda said: services.expense_settle(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip
