"""Imports of this room."""

from yaomai.commerce.importers.flow import SalesFlowImporter
from yaomai.commerce.importers.names import SourceNameImporter

__all__ = ["SalesFlowImporter", "SourceNameImporter"]
