"""Imports of this room: each in the hands of those who may do the same on a form (三员)."""

from yaomai.organization.importers.filings import FilingImporter
from yaomai.organization.importers.people import PersonImporter
from yaomai.organization.importers.positions import PositionImporter
from yaomai.organization.importers.territories import TerritoryImporter

__all__ = ["FilingImporter", "PersonImporter", "PositionImporter", "TerritoryImporter"]
