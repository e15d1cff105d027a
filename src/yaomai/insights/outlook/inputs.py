"""What a run of customer outlooks reads: sales flow, core customers, visits, figures; all as of one moment."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils.translation import gettext as _

from yaomai.commerce.datasets import SALES
from yaomai.engagement.models import Visit
from yaomai.insights.outlook.policies import OutlookPolicy
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.warehouse import Snapshot, snapshot
from yaomai.segmentation.models import TierAssignment

CONTACT_DAYS = 182
"""How far back visits are read: the two quarters that the reasons compare."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a run reads. `contacts`: (institution, day) of visits that were not found invalid."""

    as_of: date
    policy: OutlookPolicy
    versions: dict[str, int | None]
    sales: Snapshot
    core: tuple[int, ...]
    contacts: tuple[tuple[int, date], ...]

    def fingerprints(self) -> dict[str, str]:
        """Return what tells two gatherings apart."""
        return {
            SALES.name: self.sales.fingerprint,
            "core": hashlib.sha256(repr(self.core).encode()).hexdigest(),
            "contacts": hashlib.sha256(repr(self.contacts).encode()).hexdigest(),
        }


def gather(as_of: date) -> Gathered:
    """Read what is known by a day."""
    policy, version = policy_on(OutlookPolicy, on=as_of)
    core = TierAssignment.unscoped.filter(
        scheme=policy.core_scheme, tier__in=policy.core_tiers, institution__isnull=False, valid_from__lte=as_of,
        valid_to=None,
    )  # fmt: skip
    seen = Visit.unscoped.filter(archived_at=None, on__gt=as_of - timedelta(days=CONTACT_DAYS), on__lte=as_of).exclude(
        validity=Visit.Validity.INVALID
    )
    return Gathered(
        as_of,
        policy,
        {OutlookPolicy.name: version.number if version is not None else None},
        snapshot(SALES),
        tuple(sorted(core.values_list("institution", flat=True))),
        tuple(sorted(seen.values_list("institution", "on"))),
    )


@contextmanager
def read(gathered: Gathered) -> Iterator[Any]:
    """Yield the log of the sales flow with the table of contacts; None where nobody has ordered by the day."""
    import ibis
    import pyarrow as pa

    from yaomai.engine.backends import arrow_table, connected
    from yaomai.engine.customer_base.logs import Log

    files = gathered.sales.files(end=gathered.as_of + timedelta(days=1))
    with TemporaryDirectory(prefix="yaomai-insights-") as folder, connected() as engine:
        if not files:
            yield None
            return
        lines = engine.read_parquet([str(path) for path in files]).select("customer", "date", "amount")
        lines = lines.filter(lines["date"] <= ibis.literal(gathered.as_of))
        days = lines.agg(first=lines["date"].min(), last=lines["date"].max(), rows=lines.count())
        found = days.to_pyarrow().to_pylist()[0]
        if found["first"] is None:
            yield None
            return
        log = Log(Path(_("Sales flow")), lines, found["first"], found["last"], found["rows"], 0)
        keys, on = zip(*gathered.contacts, strict=True) if gathered.contacts else ((), ())
        met = pa.table({"customer": pa.array(keys, pa.int64()), "date": pa.array(on, pa.date32())})
        yield log, arrow_table(engine, met, folder, "contacts") if gathered.contacts else None
