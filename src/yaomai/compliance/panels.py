"""What the pages of this room show."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from yaomai.compliance import gate, replays, rulebook, vocabulary
from yaomai.compliance.models import Check, Consent, Expense, Rule, Share, Transfer
from yaomai.compliance.policies import TransferPolicy
from yaomai.compliance.values import FORMS
from yaomai.customers.models import Institution
from yaomai.customers.panels import Load
from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.approvals.views import panel as approval_panel
from yaomai.kit.explain import Explanation
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.surface import View

SCOPE_LABELS = {
    "regions": gettext_lazy("Territories"),
    "products": gettext_lazy("Products"),
    "roles": gettext_lazy("Roles"),
}


def kinds_of(rule: Rule) -> str:
    """Return the acts that a rule concerns, in words."""
    return "、".join(vocabulary.kind_label(kind) for kind in rule.kinds)


def condition_of(rule: Rule) -> str:
    """Return a rule's condition in words."""
    return "；".join(_sentence(clause) for clause in rule.clauses)


def _sentence(clause: dict[str, Any], figures: Mapping[str, Any] = MappingProxyType({})) -> str:
    try:
        return rulebook.sentence(clause, figures)
    except KeyError as error:
        return _("unknown: %(name)s") % {"name": error.args[0]}


def kind_of_check(check: Check) -> str:
    """Return what kind of act was checked."""
    return vocabulary.kind_label(check.kind)


def kind_choices() -> list[tuple[str, str]]:
    """Return the kinds of act that are checked."""
    return [(kind.code, str(kind.label)) for kind in vocabulary.kinds()]


def facts_of_check(check: Check) -> str:
    """Return the facts of a checked act, in words."""
    return "；".join(f"{label}：{value}" for label, value in _facts(check))


def _facts(check: Check) -> list[tuple[str, Any]]:
    found = []
    for code, value in check.facts.items():
        try:
            fact = vocabulary.fact_of(code)
        except KeyError:
            continue
        if not fact.is_key:
            shown = (_("yes") if value else _("no")) if isinstance(value, bool) else fact.shown(value)
            found.append((str(fact.label), shown))
    return found


def check(row: Check, actor: Actor) -> dict[str, Any]:
    """Return a verdict as it was given, and what the rules of today say of the same facts."""
    facts = vocabulary.restored(row.facts)
    today = timezone.localdate()
    now = gate.judged(row.kind, facts, rulebook.on_day(today).struck(row.kind, facts), today, actor)
    return {
        "then": check_then(row),
        "now": now.explanation,
        "fails": now.outcome == "refuse",
        "facts": _facts(row),
    }


def check_then(row: Check) -> Explanation:
    """Return a verdict as it was given."""
    pairs = [text.rpartition(" v") for text in row.rules]
    versions = Rule.unscoped.filter(code__in=[code for code, _v, _number in pairs])
    by_key = {(rule.code, str(rule.number)): rule for rule in versions}
    struck = [by_key[code, number] for code, _v, number in pairs if (code, number) in by_key]
    return gate.explained(row.kind, row.outcome, struck, vocabulary.restored(row.facts), row.on)


def rule(row: Rule, actor: Actor) -> dict[str, Any]:
    """Return a rule in words, how it does on past acts, what is wrong with it, and what may be done."""
    today = timezone.localdate()
    in_force = rulebook.on_day(today)
    is_waiting = row.status == Rule.Status.PROPOSED
    book = replays.with_rule(row, on=today) if is_waiting else in_force
    request = approvals.standing(row)
    is_current = any(each.pk == row.pk for each in in_force.rules)
    return {
        "kinds": kinds_of(row),
        "sentences": [_sentence(clause, book.figures) for clause in row.clauses],
        "scope": [(label, getattr(row, name)) for name, label in SCOPE_LABELS.items() if getattr(row, name)],
        "findings": [text for found, text in book.findings() if found.code == row.code]
        if is_waiting or is_current
        else [],
        "unasked": [vocabulary.kind_label(kind) for kind in book.unasked(row)] if is_waiting or is_current else [],
        "policy": book.reference(row),
        "is_current": is_current,
        "is_waiting": is_waiting,
        "approval": approval_panel(request) if request is not None else None,
        "may_propose": actor.may("compliance.rule:propose") and not is_waiting,
        "tested": _tested(row, book, actor) if actor.may("compliance.check:view") and is_waiting else None,
        "level_tone": {"forbid": "bad", "avoid": "warn", "watch": "info"}[row.level],
        "is_unsure": row.confidence == Rule.Confidence.LOW,
    }


def _tested(row: Rule, book: rulebook.Rulebook, actor: Actor) -> dict[str, int]:
    """Return how many past acts of the rule's kinds it strikes, and how many of them passed then."""
    done = replays.replay(book, actor=actor, kinds=row.kinds)
    struck = {each.code: count for each, count in done.struck}
    return {"acts": done.acts, "struck": struck.get(row.code, 0), "newly_refused": done.newly_refused}


def versions(row: Rule, _actor: Actor) -> dict[str, Any]:
    """Return every version of a rule, newest first."""
    every = Rule.objects.filter(code=row.code).select_related("author", "approver").order_by("-number")
    return {"versions": list(every)}


# Consents -------------------------------------------------------------------------------------------------------


def activities_of(row: Consent) -> str:
    """Return what a consent is for, in words."""
    labels = dict(Consent.Activity.choices)
    return "、".join(str(labels.get(code, code)) for code in row.activities)


def departments_of(rows: Iterable[Consent]) -> Mapping[int, str]:
    """Return the departments of consents; one query."""
    found: dict[int, list[str]] = {}
    links = Consent.departments.through._default_manager.filter(consent__in=[row.pk for row in rows])
    for pk, name in links.order_by("consent_id", "department__name").values_list("consent_id", "department__name"):
        found.setdefault(pk, []).append(name)
    return {pk: "、".join(names) for pk, names in found.items()}


