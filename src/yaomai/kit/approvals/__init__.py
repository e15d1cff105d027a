"""Approvals: who decides on what, step by step, and never alone.

In `apps.py` a room declares what it lets others decide, and who decides as long as the company says nothing else:

    register_kind("segmentation.upgrade", label=_("Fast upgrades"), chains=lambda: [Chain(steps=[StepSpec(role=…)])],
                  on_approved=services.upgrade_apply, on_rejected=services.upgrade_close)

Its service asks within its own transaction; what is to be approved is a frozen copy:

    request = ask(actor=actor, kind="segmentation.upgrade", target=upgrade, title=_("…"), facts=[Fact(_("Tier"), "A", "B")],
                  reason=reason, territory_id=institution.territory_id, url=…, now=now)

The last approval calls `on_approved(request, actor=…, now=…)` in the same transaction, a rejection `on_rejected`. Chains
are the policy `approvals.chains`. Roles and superiors are known above: that room registers a `Directory`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaomai.kit.approvals.chains import Chain, StepSpec
    from yaomai.kit.approvals.registry import Directory, register_directory, register_kind
    from yaomai.kit.approvals.requests import Fact, ask, withdraw
    from yaomai.kit.approvals.selectors import standing

_ROOMS = {
    "Chain": "chains",
    "StepSpec": "chains",
    "Directory": "registry",
    "register_directory": "registry",
    "register_kind": "registry",
    "Fact": "requests",
    "ask": "requests",
    "withdraw": "requests",
    "standing": "selectors",
}
__all__ = [
    "Chain",
    "Directory",
    "Fact",
    "StepSpec",
    "ask",
    "register_directory",
    "register_kind",
    "standing",
    "withdraw",
]


def __getattr__(name: str) -> Any:
    """Load on first use: the package is imported as an app before there can be models."""
    if name not in _ROOMS:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
