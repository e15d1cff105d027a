"""The mirror of what the watch looks at: lines of claims, of accounts, and the acts that the gate checked."""

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from yaomai.kit.warehouse import Dataset, register

KINDS = ("expense", "share", "check")
"""What a line is: its number divided by three leaves the place in here, and the rest is the row's own."""

# A claim that belongs to a transfer says nothing new. An invoice stands with the first recipient only: one bill for three
# guests is one bill.
SQL = """
SELECT e.id * 3 AS line, e.claimant_id AS person, NULL::bigint AS recipient, NULL::bigint AS institution, e.form,
       e.invoice, e."on" AS day, e.amount, (e.created_at AT TIME ZONE 'Asia/Shanghai') AS entered_at, '' AS city
FROM compliance_expense e
WHERE e.transfer_id IS NULL AND e."on" >= %(start)s AND e."on" < %(end)s
UNION ALL
SELECT s.id * 3 + 1, t.requester_id, coalesce(s.professional_id, -s.institution_id), t.institution_id, s.form,
       CASE WHEN s.id = (SELECT min(o.id) FROM compliance_share o WHERE o.transfer_id = t.id) THEN t.evidence ELSE '' END,
       s."on", s.amount, (t.created_at AT TIME ZONE 'Asia/Shanghai'), coalesce(left(d.code, 4), '')
FROM compliance_share s JOIN compliance_transfer t ON t.id = s.transfer_id
JOIN customers_institution i ON i.id = t.institution_id LEFT JOIN catalog_division d ON d.id = i.division_id
WHERE s.is_counted AND t.requester_id IS NOT NULL AND s."on" >= %(start)s AND s."on" < %(end)s
UNION ALL
SELECT c.id * 3 + 2, c.person_id, (c.facts->>'professional')::bigint, i.id, c.kind, '', c."on", NULL::numeric,
       (c.created_at AT TIME ZONE 'Asia/Shanghai'), coalesce(left(d.code, 4), '')
FROM compliance_check c LEFT JOIN customers_institution i ON i.id = (c.facts->>'institution')::bigint
LEFT JOIN catalog_division d ON d.id = i.division_id
WHERE c.kind IN ('visit', 'meeting') AND c.outcome <> 'refuse' AND c.person_id IS NOT NULL
  AND c."on" >= %(start)s AND c."on" < %(end)s
"""

LINES = register(
    Dataset(
        name="integrity.lines",
        label=_("What the watch looks at"),
        schema=pa.schema(
            [
                ("line", pa.int64()),
                ("person", pa.int64()),
                ("recipient", pa.int64()),
                ("institution", pa.int64()),
                ("form", pa.string()),
                ("invoice", pa.string()),
                ("day", pa.date32()),
                ("amount", pa.decimal128(16, 2)),
                ("entered_at", pa.timestamp("us")),
                ("city", pa.string()),
            ]
        ),
        sql=SQL,
        month_column="day",
        order=("day", "line"),
        # It holds everybody's: for the sweep only.
        right="integrity.case:compute",
    )
)
