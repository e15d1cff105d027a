"""Modules that are loaded when something of theirs is first used, though they are imported at the top of many files.

What only computing needs takes sixteen megabytes of each process that answers requests, and of each that waits for jobs.
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any, Final

PUT_OFF: Final = ("pyarrow.compute", "pyarrow.parquet")


class _Later(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        # Two threads that ask at once meet at the lock of the import.
        module = importlib.import_module(self.__name__)
        self.__dict__.update(module.__dict__)
        return getattr(module, name)


def put_off() -> None:
    """Let the modules wait; whoever loaded one before keeps it."""
    for name in PUT_OFF:
        if name in sys.modules:
            continue
        later = _Later(name)
        later.__spec__ = importlib.util.find_spec(name)
        parent, _, child = name.rpartition(".")
        sys.modules[name] = later
        setattr(sys.modules[parent], child, later)
