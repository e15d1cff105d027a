"""Imports of this room."""

from yaomai.listing.importers.committees import CommitteeImporter
from yaomai.listing.importers.processes import ProcessImporter

__all__ = ["CommitteeImporter", "ProcessImporter"]
