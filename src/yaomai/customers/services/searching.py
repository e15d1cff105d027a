"""What a search finds a row by."""

from collections.abc import Sequence

from yaomai.customers.models import Institution, InstitutionName, Professional
from yaomai.kit.search import write_vectors


def index_institutions(pks: Sequence[int]) -> None:
    """Write what institutions are found by: name, other names, code."""
    others: dict[int, list[str]] = {}
    for pk, name in (
        InstitutionName.unscoped.filter(institution_id__in=pks).order_by("pk").values_list("institution_id", "name")
    ):
        others.setdefault(pk, []).append(name)
    rows = Institution.unscoped.filter(pk__in=pks).values_list("pk", "name", "code")
    write_vectors(Institution, [(pk, (name, *others.get(pk, ()), code)) for pk, name, code in rows])


def index_professionals(pks: Sequence[int]) -> None:
    """Write what professionals are found by: name and code."""
    rows = Professional.unscoped.filter(pk__in=pks).values_list("pk", "name", "code")
    write_vectors(Professional, [(pk, (name, code)) for pk, name, code in rows])
