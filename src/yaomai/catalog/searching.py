"""What a search finds a product or division by."""

from collections.abc import Sequence

from yaomai.catalog.models import Division, Product
from yaomai.kit.search import write_vectors

PRODUCT_TEXTS = ("name", "generic_name", "trade_name", "code", "approval_number")


def index_products(pks: Sequence[int]) -> None:
    """Write what products are found by."""
    rows = Product.unscoped.filter(pk__in=pks).values_list("pk", *PRODUCT_TEXTS)
    write_vectors(Product, [(pk, texts) for pk, *texts in rows])


def division_texts(name: str, full_name: str, code: str, level: str) -> tuple[str, ...]:
    """Return what a division is found by; the forty thousand streets by their own name only."""
    return (name, code) if level == Division.Level.STREET else (name, full_name, code)


def index_divisions(pks: Sequence[int]) -> None:
    """Write what divisions are found by."""
    rows = Division.unscoped.filter(pk__in=pks).values_list("pk", "name", "full_name", "code", "level")
    write_vectors(Division, [(pk, division_texts(*texts)) for pk, *texts in rows])
