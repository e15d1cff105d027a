"""Surfaces: from one declaration per model come its list, detail, forms, import, export and REST endpoints.

    @register
    class InstitutionSurface(Surface):
        model = Institution
        section = "customers"
        columns = ("name", "kind", "grade", "territory", Column("tier", label=_("Tier"), load=tiers_of))
        filters = ("kind", "grade", "territory", "created_at")
        form = ("name", "kind", "grade", "territory")
        services = {"create": institution_create, "update": institution_update, "archive": institution_archive}

Everything else has a sensible default; a wish beyond these attributes is a plain view. Rows come from the
model's scoped manager, writes go through the named services, so access, gate and trail hold everywhere.
A room above adds to a surface below with `extend(Model, columns=…, filters=…, panels=…, actions=…, views=…, pages=…)`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaomai.kit.surfaces.columns import Column
    from yaomai.kit.surfaces.surface import (
        BulkAction,
        Panel,
        SelectionPage,
        Surface,
        View,
        extend,
        register,
        surface_of,
        surfaces,
    )

__all__ = [
    "BulkAction",
    "Column",
    "Panel",
    "SelectionPage",
    "Surface",
    "View",
    "extend",
    "register",
    "surface_of",
    "surfaces",
]


def __getattr__(name: str) -> Any:
    """Import on first use: this package is an app, and its models cannot exist before Django has loaded all apps."""
    if name not in __all__:
        raise AttributeError(name)
    from yaomai.kit.surfaces import columns, surface

    return getattr(columns if name == "Column" else surface, name)
