"""Which rows of ours the texts of a file mean."""

from collections.abc import Mapping, Sequence

from yaomai.customers import rules
from yaomai.customers.models import Institution, InstitutionName, Professional
from yaomai.kit.transfer.model_importer import SEVERAL
from yaomai.kit.transfer.service_importer import NotThere


def institutions_named(texts: Sequence[str], *, right: str) -> Mapping[str, int]:
    """Return the institution in reach of the right for each code, name or other name; a merged one is what it became."""
    reach = Institution.objects.allowed(right).filter(merged_into=None)
    keys = dict(zip(texts, rules.name_keys(texts), strict=True))
    by_code = dict(reach.filter(code__in=list(texts)).exclude(code="").values_list("code", "pk"))
    by_key: dict[str, set[int]] = {}
    for key, pk in reach.filter(name_key__in=list(keys.values())).values_list("name_key", "pk"):
        by_key.setdefault(key, set()).add(pk)
    others = InstitutionName.unscoped.filter(key__in=list(keys.values()), institution__in=reach)
    for key, pk in others.values_list("key", "institution_id"):
        by_key.setdefault(key, set()).add(pk)
    found: dict[str, int] = {}
    for text, key in keys.items():
        if text.strip() in by_code:
            found[text] = by_code[text.strip()]
        elif key in by_key:
            found[text] = SEVERAL if len(by_key[key]) > 1 else next(iter(by_key[key]))
    return found


def institution_called(text: str, column: str, *, right: str = "customers.institution:view") -> Institution:
    """Return the one institution in reach that a text means.

    Raises:
        NotThere: there is none, or there are several.
    """
    pk = institutions_named([text], right=right).get(text)
    if pk is None or pk == SEVERAL:
        raise NotThere(column, several=pk == SEVERAL)
    return Institution.unscoped.get(pk=pk)


def professional_called(text: str, column: str, *, institution: Institution | None = None) -> Professional:
    """Return the one professional in view that a text means: by code, or by name, at an institution where one is told.

    Raises:
        NotThere: there is none, or there are several.
    """
    rows = Professional.objects.filter(archived_at=None, merged_into=None)
    found = list(rows.filter(code=text).exclude(code="")[:2])
    if not found:
        named = rows.filter(name=text)
        found = list(named.filter(affiliations__institution=institution).distinct()[:2]) if institution else []
        found = found or list(named[:2])
    if len(found) != 1:
        raise NotThere(column, several=len(found) > 1)
    professional: Professional = found[0]
    return professional
