"""Cases of the watch."""

from yaomai.integrity.models.watch import Case

__all__ = ["Case"]
