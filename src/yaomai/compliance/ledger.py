"""What the gate must know of a transfer: the running account of its recipient, local levels, fair value, agreements."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.compliance import gate, rules
from yaomai.compliance.facts import consent_of
from yaomai.compliance.models import Share, Transfer
from yaomai.compliance.policies import FeePolicy, HospitalityPolicy, TransferPolicy
from yaomai.compliance.rulebook import Rulebook
from yaomai.compliance.values import EVERY_ITEM, FORMS, PAID_AS, RECIPIENTS
from yaomai.compliance.vocabulary import FORESEEN, Fact, Given, Source, register_fact, register_kind, register_source
from yaomai.customers.models import Professional
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on

GIFTS = ("gift", "textbook")
PERSONAL = ("professional", "relative")
AGREEMENTS = {"sample": "samples", "grant": "sponsorship", "sponsorship": "sponsorship"}
"""Form -> the activity that the institution's agreement must be for."""

_ACCOUNT = """
SELECT coalesce(sum(amount), 0),
       coalesce(sum(amount) FILTER (WHERE event = %(event)s AND event <> ''), 0),
       coalesce(sum(count) FILTER (WHERE form IN ('gift', 'textbook')), 0),
       count(*) FILTER (WHERE form = 'meal' AND "on" = %(on)s),
       coalesce(sum(amount) FILTER (WHERE form = 'meal' AND "on" = %(on)s), 0),
       count(*) FILTER (WHERE form = %(form)s AND "on" = %(on)s AND requester_id IS DISTINCT FROM %(person)s),
       {level}
FROM compliance_share
WHERE {holder} = %(key)s AND "on" >= %(start)s AND "on" < %(end)s AND is_counted AND transfer_id IS DISTINCT FROM %(own)s
"""
"""One table: the screen asks at every keystroke."""
_LEVELS = {
    "meal": """(SELECT concat(d.full_name, i.address) FROM customers_institution i
                LEFT JOIN catalog_division d ON d.id = i.division_id WHERE i.id = %(institution)s)""",
    "fee": "(SELECT title FROM customers_professional WHERE id = %(professional)s)",
}
"""What the local level of a meal and the fair value of an hour depend on."""


def account(given: Given, _actor: Actor, book: Rulebook) -> Mapping[str, Any]:
    """Return what stands on the recipient's account with this transfer, and the levels it is compared with."""
    of_professional = given["professional"] is not None
    holder = "professional_id" if of_professional else "institution_id"
    asked = {
        "key": given["professional"] if of_professional else given["institution"], "on": book.on, "form": given["form"],
        "event": given["event"], "person": given["person"], "own": given["own"], "start": date(book.on.year, 1, 1),
        "end": date(book.on.year + 1, 1, 1), "institution": given["institution"], "professional": given["professional"],
    }  # fmt: skip
    amount, is_meal, is_fee = given["amount"], given["form"] == "meal", given["form"] == "fee"
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT.format(holder=holder, level=_LEVELS.get(given["form"], "NULL")), asked)
        year, event, gifts, meals, meals_amount, same, level = cursor.fetchone()
    activity = AGREEMENTS.get(given["form"])
    agreed = None
    if activity is not None:
        agreed = consent_of(
            institution=given["institution"], department=None, activity=activity, on=book.on
        )["consent_on_file"]  # fmt: skip
    return {
        "year_total": year + amount,
        "event_total": event + amount if given["has_event"] else None,
        "gifts_this_year": Decimal(gifts + (given["count"] if given["form"] in GIFTS else 0)),
        "other_meals_that_day": Decimal(meals),
        "day_per_head": meals_amount + amount if is_meal else None,
        "same_that_day": Decimal(same),
        "meal_limit": book.policy(HospitalityPolicy).per_head(given["place"] or level or "") if is_meal else None,
        "fee_limit": book.policy(FeePolicy).per_hour(level or "other") if is_fee else None,
        "agreement_on_file": agreed,
    }


COMPUTED = (
    "year_total", "event_total", "gifts_this_year", "other_meals_that_day", "day_per_head", "same_that_day", "meal_limit",
    "fee_limit", "agreement_on_file",
)  # fmt: skip
BROUGHT = (
    "person", "professional", "institution", "form", "item", "recipient", "paid_as", "amount", "amount_each", "per_head",
    "hourly", "overseas", "tied_to_use", "purpose_stated", "has_event", "agenda_on_file", "event", "place", "own", "count",
)  # fmt: skip


