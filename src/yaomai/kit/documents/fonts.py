"""The fonts that documents are set in: of the operating system, or files in the folder `fonts` of the data folder.

Nothing is downloaded. Noto CJK (思源, SIL Open Font License) comes with every Linux distribution; what else is found
is taken in the order below. A PDF carries the glyphs it uses, which all of these licences permit.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Unavailable

SANS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei",
    "HarmonyOS Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "SimHei",
)  # fmt: skip
SERIF = (
    "Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN", "Songti SC", "SimSun",
    "AR PL UMing CN",
)  # fmt: skip
MEND = "apt-get install fonts-noto-cjk"


class NoChineseFont(Unavailable):
    """No font with Chinese characters was found; a document without them would be empty boxes."""

    code = "no_chinese_font"
    message = _(
        "No Chinese font is installed on the server, so that no PDF can be made. The administrator installs one"
        " (%(mend)s) or puts font files into the folder %(folder)s. Excel and Word work without."
    )

    def __init__(self) -> None:
        super().__init__(mend=MEND, folder=str(folder()))


@dataclass(frozen=True, slots=True)
class Faces:
    """The loaded fonts, and the names of the two families used; the serif falls back to the sans."""

    fonts: Any
    sans: str
    serif: str


def folder() -> Path:
    """Return where an administrator may put font files."""
    return Path(settings.DATA) / "fonts"


def find() -> Faces | None:
    """Look for fonts; None when no Chinese one is there."""
    own = [str(folder())] if folder().is_dir() else []
    import typst  # only a process that is asked for a document loads it

    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=own)
    present = set(fonts.families())
    sans = next((name for name in SANS if name in present), "")
    serif = next((name for name in SERIF if name in present), "")
    return Faces(fonts, sans or serif, serif or sans) if sans or serif else None


@lru_cache(maxsize=1)
def _loaded() -> Faces:
    found = find()
    if found is None:
        raise NoChineseFont
    return found


def faces() -> Faces:
    """Return the fonts, looked for once in a process.

    Raises:
        NoChineseFont: there is none with Chinese characters.
    """
    return _loaded()
