"""Imports of this room."""

from yaomai.influence.importers import formats  # lets reference files be read
from yaomai.influence.importers.publications import PublicationImporter
from yaomai.influence.importers.records import GuidelineImporter, OfficeImporter, StudyImporter, TieImporter

__all__ = ["GuidelineImporter", "OfficeImporter", "PublicationImporter", "StudyImporter", "TieImporter", "formats"]
