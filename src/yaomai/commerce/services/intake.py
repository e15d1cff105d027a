"""Take in a file of sales flow: all of it or nothing, once, replacing what it corrects."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from yaomai.commerce import lines
from yaomai.commerce.datasets import SALES
from yaomai.commerce.models import FlowBatch, SalesLine, SourceName
from yaomai.commerce.names import (
    Key,
    Reading,
    institution_readings,
    known_readings,
    owners,
    product_readings,
    readings_of,
    readings_table,
    region_of,
)
from yaomai.commerce.policies import IntakePolicy, MatchingPolicy
from yaomai.commerce.rules import is_correction
from yaomai.customers import merging
from yaomai.customers.models import Institution
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.transfer.registry import Recall, made_anew
from yaomai.kit.transfer.services import import_taken_back
from yaomai.kit.warehouse import mark_changed

ZERO = Decimal(0)


class AlreadyTakenIn(Conflict):
    """The same lines of the same distributor are there already."""

    code = "flow_already_taken_in"
    message = _("These lines were taken in on %(day)s from “%(file)s”. Nothing was added.")


class NotActive(Conflict):
    """The batch counts no longer."""

    code = "flow_not_active"
    message = _("This file is %(state)s already.")


@dataclass(slots=True)
class Plan:
    """What taking in a file would do; nothing is written yet."""

    distributor: Institution
    table: pa.Table
    fingerprint: str
    first_day: date
    last_day: date
    amount: Decimal
    buyers: dict[Key, Reading]
    items: dict[Key, Reading]
    replaces: list[FlowBatch] = field(default_factory=list)
    beside: list[FlowBatch] = field(default_factory=list)
    """Files that share days with this one but no lines: both count."""

    def count(self, readings: dict[Key, Reading], *, settled: bool) -> int:
        return sum(reading.is_settled == settled for reading in readings.values())


def plan_intake(*, actor: Actor, distributor_id: int, table: pa.Table, today: date, recall: Recall = made_anew) -> Plan:
    """Read a table of typed lines (`lines.SCHEMA`) without writing; new names are matched, or recalled from the check.

    Raises:
        Invalid: no lines, or dates outside of what `IntakePolicy` allows.
        AlreadyTakenIn: the same lines of this distributor count already.
    """
    distributor = get_visible(Institution, pk=distributor_id)
    if table.num_rows == 0:
        raise Invalid(_("The file has no lines."))
    policy, _version = policy_on(IntakePolicy, on=today)
    lines.require_plausible_days(table, today=today, days_ahead=policy.days_ahead, years_back=policy.years_back)
    fingerprint = _fingerprint(table, distributor, recall)
    twin = FlowBatch.unscoped.filter(
        distributor=distributor, fingerprint=fingerprint, state=FlowBatch.State.ACTIVE
    ).first()
    if twin is not None:
        raise AlreadyTakenIn(day=twin.taken_in_at.date().isoformat(), file=twin.file_name)
    days = pc.min_max(table["sold_on"]).as_py()
    plan = Plan(
        distributor=distributor,
        table=table,
        fingerprint=fingerprint,
        first_day=days["min"],
        last_day=days["max"],
        amount=pc.sum(table["amount"]).as_py() or ZERO,
        buyers=_read_buyers(table, distributor, today, recall),
        items=_read_items(table, distributor),
    )
    _sort_overlaps(plan)
    return plan


def _fingerprint(table: pa.Table, distributor: Institution, recall: Recall) -> str:
    kept = recall(f"content_{distributor.pk}", lambda: pa.table({"fingerprint": [lines.fingerprint(table)]}))
    return str(kept["fingerprint"][0])


def _read_buyers(table: pa.Table, distributor: Institution, today: date, recall: Recall) -> dict[Key, Reading]:
    keys = lines.distinct(table, "buyer", "place")
    known = known_readings(SourceName.Kind.INSTITUTION, keys, distributor_id=distributor.pk)
    policy, _version = policy_on(MatchingPolicy, on=today)
    new = [key for key in keys if key not in known]

    def matched() -> pa.Table:
        return readings_table(institution_readings(new, policy, region=region_of(distributor)))

    return known | readings_of(recall(f"names_{distributor.pk}", matched))


def _read_items(table: pa.Table, distributor: Institution) -> dict[Key, Reading]:
    keys = lines.distinct(table, "item", "specification")
    known = known_readings(SourceName.Kind.PRODUCT, keys, distributor_id=distributor.pk)
    return known | product_readings([key for key in keys if key not in known], lines.codes(table))


def _sort_overlaps(plan: Plan) -> None:
    """Sort the distributor's active files of the same days into those corrected and those that stand beside."""
    overlapping = FlowBatch.unscoped.filter(
        distributor=plan.distributor,
        state=FlowBatch.State.ACTIVE,
        first_day__lte=plan.last_day,
        last_day__gte=plan.first_day,
    ).order_by("pk")
    own = lines.contents(plan.table) if overlapping else {}
    for batch in overlapping:
        (plan.replaces if is_correction(own, _batch_contents(batch)) else plan.beside).append(batch)


