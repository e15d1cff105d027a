"""Materials as records; what they say is in their versions."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, require_open, save, touch
from yaomai.kit.errors import Conflict
from yaomai.materials.models import Material, MaterialVersion

FIELDS = ("code", "title", "kind", "note")


class StillUsable(Conflict):
    """A version of it may still be used."""

    code = "material_still_usable"
    message = _("A version of it may still be used. Withdraw it first, with the reason.")


@act("materials.material:create", sentence=_("%(actor)s created the material %(target)s"))
def material_create(
    *, actor: Actor, trail: Trail, now: datetime, products: Iterable[Product] = (), **fields: Any
) -> Material:
    """Begin a material.

    Raises:
        Invalid: by field.
    """
    material = Material(created_at=now, updated_at=now)
    changes = change(material, fields, allowed=FIELDS)
    save(material)
    chosen = list(products)
    material.products.set(chosen)
    trail.note(material, changes={**changes, "products": (None, _named(chosen))})
    return material


@act("materials.material:edit", sentence=_("%(actor)s changed the material %(target)s"))
def material_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Material:
    """Correct what a material is called or which products it is about.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    material = locked(Material, pk, expected_version=expected_version)
    require_open(material)
    wanted = {name: value for name, value in changes.items() if name != "products"}
    differing = change(material, wanted, allowed=FIELDS)
    noted: dict[str, Any] = dict(differing)
    if "products" in changes:
        before, chosen = list(material.products.order_by("pk")), list(changes["products"])
        if {each.pk for each in before} != {each.pk for each in chosen}:
            _require_unused(material)
            noted["products"] = (_named(before), _named(chosen))
            material.products.set(chosen)
    touch(material, now)
    save(material, fields=differing)
    trail.note(material, changes=noted)
    return material


@act("materials.material:archive", sentence=_("%(actor)s archived the material %(target)s"))
def material_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Material:
    """Take a material out of the lists once nothing of it may be used.

    Raises:
        StillUsable.
    """
    material = locked(Material, pk, verb="archive", expected_version=expected_version)
    require_open(material)
    _require_unused(material)
    material.archived_at = now
    touch(material, now)
    save(material, fields=["archived_at"])
    trail.note(material, changes={"archived_at": (None, now)})
    return material


def _require_unused(material: Material) -> None:
    """Raise where a version is approved or waits: it was approved for these products."""
    if MaterialVersion.unscoped.filter(material=material, state__in=["approved", "waiting"]).exists():
        raise StillUsable


def _named(products: Iterable[Product]) -> str:
    return "、".join(str(each) for each in products)
