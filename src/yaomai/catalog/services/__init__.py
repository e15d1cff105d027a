"""Writes of this room: one public function per verb."""

from yaomai.catalog.services.divisions import division_archive, division_create, division_update
from yaomai.catalog.services.lists import (
    indication_archive,
    indication_create,
    indication_update,
    product_line_archive,
    product_line_create,
    product_line_update,
    standard_department_archive,
    standard_department_create,
    standard_department_update,
)
from yaomai.catalog.services.products import (
    product_archive,
    product_create,
    product_standing_set,
    product_update,
    standings_apply,
)

__all__ = [
    "division_archive",
    "division_create",
    "division_update",
    "indication_archive",
    "indication_create",
    "indication_update",
    "product_archive",
    "product_create",
    "product_line_archive",
    "product_line_create",
    "product_line_update",
    "product_standing_set",
    "product_update",
    "standard_department_archive",
    "standard_department_create",
    "standard_department_update",
    "standings_apply",
]
