"""What the demo company's hospitals agreed to: most consents hold, some end soon, some are over, some were never given."""

import random
from datetime import date, datetime, timedelta

from yaomai.compliance.models import Consent
from yaomai.compliance.services import consent_create
from yaomai.customers.models import Institution
from yaomai.kit.access import Actor
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
