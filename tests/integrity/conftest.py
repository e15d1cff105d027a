"""The company of compliance, and its people."""

from tests.compliance.conftest import company

__all__ = ["company"]
