"""What a search finds a product or division by."""

from collections.abc import Sequence

from yaomai.catalog.models import Division, Product
from yaomai.kit.search import write_vectors

PRODUCT_TEXTS = ("name", "generic_name", "trade_name", "code", "approval_number")


def index_products(pks: Sequence[int]) -> None:
    """Write what products are found by."""
    rows = Product.unscoped.filter(pk__in=pks).values_list("pk", *PRODUCT_TEXTS)
    write_vectors(Product, [(pk, texts) for pk, *texts in rows])


def index_divisions(pks: Sequence[int]) -> None:
    """Write what divisions are found by: the full name, and the name by itself, which ranks first."""
    rows = Division.unscoped.filter(pk__in=pks).values_list("pk", "name", "full_name", "code")
    write_vectors(Division, [(pk, texts) for pk, *texts in rows])
