"""What the demo company's watch finds: a few wrongs among its claims, some of them looked at already."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from yaomai.compliance.services import expense_record
from yaomai.integrity import watching
from yaomai.integrity.models import Case
from yaomai.integrity.services import case_close, case_take, cases_open, dossier_ask
from yaomai.kit.access import Actor, acting
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for

CLOSED = (
    ("confirmed", "两人用同一张发票报销，多报的已退回并约谈。"),
    ("explained", "一张账单两人分摊，附有分摊说明与参会名单。"),
    ("mistaken", "发票号录错一位，已更正。"),
)


def watch_record(*, actor: Actor, now: datetime) -> None:
    """Plant odd claims, look over everything, and close a few cases."""
    reps = list(Person.unscoped.filter(username__startswith="rep").order_by("username")[:6])
    _plant(actor, now, reps)
    cases_open(actor=actor, now=now, found=watching.look(on=now.date()))
    officer = actor_for(Person.unscoped.get(username="compliance"), on=now.date())
    for case, (outcome, note) in zip(Case.unscoped.order_by("-score", "pk")[:3], CLOSED, strict=False):
        case_close(actor=officer, pk=case.pk, outcome=outcome, note=note, now=now)
    waiting = Case.unscoped.filter(state=Case.State.OPEN).order_by("-score", "pk").first()
    if waiting is not None:
        case_take(actor=officer, pk=waiting.pk, now=now)


def dossiers_make(*, actor: Actor, now: datetime) -> None:
    """Make what the market supervision asked for last quarter, and what an auditor wants of one representative."""
    officer = actor_for(Person.unscoped.get(username="compliance"), on=now.date())
    rep = Person.unscoped.get(username="rep111")
    since = date(now.year, 1, 1)
    with acting(officer):
        for said in (
            {"occasion": "unannounced", "authority": "江城市市场监督管理局", "reference": f"江市监检〔{now.year}〕12号",
             "subject": "company", "sections": ["filings", "transfers", "accounts", "expenses", "checks", "uses"]},
            {"occasion": "internal", "authority": "内部审计", "subject": "person", "person": rep},
        ):  # fmt: skip
            dossier_ask(actor=officer, now=now, first_day=since, last_day=now.date(), **said)


def _plant(actor: Actor, now: datetime, reps: list[Person]) -> None:
    """Claim with invoices in a row, with round amounts, and one invoice twice."""
    day = now.date() - timedelta(days=40)

    def claim(number: int, who: Person, amount: int | str, invoice: str, back: int = 0) -> None:
        expense_record(
            actor=actor, now=now, claim=f"BX2026-7{number:03d}", line=1, claimant=who, form="travel",
            on=day - timedelta(days=back), amount=Decimal(amount), invoice=invoice, customer=f"市内交通 {number}",
        )  # fmt: skip

    for number in range(8):
        claim(number, reps[number % 2], f"{138 + 17 * number}.60", f"餐字{7730021 + number}")
    for number in range(24):
        claim(100 + number, reps[2], 100 * (1 + number % 4), f"车字{9050000 + 373 * number}", back=number * 9)
    for number in range(3):
        claim(200 + number, reps[3 + number % 2], f"{260 + number}.50", f"票字{5501 + number // 2}", back=number)
