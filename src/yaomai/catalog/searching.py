"""What a search finds a product or division by."""

from collections.abc import Sequence


def index_products(pks: Sequence[int]) -> None:
    """Write what products are found by."""


def index_divisions(pks: Sequence[int]) -> None:
    """Write what divisions are found by."""
