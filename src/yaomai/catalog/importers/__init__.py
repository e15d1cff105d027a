"""Imports of this room."""

from yaomai.catalog.importers.divisions import DivisionImporter
from yaomai.catalog.importers.lists import IndicationImporter, ProductLineImporter, StandardDepartmentImporter
from yaomai.catalog.importers.products import ProductImporter

__all__ = [
    "DivisionImporter",
    "IndicationImporter",
    "ProductImporter",
    "ProductLineImporter",
    "StandardDepartmentImporter",
]
