"""What institutions are worth to the watch of integrity: what they bought."""

from datetime import date

import pyarrow as pa

from yaomai.commerce.datasets import SALES
from yaomai.kit.warehouse import snapshot


def purchases(start: date, end: date) -> pa.Table:
    """Return the purchases of every institution in a period, both days included, as `institution` and `value` (yuan)."""
    from yaomai.engine.backends import connected

    files = [str(path) for path in snapshot(SALES).files(start=start, end=end)]
    if not files:
        return pa.table({"institution": pa.array([], pa.int64()), "value": pa.array([], pa.float64())})
    with connected() as connection:
        table = connection.read_parquet(files)
        table = table.filter(table.date.between(start, end))
        summed = table.group_by(institution=table.customer).aggregate(value=table.amount.sum().cast("float64"))
        worth: pa.Table = summed.mutate(value=summed.value.clip(lower=0.0)).to_pyarrow()
        return worth
