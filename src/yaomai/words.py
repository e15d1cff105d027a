"""Words of the command line in the reader's language, without Django: `yaomai --help` must answer at once."""

import gettext
import os
from functools import cache
from pathlib import Path

_SOURCE = Path(__file__).parent
_CATALOGUES = ("server/locale", "engine/locale", "kit/embedded/locale", "kit/backup/locale")


def language() -> str:
    """Return "zh_Hans" or "en": `YAOMAI_LANG`, else the locale; Chinese where the machine says nothing."""
    said = os.environ.get("YAOMAI_LANG") or next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "en" if said.lower().startswith("en") else "zh_Hans"


@cache
def _translations() -> gettext.NullTranslations:
    found: gettext.NullTranslations = gettext.NullTranslations()
    for folder in _CATALOGUES:
        translations = gettext.translation("django", _SOURCE / folder, [language()], fallback=True)
        if isinstance(translations, gettext.GNUTranslations):
            translations.add_fallback(found)
            found = translations
    return found


def _(message: str) -> str:
    """Translate an English message of the command line."""
    return _translations().gettext(message)
