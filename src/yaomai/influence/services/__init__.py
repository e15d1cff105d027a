"""Writes of this room."""

from yaomai.influence.services.authors import author_decide
from yaomai.influence.services.publications import (
    author_add,
    author_remove,
    publication_archive,
    publication_create,
    publication_record,
    publication_update,
)
from yaomai.influence.services.records import (
    guideline_archive,
    guideline_create,
    guideline_update,
    office_archive,
    office_create,
    office_update,
    study_archive,
    study_create,
    study_update,
)
from yaomai.influence.services.ties import network_compute, tie_archive, tie_create, tie_update

__all__ = [
    "author_add",
    "author_decide",
    "author_remove",
    "guideline_archive",
    "guideline_create",
    "guideline_update",
    "network_compute",
    "office_archive",
    "office_create",
    "office_update",
    "publication_archive",
    "publication_create",
    "publication_record",
    "publication_update",
    "study_archive",
    "study_create",
    "study_update",
    "tie_archive",
    "tie_create",
    "tie_update",
]
