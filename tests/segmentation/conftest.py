"""Twenty hospitals that bought in descending amounts, in two regions. The mirror reads what is committed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@dataclass
class Market:
    """Institutions from the largest buyer to the smallest; the second half lies in the west."""

    actor: Any
    east: Any
    west: Any
    distributor: Any
    institutions: list[Any] = field(default_factory=list)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Give each test a data folder: the mirror and the runs stand there."""
    settings.DATA = tmp_path


@pytest.fixture
def market(transactional_db: None, own_files: None, made_once: Callable[[Callable[[], Market]], Market]) -> Market:
    return made_once(_market)


def _market() -> Market:
    from yaomai.catalog.services import product_create
    from yaomai.customers.services import institution_create
    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Territory

    actor = system_actor("test", "set up")

    def territory(code: str) -> Any:
        row = Territory.unscoped.create(code=code, name=code, level="region", path="", valid_from=date(2020, 1, 1))
        row.path = f"/{row.pk}/"
        row.save(update_fields=["path"])
        return row

    with acting(actor):
        made = Market(actor, territory("east"), territory("west"), None)
        made.distributor = institution_create(actor=actor, now=NOW, name="安东九州医药有限公司", kind="distributor")
        product_create(
            actor=actor, now=NOW, code="AH1", name="安衡平", specification="5mg×28片", generic_name="安氯平片"
        )
        for number in range(20):
            made.institutions.append(
                institution_create(
                    actor=actor,
                    now=NOW,
                    name=f"江城市{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉'[number]}州医院",
                    grade="3A",
                    territory=made.east if number < 10 else made.west,
                )
            )
        _sell(made)
    return made


def _sell(market: Market, *, extra: dict[int, int] | None = None) -> None:
    from yaomai.commerce.lines import SCHEMA
    from yaomai.commerce.services import flow_take_in
    from yaomai.commerce.services.intake import plan_intake

    months = [date(2026, month, 5) for month in range(1, 11)]
    rows = [
        (month, institution.name, (20 - number) * 100)
        for month in months
        for number, institution in enumerate(market.institutions)
    ]
    if extra:
        rows = [(date(2026, 11, 5), market.institutions[number].name, amount) for number, amount in extra.items()]
    count = len(rows)
    columns: dict[str, list[Any]] = {
        "row": list(range(count)),
        "sold_on": [row[0] for row in rows],
        "buyer": [row[1] for row in rows],
        "place": [""] * count,
        "item": ["安衡平"] * count,
        "specification": ["5mg×28片"] * count,
        "item_code": [""] * count,
        "quantity": [Decimal(1)] * count,
        "amount": [Decimal(row[2]) for row in rows],
        "lot": [""] * count,
    }
    table = pa.table({name: pa.array(columns[name], SCHEMA.field(name).type) for name in SCHEMA.names})
    plan = plan_intake(actor=market.actor, distributor_id=market.distributor.pk, table=table, today=TODAY)
    flow_take_in(actor=market.actor, plan=plan, file_name="流向.xlsx", now=NOW)


@pytest.fixture
def sell(market: Market) -> Callable[[dict[int, int]], None]:
    """Sell more in November: sell({number of the institution: amount})."""
    from yaomai.kit.access import acting

    def run(extra: dict[int, int]) -> None:
        with acting(market.actor):
            _sell(market, extra=extra)

    return run


@pytest.fixture
def compute(market: Market) -> Callable[..., Any]:
    """Compute the tiers as of today; publish them when asked."""
    from yaomai.kit.access import acting
    from yaomai.segmentation.services import tiers_compute, tiers_publish

    def run(*, publish: bool = True, now: datetime = NOW, instead_of: int | None = None) -> Any:
        with acting(market.actor):
            made = tiers_compute(actor=market.actor, as_of=TODAY)
            if publish:
                tiers_publish(actor=market.actor, pk=made.pk, now=now, instead_of=instead_of)
            return made

    return run
