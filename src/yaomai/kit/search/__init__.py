"""Search by any part of a Chinese name, by pinyin and by initials, with nothing but PostgreSQL's own GIN index.

A searchable model has `search = SearchVectorField(null=True, editable=False)` and `search_index("…")` among its
indexes. Its services write the column with `write_vectors` (or `vectors` for COPY); lists and typeaheads ask
`matching(queryset, text)`.
"""

from .fields import SearchVectorField, search_index, write_vectors
from .selecting import matching
from .tokens import tokens, vector, vectors

__all__ = ["SearchVectorField", "matching", "search_index", "tokens", "vector", "vectors", "write_vectors"]
