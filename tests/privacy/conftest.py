from tests.compliance.conftest import company

__all__ = ["company"]
