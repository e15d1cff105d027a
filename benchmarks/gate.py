"""The gate against one indexed SELECT sent by hand, and a replay against the same rules written in SQL by hand.

python -m benchmarks gate [--acts 1000000] [--asked 2000] [--only gate|replay]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import figures
import numpy as np
import pyarrow as pa
from ground import Clock, installation
from pyarrow import parquet

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
RULES, YEARS, EVERY = 200, 10, 7
"""Rules in the book; years of a professional's history, with a transfer every so many days."""


def gate(asked: int) -> list[figures.Figure]:
    """Ask the gate about a transfer to somebody with ten years of history, between SELECTs of one row by its key."""
    from django.db import connection

    from yaomai.compliance import gate as the_gate
    from yaomai.compliance.models import Rule
    from yaomai.kit.access import acting, system_actor

    boss = system_actor("benchmark", "ask the gate")
    with acting(boss):
        professional, hospital, territory, lines = _history(boss)
        missing = RULES - Rule.unscoped.count()
        Rule.unscoped.bulk_create(_rule(number) for number in range(missing))
        facts = _facts(professional, hospital, territory)
        the_gate.check("transfer", facts, boss, TODAY)
        one, ours = [], []
        with connection.cursor() as cursor:
            for _round in range(asked):
                begun = time.perf_counter()
                cursor.execute(
                    "SELECT id, name, territory_id FROM customers_professional WHERE id = %s", [professional]
                )
                cursor.fetchone()
                one.append(time.perf_counter() - begun)
                begun = time.perf_counter()
                verdict = the_gate.check("transfer", facts, boss, TODAY)
                ours.append(time.perf_counter() - begun)
    assert verdict.outcome == "needs_approval", verdict.rules
    select, checked = _p95(one), _p95(ours)
    more = f"(p95 {checked * 1e3:.2f} ms, SELECT {select * 1e3:.2f} ms; {Rule.unscoped.count()} rules, {lines} lines of history)"
    return [
        figures.times("the gate, against one indexed SELECT by hand, p95", checked / select, 10, more=more),
        figures.times("the same, median", statistics.median(ours) / statistics.median(one), 10),
    ]


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def _history(boss: Any) -> tuple[int, int, int, int]:
    from yaomai.compliance.models import Share, Transfer
    from yaomai.customers.services import institution_create, professional_create
    from yaomai.organization.services import territory_create

    common = {"actor": boss, "now": NOW}
    top = territory_create(**common, code="CN", name="安衡", level="company", valid_from=date(2010, 1, 1))
    hospital = institution_create(**common, name="江城市第一人民医院", territory=top)
    people = [
        professional_create(**common, name=f"周{chr(0x4E00 + number)}", institution=hospital).pk
        for number in range(200)
    ]
    days = [TODAY - timedelta(days=back) for back in range(0, 365 * YEARS, EVERY)]
    transfers = Transfer.unscoped.bulk_create(
        Transfer(
            form="travel", item="transport", institution=hospital, territory=top, on=day, amount=Decimal(10), purpose="学术",
            state="given", asked_on=day, created_at=NOW, updated_at=NOW,
        )
        for _person in people for day in days
    )  # fmt: skip
    owners = [person for person in people for _day in days]
    Share.unscoped.bulk_create(
        Share(transfer=transfer, professional_id=owner, on=transfer.on, amount=Decimal(10), form="travel")
        for transfer, owner in zip(transfers, owners, strict=True)
    )
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return people[7], hospital.pk, top.pk, len(days)


def _rule(number: int) -> Any:
    from yaomai.compliance.models import Rule

    return Rule(
        code=f"B-{number}", pack="documents", kinds=["transfer"], text_zh="基准", source="基准", level="forbid",
        confidence="H", valid_from=date(2020, 1, 1), status="approved", created_at=NOW, decided_at=NOW,
        clauses=[
            {"fact": "form", "operator": "one_of", "value": ["gift", "meal"]},
            {"fact": "amount", "operator": "above", "value": str(5000 + number)},
            {"fact": "year_total", "operator": "above", "figure": "compliance.transfers:per_year"},
        ],
    )  # fmt: skip


