"""Growth by region, by lines worked by hand."""

from datetime import date
from decimal import Decimal

import ibis
import pyarrow as pa

from yaomai.engine.growth import regional_growth

AS_OF = date(2026, 6, 30)  # twelve months: 2025-07-01 to 2026-06-30; before: 2024-07-01 to 2025-06-30


def test_regions_compare_twelve_months_with_the_twelve_before() -> None:
    told = [
        (1, date(2025, 7, 1), 300, 7), (1, date(2025, 6, 30), 100, 7), (1, date(2024, 7, 1), 50, 7),
        (1, date(2024, 6, 30), 999, 7), (1, date(2026, 7, 1), 999, 7), (1, date(2026, 1, 1), -20, 7),
        (2, date(2026, 6, 30), 40, 7), (2, date(2026, 6, 30), 500, 8), (3, date(2025, 1, 1), 70, 7),
        (9, date(2026, 1, 1), 10_000, 7),
    ]  # fmt: skip
    columns = list(zip(*told, strict=True))
    lines = ibis.memtable(
        pa.table(
            {
                "customer": pa.array(columns[0], pa.int64()),
                "date": pa.array(columns[1], pa.date32()),
                "amount": pa.array([Decimal(each) for each in columns[2]], pa.decimal128(18, 2)),
                "product": pa.array(columns[3], pa.int64()),
            }
        )
    )
    places = ibis.memtable(pa.table({"customer": pa.array([1, 2, 3], pa.int64()), "region": ["A", "A", "B"]}))
    found = {
        row["region"]: row for row in regional_growth(lines, places, as_of=AS_OF, products=[7]).to_pyarrow().to_pylist()
    }
    assert found["A"] == {
        "region": "A",
        "amount": Decimal(320),
        "prior": Decimal(150),
        "buyers": 2,
        "largest": Decimal(280),
        "largest_prior": Decimal(150),
    }
    assert found["B"] == {
        "region": "B",
        "amount": Decimal(0),
        "prior": Decimal(70),
        "buyers": 1,
        "largest": Decimal(0),
        "largest_prior": Decimal(70),
    }
    every = {row["region"]: row for row in regional_growth(lines, places, as_of=AS_OF).to_pyarrow().to_pylist()}
    assert (every["A"]["amount"], every["A"]["largest"]) == (Decimal(820), Decimal(540))
    assert regional_growth(lines, places, as_of=AS_OF, products=[]).to_pyarrow().num_rows == 0
