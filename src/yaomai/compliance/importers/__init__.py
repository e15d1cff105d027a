"""Imports of this room."""

from yaomai.compliance.importers.consents import ConsentImporter

__all__ = ["ConsentImporter"]
