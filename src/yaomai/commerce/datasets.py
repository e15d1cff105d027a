"""The columnar mirror of the sales flow, which the engine reads."""

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from yaomai.kit.warehouse import Dataset, register

# Lines whose customer or product is not known yet take no part in any computation. The product line stands for
# the product's own when it has none.
SQL = """
SELECT line.id, line.institution_id AS customer, line.sold_on AS date, line.amount, line.quantity,
       line.product_id AS product, coalesce(product.product_line_id, -product.id) AS product_line
FROM commerce_salesline line LEFT JOIN catalog_product product ON product.id = line.product_id
WHERE line.is_active AND line.institution_id IS NOT NULL AND line.sold_on >= %(start)s AND line.sold_on < %(end)s
"""

SALES = register(
    Dataset(
        name="commerce.sales",
        label=_("Sales flow"),
        schema=pa.schema(
            [
                ("id", pa.int64()),
                ("customer", pa.int64()),
                ("date", pa.date32()),
                ("amount", pa.decimal128(16, 2)),
                ("quantity", pa.decimal128(14, 3)),
                ("product", pa.int64()),
                ("product_line", pa.int64()),
            ]
        ),
        sql=SQL,
        month_column="date",
        order=("date", "customer", "id"),
        # It holds every territory: for computations of the whole company, whose results are scoped again.
        right="commerce.salesline:compute",
    )
)