def _batch_contents(batch: FlowBatch) -> Counter[str]:
    rows = SalesLine.unscoped.filter(batch=batch).values_list(
        "sold_on", "buyer__name", "item__name", "quantity", "amount", "lot"
    )
    return Counter(lines.content(*row) for row in rows.iterator(20_000))


@act("commerce.flowbatch:import", sentence=_("%(actor)s took in %(target)s: %(lines)s lines, ¥%(amount)s"))
def flow_take_in(
    *, actor: Actor, trail: Trail, plan: Plan, file_name: str, now: datetime, import_id: int | None = None
) -> FlowBatch:
    """Write a plan: names, lines, and the end of the files it corrects, in one transaction.

    Raises:
        AlreadyTakenIn: somebody took in the same lines meanwhile.
    """
    _lock_distributor(plan.distributor.pk)
    twin = FlowBatch.unscoped.filter(
        distributor=plan.distributor, fingerprint=plan.fingerprint, state=FlowBatch.State.ACTIVE
    ).first()
    if twin is not None:
        raise AlreadyTakenIn(day=twin.taken_in_at.date().isoformat(), file=twin.file_name)
    _sort_overlaps_again(plan)
    batch = FlowBatch.unscoped.create(
        distributor=plan.distributor,
        file_name=file_name[-255:],
        fingerprint=plan.fingerprint,
        first_day=plan.first_day,
        last_day=plan.last_day,
        lines=plan.table.num_rows,
        amount=plan.amount,
        import_id=import_id,
        taken_in_by_id=actor.person_id,
        taken_in_at=now,
    )
    buyers = _remember(SourceName.Kind.INSTITUTION, plan.buyers, plan.distributor.pk, now)
    items = _remember(SourceName.Kind.PRODUCT, plan.items, plan.distributor.pk, now)
    lines.copy(connection, plan.table, batch.pk, buyers, items)
    _follow_names([batch, *plan.replaces])
    for earlier in plan.replaces:
        _end(earlier, FlowBatch.State.REPLACED, replaced_by=batch)
    _recount([batch, *plan.replaces])
    mark_changed(SALES, lines.months(plan.table) | {m for b in plan.replaces for m in _months(b)})
    trail.note(
        batch,
        changes={"replaces": (None, [str(earlier) for earlier in plan.replaces])} if plan.replaces else {},
        lines=batch.lines,
        amount=f"{batch.amount:,.2f}",
        fingerprint=batch.fingerprint,
    )
    return batch


def _sort_overlaps_again(plan: Plan) -> None:
    plan.replaces.clear()
    plan.beside.clear()
    _sort_overlaps(plan)


def _lock_distributor(distributor_id: int) -> None:
    """Let one file of a distributor be written at a time; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [f"flow:{distributor_id}"])


def _remember(
    kind: str, readings: dict[Key, Reading], distributor_id: int, now: datetime
) -> dict[Key, tuple[int, int | None]]:
    """Write the new names and return, for every name, its row and what it means."""
    new = [(key, reading) for key, reading in readings.items() if reading.source_id is None]
    owner = owners(kind, [key for key, _reading in new], distributor_id=distributor_id)
    target = "institution_id" if kind == SourceName.Kind.INSTITUTION else "product_id"
    SourceName.unscoped.bulk_create(
        [
            SourceName(
                kind=kind,
                name=key[0],
                place=key[1],
                distributor_id=owner[key],
                decision=reading.decision,
                candidates=reading.candidates,
                score=reading.score,
                created_at=now,
                **{target: reading.target_id},
            )
            for key, reading in sorted(new)
        ],
        batch_size=2000,
        ignore_conflicts=True,
    )
    # Read back: another file may have brought, or a person decided, some of the names meanwhile.
    settled = known_readings(kind, readings, distributor_id=distributor_id)
    return {key: (reading.source_id or 0, reading.target_id) for key, reading in settled.items()}


def _names_of(batches: Sequence[FlowBatch]) -> QuerySet[SourceName]:
    touched = SalesLine.unscoped.filter(batch__in=batches).order_by()
    names = {pk for column in ("buyer_id", "item_id") for pk in touched.values_list(column, flat=True).distinct()}
    return SourceName.unscoped.filter(pk__in=names)


def _lock_names(batches: Sequence[FlowBatch]) -> None:
    """Let nobody else count or decide on the names of files until the transaction ends; in the order of keys."""
    list(_names_of(batches).order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


MEANT = """
    CASE WHEN name.institution_id IS NULL THEN NULL ELSE coalesce(
        (SELECT former.institution_id FROM commerce_formermeaning former
          WHERE former.name_id = name.id AND former.until > line.sold_on ORDER BY former.until LIMIT 1),
        name.institution_id) END
