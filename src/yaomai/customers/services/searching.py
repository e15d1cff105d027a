"""What a search finds a row by."""

from yaomai.customers.models import Institution, Professional


def index_institution(institution: Institution) -> None:
    """Write what the institution is found by: name, other names, code."""


def index_professional(professional: Professional) -> None:
    """Write what the professional is found by: name and code."""