def _facts(professional: int, hospital: int, territory: int) -> dict[str, Any]:
    return {
        "person": None, "professional": professional, "institution": hospital, "territory": territory, "products": [],
        "noted_on": TODAY, "form": "meal", "item": "meal", "recipient": "professional", "paid_as": "company",
        "amount": Decimal(80), "amount_each": None, "per_head": Decimal(80), "hourly": None, "overseas": False,
        "tied_to_use": False, "purpose_stated": True, "has_event": False, "agenda_on_file": False, "event": "", "place": "",
        "own": None, "count": 1,
    }  # fmt: skip


# Replay ---------------------------------------------------------------------------------------------------------

STRICT = """
SELECT count(*) AS acts, count(*) FILTER (WHERE forbidden) AS refused, {counts} FROM (
  SELECT *, {forbidden} AS forbidden FROM (SELECT outcome, {struck} FROM read_parquet('{file}')))
"""
BY_HAND = {
    "MR5": "form IN ('grant', 'sponsorship') AND recipient <> 'organisation'",
    "UC1-CASH": "item IN ('cash', 'gift_card', 'shopping_voucher', 'red_packet', 'transfer_to_person')",
    "UC1-TIED": "tied_to_use",
    "UC4": "overseas",
    "DA88": "recipient IN ('professional', 'relative')",
    "X7-AGREEMENT": "form = 'sample' AND NOT agreement_on_file",
    "X7-PERSON": "form = 'sample' AND recipient <> 'organisation'",
    "SA4": "form = 'fee' AND paid_as <> 'bank'",
    "SA4-LECTURE": "form = 'fee' AND item IN ('lecture', 'survey')",
    "SA5": "form IN ('grant', 'sponsorship') AND NOT agreement_on_file",
    "K1": "form IN ('gift', 'textbook') AND amount_each > 100",
    "K2": "form = 'gift' AND item NOT IN ('academic_book', 'notebook', 'pen', 'medical_tool', 'print')",
    "K3": "form = 'meal' AND per_head > meal_limit",
    "K3-SPLIT": "form = 'meal' AND day_per_head > meal_limit AND other_meals_that_day > 0",
    "K4": "NOT purpose_stated",
    "K4-AGENDA": "has_event AND NOT agenda_on_file",
    "K7": "amount > 0",
    "K7-BEFORE": "days_back > 0",
    "DUPLICATE": "same_that_day > 0",
    "CAP-YEAR": "recipient IN ('professional', 'relative') AND year_total > 20000",
    "CAP-EVENT": "recipient IN ('professional', 'relative') AND event_total > 6000",
    "CAP-GIFTS": "form IN ('gift', 'textbook') AND gifts_this_year > 4",
    "FMV": "form = 'fee' AND hourly > fee_limit",
    "X5-STRICT": "form = 'gift' AND recipient IN ('professional', 'relative')",
    "RD1": "item IN ('entertainment', 'leisure', 'social')",
    "RD2": "form = 'travel' AND item IN ('bar', 'film', 'laundry', 'phone', 'private_trip')",
    "RD3": "item = 'medical_tool' AND amount_each > 500",
    "RD5": "form = 'meal' AND per_head > 300",
}
"""The packs law, documents and strict for transfers, as somebody who knows the table would write them."""


