"""Runs: any computation over many customers, with what went in, and which result is in force.

    register_kind("segmentation.tiers", label=_("Tiers"))

    run, is_new = run_start(actor=actor, kind="segmentation.tiers", parameters={…}, as_of=day, inputs={…},
                            policies={…}, engine_version="1.0", seed=7, now=now)
    …                                           # a job computes; equal inputs gave the finished run at once
    run_finish(actor=actor, pk=run.pk, result={…}, now=now)
    run_publish(actor=actor, pk=run.pk, now=now)          # in the act of the room, with what follows from it

One run of a kind is in force at a time; publishing another supersedes it, rolling back puts the one before in
force again. A finished run never changes: the database refuses it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaomai.kit.runs.kinds import Kind, register_kind

__all__ = ["Kind", "register_kind"]


def __getattr__(name: str) -> Any:
    """Load on first use: the package is imported as an app before there can be models."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.kinds"), name)
