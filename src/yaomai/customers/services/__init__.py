"""Writes of this room: one public function per verb."""

from yaomai.customers.services.affiliations import affiliation_end, affiliation_start
from yaomai.customers.services.contacts import (
    institution_contact_add,
    institution_contact_remove,
    institution_contact_reveal,
    professional_contact_add,
    professional_contact_remove,
    professional_contact_reveal,
)
from yaomai.customers.services.departments import department_archive, department_create, department_update
from yaomai.customers.services.duplicates import (
    institution_duplicate_reject,
    institution_duplicates_find,
    professional_duplicate_reject,
    professional_duplicates_find,
)
from yaomai.customers.services.institutions import (
    institution_archive,
    institution_create,
    institution_name_add,
    institution_name_remove,
    institution_restore,
    institution_update,
)
from yaomai.customers.services.merges import (
    institution_merge,
    institution_unmerge,
    professional_merge,
    professional_unmerge,
)
from yaomai.customers.services.patients import (
    patient_population_archive,
    patient_population_create,
    patient_population_update,
)
from yaomai.customers.services.professionals import (
    professional_archive,
    professional_create,
    professional_restore,
    professional_update,
)
from yaomai.customers.services.profiles import (
    institution_fact_record,
    institution_facts_check,
    professional_fact_record,
    professional_facts_check,
)
from yaomai.customers.services.requests import (
    institution_change_accept,
    institution_change_propose,
    institution_change_reject,
    institution_verify,
    professional_change_accept,
    professional_change_propose,
    professional_change_reject,
    professional_verify,
)
from yaomai.customers.services.sheets import sheet_take, sheet_undo
from yaomai.customers.services.splits import institution_split, institution_unsplit
from yaomai.customers.services.territories import institution_assign
from yaomai.customers.services.types import mark as type_mark
from yaomai.customers.services.types import unmark as type_unmark

__all__ = [
    "affiliation_end",
    "affiliation_start",
    "department_archive",
    "department_create",
    "department_update",
    "institution_archive",
    "institution_assign",
    "institution_change_accept",
    "institution_change_propose",
    "institution_change_reject",
    "institution_contact_add",
    "institution_contact_remove",
    "institution_contact_reveal",
    "institution_create",
    "institution_duplicate_reject",
    "institution_duplicates_find",
    "institution_fact_record",
    "institution_facts_check",
    "institution_merge",
    "institution_name_add",
    "institution_name_remove",
    "institution_restore",
    "institution_split",
    "institution_unmerge",
    "institution_unsplit",
    "institution_update",
    "institution_verify",
    "patient_population_archive",
    "patient_population_create",
    "patient_population_update",
    "professional_archive",
    "professional_change_accept",
    "professional_change_propose",
    "professional_change_reject",
    "professional_contact_add",
    "professional_contact_remove",
    "professional_contact_reveal",
    "professional_create",
    "professional_duplicate_reject",
    "professional_duplicates_find",
    "professional_fact_record",
    "professional_facts_check",
    "professional_merge",
    "professional_restore",
    "professional_unmerge",
    "professional_update",
    "professional_verify",
    "sheet_take",
    "sheet_undo",
    "type_mark",
    "type_unmark",
]
