"""Which rows of ours the texts of a file mean."""

from collections.abc import Mapping, Sequence

from yaomai.customers import rules
from yaomai.customers.models import Institution, InstitutionName
from yaomai.kit.transfer.model_importer import SEVERAL


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
