"""Attachments: files that prove something, kept beside the row that they belong to.

    register_carrier(Transfer, verb="edit", is_final=lambda row: row.state == "given")      # in the room's apps.py

From then on the row's page lists its files and takes more, `keep` writes one inside another service, and whoever may
view the row may open them. A file is recognised by its content, never by its name; what could run is refused; what
tells about its maker or place (EXIF, authors, scripts) is taken out before it is stored by its digest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaomai.kit.attachments.carriers import register_carrier, register_inspection
    from yaomai.kit.attachments.services import keep

__all__ = ["keep", "register_carrier", "register_inspection"]

_HOMES = {"keep": "services", "register_carrier": "carriers", "register_inspection": "carriers"}


def __getattr__(name: str) -> Any:
    """Load on first use: the package is imported as an app before there can be models."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
