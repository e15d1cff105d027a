"""What the pages of this room show."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.approvals.views import panel as approval_panel
from yaomai.materials import using
from yaomai.materials.models import Material, MaterialVersion

TONES = {"draft": "", "waiting": "warn", "approved": "good", "returned": "bad", "replaced": "", "withdrawn": "bad"}


def products_of(rows: Any) -> dict[int, str]:
    """Return the products of materials, by id; one query."""
    found: dict[int, list[str]] = {}
    links = Material.products.through._default_manager.filter(material__in=[row.pk for row in rows])
    for pk, name in links.order_by("material_id", "product__name").values_list("material_id", "product__name"):
        found.setdefault(pk, []).append(name)
    return {pk: "、".join(names) for pk, names in found.items()}


def in_force(rows: Any) -> dict[int, str]:
    """Return until when each material may be used, "" where it may not; one query."""
    today = timezone.localdate()
    usable = MaterialVersion.unscoped.filter(
        material__in=[row.pk for row in rows], state="approved", valid_until__gte=today
    )
    return {
        pk: f"v{number} → {until.isoformat()}"
        for pk, number, until in usable.values_list("material_id", "number", "valid_until")
    }


def versions(row: Material, actor: Actor) -> dict[str, Any]:
    """Return the versions of a material that the actor may see, newest first, and what can be done."""
    found = list(MaterialVersion.objects.filter(material=row).order_by("-number"))
    today = timezone.localdate()
    may_edit = actor.may(Material.right("edit")) and row.archived_at is None
    is_waiting = any(each.state == "waiting" for each in found)
    return {
        "versions": [(each, TONES[each.state], using.is_usable(each, today)) for each in found],
        "write_url": reverse("materials:version_write", args=[row.pk]) if may_edit and not is_waiting else "",
    }


def version(row: MaterialVersion, actor: Actor) -> dict[str, Any]:
    """Return one version: its state, the verdict of today, claims, files, the way of its approval, what can be done."""
    today = timezone.localdate()
    request = approvals.standing(row)
    verdict = using.verdict_on(row, actor=actor, on=today, assume_approved=row.is_open or row.state == "waiting")
    may_edit = actor.may(Material.right("edit"))
    return {
        "tone": TONES[row.state],
        "is_usable": using.is_usable(row, today),
        "verdict": verdict.explanation,
        "claims": list(row.claims.select_related("indication").order_by("pk")),
        "approval": approval_panel(request) if request is not None and row.state == "waiting" else None,
        "may_edit": may_edit and row.is_open,
        "may_withdraw": actor.may(Material.right("withdraw"))
        and row.state in ("approved", "waiting", "draft", "returned"),
        "may_use": actor.may("materials.use:create") and using.is_usable(row, today),
        "uses": row.uses.count(),
    }
