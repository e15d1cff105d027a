"""Imports of this room."""

from yaomai.compliance.importers.consents import ConsentImporter
from yaomai.compliance.importers.transfers import ExpenseImporter, TransferImporter

__all__ = ["ConsentImporter", "ExpenseImporter", "TransferImporter"]