def consent(row: Consent, _actor: Actor) -> dict[str, Any]:
    """Return what a consent covers, and whether it holds today."""
    today = timezone.localdate()
    return {
        "activities": activities_of(row),
        "departments": [str(each) for each in row.departments.order_by("name")],
        "holds": row.archived_at is None and row.valid_from <= today and (row.valid_to is None or row.valid_to > today),
    }


def consents(institution: Institution, actor: Actor) -> dict[str, Any] | None:
    """Return the consents of an institution, those that hold first; None where nobody could need one."""
    today = timezone.localdate()
    found = list(Consent.objects.filter(institution=institution, archived_at=None).order_by("-valid_from", "-pk"))
    if not found and institution.kind not in (Institution.Kind.HOSPITAL, Institution.Kind.COMMUNITY):
        return None
    held = [row for row in found if row.valid_from <= today and (row.valid_to is None or row.valid_to > today)]
    return {
        "held": [(row, activities_of(row)) for row in held],
        "past": len(found) - len(held),
        "may_add": actor.may("compliance.consent:create") and institution.archived_at is None,
    }


def level_label() -> str:
    """Return the heading of a column of levels."""
    return pgettext("compliance", "Level")


def person_label() -> str:
    """Return the heading of a column of people."""
    return pgettext("organization", "Person")


# The ledger -----------------------------------------------------------------------------------------------------


def recipients_of(rows: Iterable[Transfer]) -> Mapping[int, str]:
    """Return who gets what is given, by name; one query."""
    found: dict[int, list[str]] = {}
    shares = Share.unscoped.filter(transfer__in=[row.pk for row in rows]).order_by("pk")
    for pk, person, place in shares.values_list("transfer_id", "professional__name", "institution__name"):
        found.setdefault(pk, []).append(person or place)
    return {pk: "、".join(names) for pk, names in found.items()}


def registers(_actor: Actor) -> Iterable[View]:
    """Return the lists that stand ready: the gift register that the documents ask for (N14)."""
    yield View(_("Gift register"), "transfer__form=gift&transfer__form=textbook")


def transfer(row: Transfer, actor: Actor) -> dict[str, Any]:
    """Return how far a transfer is, its recipients with the verdicts, what can be done, the claims that belong to it."""
    request = approvals.standing(row)
    checks = Check.unscoped.filter(target_type=row._meta.label_lower, target_id=str(row.pk)).order_by("-pk")
    may_edit = Transfer.objects.allowed(Transfer.right("edit")).filter(pk=row.pk).exists()
    return {
        "approval": approval_panel(request) if request is not None and row.state == Transfer.State.REQUESTED else None,
        "shares": [
            (share, check_then(found)) for share, found in zip(_shares(row), _latest(checks, row), strict=False)
        ],
        "may_give": may_edit and row.state == Transfer.State.APPROVED,
        "may_drop": may_edit and row.state in (Transfer.State.REQUESTED, Transfer.State.APPROVED),
        "expenses": list(Expense.unscoped.filter(transfer=row).select_related("claimant").order_by("pk"))
        if actor.may(Expense.right("view"))
        else [],
        "tone": STATE_TONES[row.state],
    }


STATE_TONES = {"requested": "warn", "approved": "good", "given": "good", "dropped": ""}
FINDING_TONES = {"matched": "good", "over": "bad", "unapproved": "bad", "duplicate": "bad", "settled": "info"}


def _shares(row: Transfer) -> list[Share]:
    return list(Share.unscoped.filter(transfer=row).select_related("professional", "institution").order_by("pk"))


def _latest(checks: Any, row: Transfer) -> list[Check]:
    """Return the verdicts of the last time that the gate was asked, one for each recipient, in their order."""
    found = list(checks[: row.shares.count()])
    return found[::-1]


def account_of(entity: str) -> Load:
    """Return what loads the running account of a professional or an institution."""

    def load(row: Any, actor: Actor) -> dict[str, Any] | None:
        today = timezone.localdate()
        rows = Share.objects.filter(**{entity: row}, is_counted=True)
        year = rows.filter(on__year=today.year)
        sums = dict(year.values_list("form").annotate(total=Sum("amount")))
        latest = list(rows.select_related("transfer").order_by("-on", "-pk")[:LATEST])
        may_add = actor.may(Transfer.right("create")) and row.archived_at is None
        if not latest and not may_add:
            return None
        policy, _version = policy_on(TransferPolicy, on=today)
        total = sum(sums.values(), Decimal(0))
        return {
            "year": today.year,
            "total": total,
            "cap": policy.per_year if entity == "professional" else None,
            "left": max(policy.per_year - total, Decimal(0)) if entity == "professional" else None,
            "sums": [(label, sums[code]) for code, label in FORMS.items() if code in sums],
            "latest": latest,
            "url": f"{reverse('compliance:share_list')}?{entity}={row.pk}",
            "new_url": f"{reverse('compliance:transfer_new')}?{entity if entity == 'institution' else 'professionals'}={row.pk}"
            + (f"&institution={row.institution_id}" if entity == "professional" and row.institution_id else "")
            if may_add
            else "",
        }

    return load


LATEST = 5


def expense(row: Expense, actor: Actor) -> dict[str, Any]:
    """Return what was found of an expense, and whether it can be settled."""
    return {
        "tone": FINDING_TONES[row.finding],
        "transfer": Transfer.objects.filter(pk=row.transfer_id).first(),
        "may_settle": actor.may(Expense.right("review")) and row.finding not in ("matched", "settled"),
    }
