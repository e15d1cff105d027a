"""The inbox: one ranked list of what to do and why, 今日. Nothing else notifies anybody.

In `apps.py` a room says what may appear, and with which weight:

    register_kind("commerce.review", label=_("Names to review"), icon="checkbox", rank=20)

What lasts until somebody acts is a nudge, kept with the work that causes it; what is merely counted is an item of a
provider, computed when the page is opened:

    nudge_upsert(kind="commerce.review", key=f"review:{batch.pk}", title=_("…"), reason=_("…"), url=…, now=now,
                 right="commerce.match:review", territory_id=7, money=Decimal(120000))
    register_provider(waiting_matches)                             # (actor, now) -> list[Item]

    register_number(sales_this_month, order=10)                    # (actor, now) -> Number | None
    register_step("institutions", order=10, label=_("Import institutions"), …, is_done=has_institutions)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaomai.kit.inbox.registry import (
        Item,
        Kind,
        Number,
        Step,
        register_kind,
        register_number,
        register_provider,
        register_step,
    )
    from yaomai.kit.inbox.upkeep import Cause, nudge_close, nudge_upsert, nudges_sync

__all__ = [
    "Cause",
    "Item",
    "Kind",
    "Number",
    "Step",
    "nudge_close",
    "nudge_upsert",
    "nudges_sync",
    "register_kind",
    "register_number",
    "register_provider",
    "register_step",
]
_UPKEEP = {"Cause", "nudge_close", "nudge_upsert", "nudges_sync"}


def __getattr__(name: str) -> Any:
    """Load on first use: the package is imported as an app before there can be models."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{'upkeep' if name in _UPKEEP else 'registry'}"), name)