def replay(count: int, folder: Path) -> list[figures.Figure]:
    """Ask the packs law, documents and strict about many transfers, through the engine and by SQL."""
    import duckdb

    from yaomai.compliance import replays, vocabulary
    from yaomai.engine import backends
    from yaomai.kit.access import acting, system_actor

    file = folder / "acts.parquet"
    parquet.write_table(_acts(count, vocabulary.kind_of("transfer").dataset.schema), file, compression="zstd")
    boss = system_actor("benchmark", "replay")
    clock, found = Clock(), {}
    with acting(boss):
        book = replays.with_packs(["documents", "strict"], on=TODAY)
        codes = [rule.code for rule in book.plain("transfer")]
        forbidden = [rule.code for rule in book.plain("transfer") if rule.level == "forbid"]
        assert set(codes) == set(BY_HAND), set(codes) ^ set(BY_HAND)
        names = {code: f"r{number}" for number, code in enumerate(codes)}
        sql = STRICT.format(
            counts=", ".join(f"count(*) FILTER (WHERE {name}) AS {name}" for name in names.values()),
            forbidden=" OR ".join(f"coalesce({names[code]}, false)" for code in forbidden),
            struck=", ".join(f"({BY_HAND[code]}) AS {name}" for code, name in names.items()),
            file=file,
        )
        for _round in range(5):
            with backends.connected() as connection:
                acts = connection.read_parquet([str(file)], table_name="acts")
                ours = clock.run("replay", lambda acts=acts: replays.judged("transfer", acts, book))
            with duckdb.connect() as plain:
                plain.execute("SET threads = 2")
                found = clock.run("sql", _query(plain, sql))
    struck = {rule.code: number for rule, number in ours.struck}
    different = sum(struck.get(code, 0) != found[name] for code, name in names.items())
    different += (ours.acts, ours.refused) != (found["acts"], found["refused"])
    ratio = clock.wall("replay") / clock.wall("sql")
    more = f"({clock.wall('replay'):.2f} s, SQL {clock.wall('sql'):.2f} s; {count:,} acts, {len(codes)} rules)"
    return [
        figures.times("replay over a new pack, against SQL by hand", ratio, 3, more=more),
        figures.none_of("rules that strike another number of acts than by SQL", different),
    ]


def _query(connection: Any, sql: str) -> Callable[[], dict[str, int]]:
    def ask() -> dict[str, int]:
        (line,) = connection.sql(sql).to_arrow_table().to_pylist()
        return dict(line)

    return ask


def _acts(count: int, schema: pa.Schema) -> pa.Table:
    """Return transfers of every kind, a share of each fact unknown where it does not apply."""
    chance = np.random.default_rng(4)
    forms = np.array(["gift", "textbook", "meal", "fee", "travel", "sample", "grant", "sponsorship"])
    items = np.array(["academic_book", "notebook", "other", "gift_card", "meal", "lecture", "consulting", "room", "bar",
                      "medical_tool", "social", "product_sample", "event_support", "donation"])  # fmt: skip
    texts = {
        "form": forms[chance.integers(0, len(forms), count)],
        "item": items[chance.integers(0, len(items), count)],
        "recipient": np.array(["professional", "organisation", "relative"])[chance.integers(0, 3, count)],
        "paid_as": np.array(["bank", "company", "in_kind"])[chance.integers(0, 3, count)],
        "outcome": np.array(["allow", "needs_approval"])[chance.integers(0, 2, count)],
    }
    columns: dict[str, Any] = {}
    for field in schema:
        if field.name in texts:
            column = pa.array(texts[field.name])
        elif field.name == "check_id":
            column = pa.array(np.arange(count))
        elif field.name == "happened_on":
            column = pa.array(np.datetime64("2026-01-01") + chance.integers(0, 300, count))
        elif pa.types.is_boolean(field.type):
            column = pa.array(chance.random(count) < 0.1, mask=chance.random(count) < 0.2)
        elif pa.types.is_decimal(field.type):
            most = 25_000 if "total" in field.name else 400
            amounts = pa.array([Decimal(cents) / 100 for cents in range(0, most * 100, most // 20)], field.type)
            column = amounts.take(pa.array(chance.integers(0, len(amounts), count), mask=chance.random(count) < 0.3))
        elif pa.types.is_integer(field.type):
            column = pa.array(np.full(count, 1))
        else:
            column = pa.array([None] * count, pa.string())
        columns[field.name] = column.cast(field.type, safe=False)
    return pa.table(columns, schema=schema)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--acts", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=2_000)
    parser.add_argument("--only", choices=("gate", "replay"))
    asked = parser.parse_args()
    found: list[figures.Figure] = []
    with installation(), tempfile.TemporaryDirectory() as folder:
        if asked.only in (None, "gate"):
            found += gate(asked.asked)
        if asked.only in (None, "replay"):
            found += replay(asked.acts, Path(folder))
    raise SystemExit(0 if figures.report(found) else 1)


if __name__ == "__main__":
    main()