def register() -> None:
    """Declare the facts of transfers, their source and their kind."""
    for code, label, choices in (
        ("form", pgettext_lazy("compliance", "Form"), FORMS), ("item", pgettext_lazy("compliance", "Item"), EVERY_ITEM), ("recipient", _("Recipient"), dict(RECIPIENTS)),
        ("paid_as", _("Paid as"), dict(PAID_AS)),
    ):  # fmt: skip
        register_fact(Fact(code, "text", label, choices=tuple(choices.items())))
    for code, label in (
        ("amount", _("Amount")),
        ("amount_each", _("Amount for each")),
        ("per_head", _("Amount per head")),
        ("meal_limit", _("Local level of a meal")),
        ("fee_limit", _("Fair value of an hour")),
        ("hourly", _("Fee per hour")),
        ("year_total", _("Given to the recipient this year")),
        ("event_total", _("Given to the recipient at the event")),
        ("day_per_head", _("Meals of the day per head")),
    ):
        register_fact(Fact(code, "number", label, unit="CNY"))
    for code, label in (
        ("gifts_this_year", _("Gifts to the recipient this year")),
        ("other_meals_that_day", _("Other meals on that day")),
        ("same_that_day", _("The same from colleagues on that day")),
        ("own", _("This transfer itself")),
        ("count", _("Number of items")),
    ):
        register_fact(Fact(code, "number", label))
    for code, label in (("event", _("Event")), ("place", _("City of the meal"))):
        register_fact(Fact(code, "text", label))
    for code, label in (("agreement_on_file", _("Agreement on file")), ("overseas", _("Given abroad"))):
        register_fact(Fact(code, "flag", label))
    register_source(Source("account", COMPUTED, account))
    register_kind("transfer", label=FORESEEN["transfer"], facts=(*BROUGHT, *COMPUTED))


# Asking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a transfer before it is written."""

    professional: Professional | None
    amount: Decimal
    count: int


def lines(transfer: Transfer, professionals: Iterable[Professional], *, amount: Decimal) -> list[Line]:
    """Return what each recipient has of an amount."""
    people: list[Professional | None] = [*professionals] or [None]
    others = transfer.own_heads if transfer.form == "meal" else 0
    parts = rules.shares(amount, len(people), others=others)
    numbers = rules.counts(transfer.quantity, len(people))
    return [Line(who, part, number) for who, part, number in zip(people, parts, numbers, strict=True)]


def written(transfer: Transfer) -> list[Line]:
    """Return the parts of a transfer as they stand in the ledger."""
    shares = Share.unscoped.filter(transfer=transfer).select_related("professional").order_by("pk")
    return [Line(share.professional, share.amount, share.count) for share in shares]


def verdicts(
    transfer: Transfer, parts: Iterable[Line], *, amount: Decimal, actor: Actor, on: date
) -> Iterator[gate.Verdict]:
    """Yield what the gate says of each part of a transfer on a day."""
    policy, _version = policy_on(TransferPolicy, on=on)
    said = f"{transfer.purpose} {transfer.description}"
    for part in parts:
        facts: dict[str, Any] = {
            "person": transfer.requester_id,
            "professional": part.professional.pk if part.professional else None,
            "institution": transfer.institution_id,
            "territory": transfer.territory_id,
            "products": [],
            "noted_on": transfer.asked_on,
            "form": transfer.form,
            "item": transfer.item,
            "recipient": transfer.recipient,
            "paid_as": transfer.paid_as,
            "amount": part.amount,
            "amount_each": rules.each(amount, transfer.quantity) if transfer.form in GIFTS else None,
            "per_head": part.amount if transfer.form == "meal" else None,
            "hourly": rules.each(part.amount, transfer.hours) if transfer.hours else None,
            "overseas": transfer.is_overseas,
            "tied_to_use": any(word in said for word in policy.tied_words),
            "purpose_stated": bool(transfer.purpose.strip()),
            "has_event": bool(transfer.event),
            "agenda_on_file": bool(transfer.agenda.strip()),
            "event": transfer.event,
            "place": transfer.place,
            "own": transfer.pk,
            "count": part.count,
        }
        yield gate.check("transfer", facts, actor, on)


def lock(transfer: Transfer, professionals: Iterable[int]) -> None:
    """Let one transfer at a time be asked for an account, so that two cannot pass a cap together."""
    keys = [f"transfer:p{pk}" for pk in professionals] or [f"transfer:i{transfer.institution_id}"]
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 17))", [key])


def gravest(found: Iterable[gate.Verdict]) -> gate.Verdict:
    """Return the verdict that decides: the part that fares worst."""
    order = {"refuse": 0, "needs_approval": 1, "allow": 2}
    return min(found, key=lambda verdict: order[verdict.outcome])
