"""Writes of this room."""

from yaomai.materials.services.materials import material_archive, material_create, material_update
from yaomai.materials.services.uses import material_use
from yaomai.materials.services.versions import version_draft, version_submit, version_withdraw

__all__ = [
    "material_archive",
    "material_create",
    "material_update",
    "material_use",
    "version_draft",
    "version_submit",
    "version_withdraw",
]
