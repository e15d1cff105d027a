"""Yaomai 药脉: the customer platform for pharma key accounts."""

__version__ = "0.1.0"
