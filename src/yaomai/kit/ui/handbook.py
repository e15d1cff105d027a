"""The user guide inside the product: which chapter explains a page, and each chapter as HTML.

The guide is Markdown, one file per language; below each heading of the second order a comment names the chapter and
the addresses it explains:

    ## 3. Import
    <!-- chapter: import; explains: /imports/ /catalog/ -->
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from yaomai.kit.ui import formats

FILES = {"zh": "README.md", "en": "README.en.md"}
ABOUT = re.compile(r"^## (?P<title>.+)\n<!-- chapter: (?P<slug>[a-z]+); explains: (?P<pages>[^>]+) -->\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter; `explains` are the beginnings of the addresses of its pages."""

    slug: str
    title: str
    explains: tuple[str, ...]
    html: SafeString


def chapters() -> tuple[Chapter, ...]:
    """Return the guide in the reader's language."""
    path = Path(settings.GUIDE) / FILES[formats.language()]
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _written_at: int) -> tuple[Chapter, ...]:
    text = path.read_text(encoding="utf-8")
    writer = MarkdownIt("commonmark", {"html": False}).enable("table")
    found = list(ABOUT.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    return tuple(
        Chapter(
            slug=each["slug"],
            title=each["title"],
            explains=tuple(each["pages"].split()),
            # Our own text, written with HTML switched off.
            html=mark_safe(writer.render(text[each.end() : end])),  # noqa: S308
        )
        for each, end in zip(found, ends, strict=True)
    )


def chapter_of(slug: str) -> Chapter | None:
    """Return a chapter by its name."""
    return next((chapter for chapter in chapters() if chapter.slug == slug), None)


def chapter_for(path: str) -> Chapter:
    """Return the chapter that explains a page most closely; the first one where none does."""
    known = chapters()
    places = {place: chapter for chapter in known for place in chapter.explains if path.startswith(place)}
    return places[max(places, key=len)] if places else known[0]
