"""Products and their dated standing."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.catalog import rules
from yaomai.catalog.models import Product, ProductStanding
from yaomai.catalog.searching import index_products
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid

PLAIN = (
    "code",
    "name",
    "generic_name",
    "trade_name",
    "dosage_form",
    "specification",
    "manufacturer",
    "is_own",
    "product_line",
    "approval_number",
    "insurance_code",
    "class_code",
    "class_name",
    "storage",
    "presentation",
    "margin",
    "note",
)
SEVERAL = ("indications", "departments")
NAMED = ("name", "code", "generic_name", "trade_name", "approval_number")
VALUES: dict[str, dict[str, Any]] = {
    ProductStanding.Kind.REIMBURSEMENT: dict(Product.Reimbursement.choices),
    ProductStanding.Kind.CENTRAL_PROCUREMENT: {"yes": _("yes"), "no": _("no")},
}
APPLY = """
    UPDATE catalog_product AS p
       SET reimbursement = coalesce(held.reimbursement, ''), is_centrally_procured = coalesce(held.procured, false)
      FROM (SELECT each.id, max(s.value) FILTER (WHERE s.kind = 'reimbursement') AS reimbursement,
                   bool_or(s.value = 'yes') FILTER (WHERE s.kind = 'procurement') AS procured
              FROM unnest(%(ids)s::bigint[]) AS each(id)
              LEFT JOIN catalog_productstanding AS s
                ON s.product_id = each.id AND s.valid_from <= %(on)s AND (s.valid_to IS NULL OR s.valid_to > %(on)s)
             GROUP BY each.id) AS held
     WHERE p.id = held.id AND (p.reimbursement, p.is_centrally_procured)
           IS DISTINCT FROM (coalesce(held.reimbursement, ''), coalesce(held.procured, false))
"""


def _key(product: Product) -> str:
    return rules.product_key(
        generic_name=product.generic_name,
        trade_name=product.trade_name,
        dosage_form=product.dosage_form,
        specification=product.specification,
        manufacturer=product.manufacturer,
    )


def _set_several(product: Product, fields: Mapping[str, Iterable[Any]]) -> dict[str, tuple[Any, Any]]:
    """Set indications and departments; return what differs, by name."""
    differing: dict[str, tuple[Any, Any]] = {}
    for name, rows in fields.items():
        relation = getattr(product, name)
        before = sorted(str(row) for row in relation.all())
        relation.set(rows)
        after = sorted(str(row) for row in rows)
        if before != after:
            differing[name] = (before, after)
    return differing


@act("catalog.product:create", sentence=_("%(actor)s created product %(target)s"))
def product_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Product:
    """Create a product; without a name it is called by trade name, generic name and specification.

    Raises:
        Invalid: by field.
    """
    several = {name: list(fields.pop(name)) for name in SEVERAL if fields.get(name) is not None}
    product = Product(created_at=now, updated_at=now)
    if not (fields.get("name") or "").strip():
        fields["name"] = rules.product_name(
            generic_name=fields.get("generic_name", ""),
            trade_name=fields.get("trade_name", ""),
            specification=fields.get("specification", ""),
        )
    changes = change(product, fields, allowed=PLAIN)
    product.natural_key = _key(product)
    save(product)
    changes |= _set_several(product, several)
    index_products([product.pk])
    trail.note(product, changes=changes)
    return product


@act("catalog.product:update", right="catalog.product:edit", sentence=_("%(actor)s changed product %(target)s"))
def product_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Product:
    """Change a product.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    product = locked(Product, pk, expected_version=expected_version)
    require_open(product)
    wanted = dict(changes)
    several = {name: list(wanted.pop(name)) for name in SEVERAL if name in wanted}
    differing = change(product, wanted, allowed=PLAIN)
    product.natural_key = _key(product)
    touch(product, now)
    save(product, fields=[*differing, "natural_key"])
    if set(NAMED) & differing.keys():
        index_products([pk])
    trail.note(product, changes=differing | _set_several(product, several))
    return product


@act("catalog.product:archive", sentence=_("%(actor)s archived product %(target)s"))
def product_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Product:
    """Take a product out of the lists; nothing is deleted."""
    product = locked(Product, pk, verb="archive", expected_version=expected_version)
    require_open(product)
    product.archived_at = now
    touch(product, now)
    save(product, fields=["archived_at"])
    trail.note(product, changes={"archived_at": (None, now)})
    return product


@act(
    "catalog.product:set_standing",
    right="catalog.product:edit",
    sentence=_("%(actor)s recorded of %(target)s from %(valid_from)s: %(kind)s, %(value)s"),
)
def product_standing_set(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    kind: str,
    value: str,
    valid_from: date,
    now: datetime,
    valid_to: date | None = None,
    source: str = "",
) -> ProductStanding:
    """Record a reimbursement class or central procurement from a day on; it ends the one before.

    Raises:
        Invalid: no such kind or value, or a later standing exists: history is not rewritten.
    """
    product = locked(Product, pk)
    require_open(product)
    if value not in VALUES.get(kind, ()):
        raise Invalid(fields={"value": [_("Choose from the list.")]})
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid(fields={"valid_to": [_("The end must come after the beginning.")]})
    rows = ProductStanding.unscoped.filter(product=product, kind=kind)
    if rows.filter(valid_from__gt=valid_from).exists():
        raise Invalid(fields={"valid_from": [_("There is a later entry already; choose a later day.")]})
    rows.filter(valid_from=valid_from).delete()
    rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)).update(valid_to=valid_from)
    standing: ProductStanding = ProductStanding.unscoped.create(
        product=product, kind=kind, value=value, valid_from=valid_from, valid_to=valid_to, source=source.strip()[:200]
    )
    before = (product.reimbursement, product.is_centrally_procured)
    apply_standings([pk], on=local_day(now))
    product.refresh_from_db(fields=["reimbursement", "is_centrally_procured"])
    touch(product, now)
    save(product)
    trail.note(
        product,
        changes={"reimbursement": (before[0], product.reimbursement)} if before[0] != product.reimbursement else {},
        kind=ProductStanding.Kind(kind).label,
        value=VALUES[kind][value],
        valid_from=valid_from,
    )
    return standing


def apply_standings(pks: Iterable[int], *, on: date) -> int:
    """Write to the products what holds on a day; return how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(APPLY, {"ids": list(pks), "on": on})
        return int(cursor.rowcount)


@act(
    "catalog.product:apply_standings",
    right="catalog.product:edit",
    sentence=_("%(actor)s applied the standings of %(on)s: %(count)s products changed"),
)
def standings_apply(*, actor: Actor, trail: Trail, on: date) -> int:
    """Bring the products into step with their dated standings; return how many changed."""
    count = apply_standings(Product.unscoped.values_list("pk", flat=True), on=on)
    trail.note(count=count, on=on)
    return count
