"""Lines of sales flow as an Arrow table, between the file and the database."""

import hashlib
import io
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Invalid

SCHEMA = pa.schema(
    [
        ("row", pa.int32()),
        ("sold_on", pa.date32()),
        ("buyer", pa.string()),
        ("place", pa.string()),
        ("item", pa.string()),
        ("specification", pa.string()),
        ("item_code", pa.string()),
        ("quantity", pa.decimal128(14, 3)),
        ("amount", pa.decimal128(16, 2)),
        ("lot", pa.string()),
    ]
)
CONTENT = ("sold_on", "buyer", "place", "item", "specification", "quantity", "amount", "lot")
Key = tuple[str, str]


def require_plausible_days(table: pa.Table, *, today: date, days_ahead: int, years_back: int) -> None:
    """Refuse dates outside of the allowed span.

    Raises:
        Invalid: names the first such row.
    """
    latest, earliest = today + timedelta(days=days_ahead), date(today.year - years_back, 1, 1)
    days = table["sold_on"]
    wrong = pc.or_(pc.greater(days, pa.scalar(latest)), pc.less(days, pa.scalar(earliest)))
    found = pc.indices_nonzero(wrong)
    if len(found):
        first = found[0].as_py()
        raise Invalid(
            _("Row %(row)s has the date %(day)s; allowed are %(earliest)s to %(latest)s. Correct it and upload again."),
            row=table["row"][first].as_py(),
            day=days[first].as_py().isoformat(),
            earliest=earliest.isoformat(),
            latest=latest.isoformat(),
        )


def _in_order(table: pa.Table) -> pa.Table:
    return table.select(list(CONTENT)).sort_by([(name, "ascending") for name in CONTENT]).combine_chunks()


def fingerprint(table: pa.Table) -> str:
    """Return a hash of the lines that neither their order nor the file's format changes."""
    sink = io.BytesIO()
    pacsv.write_csv(_in_order(table), sink, pacsv.WriteOptions(include_header=False))
    return hashlib.sha256(sink.getvalue()).hexdigest()


def distinct(table: pa.Table, name: str, detail: str) -> list[Key]:
    """Return the distinct pairs of two text columns, in order of text."""
    pairs = table.group_by([name, detail]).aggregate([])
    return sorted(zip(pairs[name].to_pylist(), pairs[detail].to_pylist(), strict=True))


def codes(table: pa.Table) -> dict[Key, str]:
    """Return the product code given for each written product."""
    pairs = table.group_by(["item", "specification"]).aggregate([("item_code", "max")])
    found = zip(
        pairs["item"].to_pylist(), pairs["specification"].to_pylist(), pairs["item_code_max"].to_pylist(), strict=True
    )
    return {(item, specification): code for item, specification, code in found if code}


def content(sold_on: date, buyer: str, item: str, quantity: Decimal, amount: Decimal, lot: str) -> str:
    """Return what makes a line the same line in another file."""
    return f"{sold_on}|{buyer}|{item}|{quantity.normalize()}|{amount.normalize()}|{lot}"


def contents(table: pa.Table) -> Counter[str]:
    """Return how often each line's content occurs."""
    columns = [table[name].to_pylist() for name in ("sold_on", "buyer", "item", "quantity", "amount", "lot")]
    return Counter(content(*values) for values in zip(*columns, strict=True))


def months(table: pa.Table) -> set[date]:
    """Return the first days of the months that the lines fall into."""
    starts = pc.unique(pc.floor_temporal(table["sold_on"], unit="month"))
    return {value.as_py() if isinstance(value.as_py(), date) else value.as_py().date() for value in starts}


def copy(connection: Any, table: pa.Table, batch_id: int, buyers: dict[Key, Any], items: dict[Key, Any]) -> None:
    """Write the lines with COPY; `buyers` and `items` give each name's row and meaning."""
    count = table.num_rows
    buyer_ids, institution_ids = _looked_up(table, "buyer", "place", buyers)
    item_ids, product_ids = _looked_up(table, "item", "specification", items)
    written = pa.table(
        {
            "batch_id": pa.repeat(batch_id, count),
            "row": table["row"],
            "sold_on": table["sold_on"],
            "buyer_id": buyer_ids,
            "item_id": item_ids,
            "institution_id": institution_ids,
            "product_id": product_ids,
            "quantity": table["quantity"],
            "amount": table["amount"],
            "lot": table["lot"],
            "is_active": pa.repeat(True, count),
        }
    )
    sink = io.BytesIO()
    pacsv.write_csv(written.combine_chunks(), sink, pacsv.WriteOptions(include_header=False, quoting_style="needed"))
    columns = ", ".join(f'"{name}"' for name in written.column_names)
    # Empty text is quoted by Arrow and null is not, as COPY's CSV wants it.
    statement = f"COPY commerce_salesline ({columns}) FROM STDIN (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement) as writer:
        writer.write(sink.getbuffer())


def _looked_up(table: pa.Table, name: str, detail: str, meaning: dict[Key, Any]) -> tuple[pa.Array, pa.Array]:
    """Return the source name's id and the target's id for each line."""
    pairs = pa.table(
        {
            name: pa.array([key[0] for key in meaning], pa.string()),
            detail: pa.array([key[1] for key in meaning], pa.string()),
            "source": pa.array([pair[0] for pair in meaning.values()], pa.int64()),
            "target": pa.array([pair[1] for pair in meaning.values()], pa.int64()),
        }
    )
    numbered = table.select([name, detail]).append_column("position", pa.array(range(table.num_rows), pa.int64()))
    joined = numbered.join(pairs, keys=[name, detail], join_type="left outer").sort_by("position").combine_chunks()
    return joined["source"], joined["target"]