"""
"""What a name meant on the day of a line."""


def _follow_names(batches: Sequence[FlowBatch]) -> None:
    """Let names and lines follow what was merged or decided since they were read; from here on others wait."""
    rows = _names_of(batches)
    # Institutions before names, as a merge locks them; names decided in between bring institutions of their own.
    held: dict[int, int] = {}
    while new := set(rows.exclude(institution=None).values_list("institution_id", flat=True)) - held.keys():
        held |= merging.hold(Institution, new)
    _lock_names(batches)
    for old, winner in held.items():
        if old != winner:
            rows.filter(institution_id=old).update(institution_id=winner)
    with connection.cursor() as cursor:
        for column, meaning, target in (
            ("buyer_id", MEANT, "institution_id"),
            ("item_id", "name.product_id", "product_id"),
        ):
            cursor.execute(
                f"""
                UPDATE commerce_salesline line SET {target} = {meaning} FROM commerce_sourcename name
                WHERE line.batch_id = %s AND name.id = line.{column} AND line.{target} IS DISTINCT FROM {meaning}
                """,  # noqa: S608 — the columns are words above
                [batches[0].pk],
            )


def _end(batch: FlowBatch, state: str, *, replaced_by: FlowBatch | None = None) -> None:
    batch.state, batch.replaced_by = state, replaced_by
    batch.version += 1
    batch.save(update_fields=["state", "replaced_by", "version"])
    SalesLine.unscoped.filter(batch=batch).update(is_active=False)


def _months(batch: FlowBatch) -> set[date]:
    days = SalesLine.unscoped.filter(batch=batch).dates("sold_on", "month")
    return set(days)


def _recount(batches: list[FlowBatch]) -> None:
    """Bring what is at stake on names into step with files that have just begun to count, or ceased to; names are locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE commerce_sourcename name SET amount = name.amount + sums.amount, lines = name.lines + sums.lines
            FROM (
                SELECT coalesce(line.buyer_id, line.item_id) AS id,
                    sum(CASE WHEN line.is_active THEN abs(line.amount) ELSE -abs(line.amount) END) AS amount,
                    sum(CASE WHEN line.is_active THEN 1 ELSE -1 END) AS lines
                FROM commerce_salesline line WHERE line.batch_id = ANY(%s)
                GROUP BY GROUPING SETS ((line.buyer_id), (line.item_id))
            ) sums WHERE sums.id = name.id
            """,
            [[batch.pk for batch in batches]],
        )


@act(
    "commerce.flowbatch:roll_back",
    right="commerce.flowbatch:import",
    sentence=_("%(actor)s rolled back %(target)s: %(reason)s"),
)
def batch_roll_back(*, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime) -> FlowBatch:
    """Take a file back: its lines count no longer, and the files it had replaced count again.

    Raises:
        NotActive: it was replaced or rolled back already.
        Invalid: no reason was given.
    """
    batch = get_visible(FlowBatch, pk=pk)
    _lock_distributor(batch.distributor_id)
    batch.refresh_from_db()
    if batch.state != FlowBatch.State.ACTIVE:
        raise NotActive(state=batch.get_state_display())
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why the file is taken back.")]})
    restored = list(FlowBatch.unscoped.filter(replaced_by=batch, state=FlowBatch.State.REPLACED))
    _lock_names([batch, *restored])
    months = _months(batch)
    _end(batch, FlowBatch.State.ROLLED_BACK)
    for earlier in restored:
        earlier.state, earlier.replaced_by = FlowBatch.State.ACTIVE, None
        earlier.version += 1
        earlier.save(update_fields=["state", "replaced_by", "version"])
        SalesLine.unscoped.filter(batch=earlier).update(is_active=True)
        months |= _months(earlier)
    _recount([batch, *restored])
    mark_changed(SALES, months)
    if batch.import_id is not None and not _stands(batch.import_id):
        import_taken_back(batch.import_id, now=now)
    trail.note(batch, changes={"state": ("active", "rolled_back")}, reason=reason)
    return batch


def _stands(import_id: int) -> bool:
    """Tell whether a file of an import still counts, or another one that replaced it does."""
    brought = FlowBatch.unscoped.filter(import_id=import_id)
    return brought.exclude(state=FlowBatch.State.ROLLED_BACK).exists()
