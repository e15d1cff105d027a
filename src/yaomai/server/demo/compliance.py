"""What the demo company's hospitals agreed to, and its ledger: gifts, meals, fees, the claims for them."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from yaomai.compliance.models import Consent, Transfer
from yaomai.compliance.services import consent_create, expense_record, transfer_record, transfer_request
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, acting
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for
from yaomai.server.demo import world

HOSPITALS = 60
RECEPTIONS = ("医务处", "药学部", "科教科", "")


def consents_record(*, actor: Actor, now: datetime) -> None:
    """Record consents of the larger hospitals."""
    chance = random.Random(world.SEED + 3)  # noqa: S311 — an invented world, not a secret
    today = now.date()
    hospitals = Institution.unscoped.filter(kind=Institution.Kind.HOSPITAL).order_by("code")
    for number, hospital in enumerate(hospitals[:HOSPITALS], 1):
        fate = chance.random()
        if fate < 0.1:
            continue
        start, end = _period(chance, fate, today)
        consent_create(
            actor=actor,
            now=now,
            institution=hospital,
            kind=chance.choice(Consent.Kind.values),
            document=f"同意函 {start.year}-{number:03d}，合规部存档",
            activities=[Consent.Activity.ACADEMIC, *([Consent.Activity.SAMPLES] if fate > 0.7 else [])],
            reception=chance.choice(RECEPTIONS),
            valid_from=start,
            valid_to=end,
        )


def _period(chance: random.Random, fate: float, today: date) -> tuple[date, date | None]:
    """Return when a consent began and ends: over, ending soon, or holding for long."""
    if fate < 0.2:
        end = today - timedelta(days=chance.randint(5, 60))
        return end - timedelta(days=365), end
    if fate < 0.3:
        end = today + timedelta(days=chance.randint(5, 25))
        return end - timedelta(days=365), end
    start = today - timedelta(days=chance.randint(60, 300))
    return start, None if fate > 0.9 else start + timedelta(days=730)


# The ledger -----------------------------------------------------------------------------------------------------

GIVEN: tuple[tuple[str, str, str, int, int], ...] = (
    ("gift", "academic_book", "学术书籍", 45, 95),
    ("gift", "notebook", "", 10, 30),
    ("textbook", "academic_book", "《内科学》分册", 60, 98),
    ("meal", "meal", "", 60, 118),
    ("fee", "lecture", "科内讲课", 500, 1000),
    ("travel", "transport", "参会交通", 120, 700),
)
"""Form, item, description, and between which amounts per head it was."""
EVENTS = ("省心血管学术年会", "基层慢病管理研讨会", "")


def ledger_fill(*, actor: Actor, now: datetime) -> None:
    """Record a year of what was given, claims for some of it, and a few requests that wait."""
    chance = random.Random(world.SEED + 4)  # noqa: S311 — an invented world, not a secret
    reps = list(Person.unscoped.filter(username__startswith="rep").order_by("username"))
    doctors = list(
        Professional.unscoped.filter(profession="physician", archived_at=None).exclude(institution=None)
        .select_related("institution").order_by("pk")[:120]
    )  # fmt: skip
    for number in range(120):
        form, item, description, least, most = chance.choice(GIVEN)
        doctor, rep = chance.choice(doctors), chance.choice(reps)
        event = chance.choice(EVENTS) if form in ("fee", "travel") else ""
        heads = 2 if form == "meal" else 1
        made = transfer_record(
            actor=actor, now=now, institution=doctor.institution, professionals=[doctor], requester=rep, form=form,
            item=item, description=description, on=now.date() - timedelta(days=chance.randint(8, 320)),
            amount=Decimal(chance.randint(least, most) * heads), own_heads=heads - 1, purpose="学术交流与疾病诊疗进展",
            hours=Decimal(1) if form == "fee" else None, paid_as="bank" if form == "fee" else "company", event=event,
            agenda="开场、专题报告、讨论" if event else "", evidence=f"发票 {20260000 + number}",
        )  # fmt: skip
        if number % 4 == 0:
            _claim(actor, now, made, number, over=number % 40 == 0)
    _claim_odd(actor, now, reps)
    for rep in reps[:3]:
        _request(actor_for(rep, on=now.date()), now, chance)


def _claim(actor: Actor, now: datetime, made: Transfer, number: int, *, over: bool) -> None:
    amount = made.amount * (Decimal("1.3") if over else 1)
    expense_record(
        actor=actor, now=now, claim=f"BX2026-{number:04d}", line=1, claimant=made.requester, form=made.form, on=made.on,
        amount=amount.quantize(Decimal("0.01")), invoice=made.evidence, customer=str(made.institution),
    )  # fmt: skip


def _claim_odd(actor: Actor, now: datetime, reps: list[Person]) -> None:
    """Claim a dinner that nobody approved, and one invoice twice by two people."""
    day = now.date() - timedelta(days=12)
    for number, (rep, invoice) in enumerate(
        ((reps[0], "发票 20269001"), (reps[1], "发票 20269002"), (reps[2], "发票 20269002"))
    ):
        expense_record(
            actor=actor, now=now, claim=f"BX2026-9{number:03d}", line=1, claimant=rep, form="meal", on=day,
            amount=Decimal(480), invoice=invoice, customer="科室聚餐",
        )  # fmt: skip


def _request(actor: Actor, now: datetime, chance: random.Random) -> None:
    """Let a representative ask for a book for somebody in reach."""
    with acting(actor):
        doctors = list(Professional.objects.filter(archived_at=None).exclude(institution=None).order_by("pk")[:10])
        if doctors:
            doctor = chance.choice(doctors)
            transfer_request(
                actor=actor, now=now, institution=doctor.institution, professionals=[doctor], form="gift",
                item="academic_book", description="《临床指南汇编》", on=now.date() + timedelta(days=5), amount=Decimal(86),
                purpose="科室学习新版指南",
            )  # fmt: skip
