"""Audits by sample (K10): drawn by the machine, looked at by somebody else, and what the sample says of the whole."""

import secrets
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.compliance.models import Check, Expense, Share
from yaomai.integrity import rules
from yaomai.integrity.models import Audit, AuditItem
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, save, valid
from yaomai.kit.errors import Invalid, Missing

FIELDS = ("title", "drawn_from", "start", "end", "size", "method")
Line = tuple[int, str, int | None, date, Decimal]
"""Number, words, person, day, amount."""


@act("integrity.audit:create", sentence=_("%(actor)s drew the sample of %(target)s: %(drawn)s of %(population)s lines"))
def audit_draw(
    *, actor: Actor, trail: Trail, now: datetime, title: str, start: date, end: date, size: int,
    drawn_from: str = Audit.Population.MONEY, method: str = Audit.Method.MONEY,
) -> Audit:  # fmt: skip
    """Draw a sample of what was given and claimed, or done, in a period; the seed is drawn by the machine and kept.

    Raises:
        Invalid: by field; there is nothing to draw from.
    """
    audit = Audit(seed=secrets.randbelow(2**62), created_at=now, updated_at=now)
    changes = change(
        audit, {"title": title, "start": start, "end": end, "size": size, "method": method, "drawn_from": drawn_from},
        allowed=FIELDS,
    )  # fmt: skip
    if drawn_from == Audit.Population.ACTS and method == Audit.Method.MONEY:
        raise Invalid(fields={"method": [_("Visits have no amount: choose another method.")]})
    valid(audit)
    lines = _acts(start, end) if drawn_from == Audit.Population.ACTS else _money(start, end)
    if not lines:
        raise Invalid(fields={"start": [_("There is nothing in this period.")]})
    audit.population = len(lines)
    audit.total = sum((line[4] for line in lines), Decimal(0))
    save(audit)
    amounts = [line[4] for line in lines]
    if method == Audit.Method.MONEY:
        drawn = rules.by_money(amounts, size, audit.seed)
    elif method == Audit.Method.PEOPLE:
        drawn = rules.of_everybody([line[2] for line in lines], size, audit.seed)
    else:
        drawn = rules.alike(len(lines), size, audit.seed)
    AuditItem.unscoped.bulk_create(
        AuditItem(audit=audit, number=number, line=lines[at][0], label=lines[at][1], person_id=lines[at][2],
                  on=lines[at][3], amount=lines[at][4])
        for number, at in enumerate(drawn, 1)
    )  # fmt: skip
    trail.note(audit, changes=changes | {"seed": (None, audit.seed)}, drawn=len(drawn), population=len(lines))
    return audit


def _acts(start: date, end: date) -> list[Line]:
    """Return the visits and meetings that the gate was asked for, in a fixed order."""
    asked = Check.unscoped.filter(on__gte=start, on__lt=end, kind__in=("visit", "meeting")).order_by("pk")
    return [(row.pk * 3 + 2, str(row)[:200], row.person_id, row.on, Decimal(0)) for row in asked]


def _money(start: date, end: date) -> list[Line]:
    """Return what was claimed and given, in a fixed order."""
    claims = Expense.unscoped.filter(on__gte=start, on__lt=end, transfer=None).order_by("pk")
    given = Share.unscoped.filter(on__gte=start, on__lt=end, is_counted=True).select_related("transfer").order_by("pk")
    return [
        *((row.pk * 3, f"{row.claim}-{row.line} {row.get_form_display()}", row.claimant_id, row.on, row.amount)
          for row in claims),
        *((row.pk * 3 + 1, f"{row.transfer.get_item_display()} {row.transfer.evidence}", row.transfer.requester_id,
           row.on, row.amount) for row in given),
    ]  # fmt: skip


@act(
    "integrity.audit:look",
    right="integrity.audit:edit",
    sentence=_("%(actor)s looked at line %(number)s of %(target)s: %(result)s"),
)
def audit_look(
    *, actor: Actor, trail: Trail, pk: int, number: int, result: str, now: datetime, note: str = "",
    wrong_amount: Decimal = Decimal(0),
) -> AuditItem:  # fmt: skip
    """Say what was found of a line.

    Raises:
        Missing. Invalid: no result; a flaw without a note; more wrong than the line; one's own line.
    """
    audit = locked(Audit, pk)
    item = AuditItem.unscoped.select_for_update().filter(audit=audit, number=number).first()
    if item is None:
        raise Missing
    problems: dict[str, list[Any]] = {}
    if result not in AuditItem.Result.values:
        problems["result"] = [_("Choose what was found.")]
    if result != AuditItem.Result.IN_ORDER and not note.strip():
        problems["note"] = [_("Say what is wrong.")]
    if not 0 <= wrong_amount <= item.amount:
        problems["wrong_amount"] = [_("Between zero and the amount of the line.")]
    if actor.person_id is not None and item.person_id == actor.person_id:
        problems[""] = [_("Nobody audits their own lines: let a colleague look.")]
    if problems:
        raise Invalid(fields=problems)
    before = item.result
    item.result, item.note, item.wrong_amount, item.looked_by_id = (
        result,
        note.strip()[:500],
        wrong_amount,
        actor.person_id,
    )
    item.save(update_fields=["result", "note", "wrong_amount", "looked_by"])
    trail.note(audit, changes={"result": (before, result)}, number=number, result=item.get_result_display())
    return item
