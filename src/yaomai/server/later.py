"""Modules that are loaded when something of theirs is first used, though they are imported at the top of many files.

What only computing needs takes sixteen megabytes of each process that answers requests, and of each that waits for jobs.
"""

import importlib.util
import sys
from threading import RLock
from types import ModuleType
from typing import Any, Final

PUT_OFF: Final = ("pyarrow.compute", "pyarrow.parquet")
_one_at_a_time = RLock()


class _Later(ModuleType):
    """A module that is there but empty, until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            with _one_at_a_time:
                if type(self) is _Later and "_is_loading" not in self.__dict__:
                    self.__dict__["_is_loading"] = True  # what the module itself asks for meanwhile is not there yet
                    assert self.__spec__ is not None and self.__spec__.loader is not None
                    self.__spec__.loader.exec_module(self)
                    self.__class__ = ModuleType  # type: ignore[assignment]  # as a module that was never put off
            if name in self.__dict__:
                return self.__dict__[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def put_off() -> None:
    """Let the modules wait; one that is loaded already stays as it is."""
    for name in PUT_OFF:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        module.__class__ = _Later
        parent, _, child = name.rpartition(".")
        sys.modules[name] = module
        setattr(sys.modules[parent], child, module)
