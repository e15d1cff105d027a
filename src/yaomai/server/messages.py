"""Compile the translations of every room."""

import os
from pathlib import Path

import polib

SOURCE = Path(__file__).parents[1]


def catalogues() -> list[Path]:
    """Return every .po file of the project."""
    return sorted(SOURCE.rglob("locale/*/LC_MESSAGES/*.po"))


def outdated(catalogue: Path) -> bool:
    """Tell whether the compiled file is missing or older than its source."""
    compiled = catalogue.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime


def compile_messages(*, everything: bool = False) -> list[Path]:
    """Compile what has changed (or everything) and return the catalogues compiled; others see old or new, whole."""
    done = []
    for path in catalogues():
        if everything or outdated(path):
            draft = path.with_suffix(f".mo.{os.getpid()}")
            polib.pofile(str(path)).save_as_mofile(str(draft))
            draft.rename(path.with_suffix(".mo"))
            done.append(path)
    return done
