"""Words of the command line in the reader's language, without Django: `yaomai --help` must answer at once."""

import gettext
import os
from functools import cache
from pathlib import Path
from typing import Any

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


def translate_help() -> None:
    """Give what typer itself says in a help text the reader's language."""
    from typer import core, rich_utils
    from typer._click.core import Command

    said = {
        "default: {default}": _("default: {default}"),
        "env var: {var}": _("environment variable: {var}"),
        "required": _("required"),
        "Arguments": _("Arguments"),
        "Options": _("Options"),
        "Commands": _("Commands"),
    }
    setattr(core, "_", lambda message: said.get(message, message))  # noqa: B010 — typer does not export it
    rich_utils.DEFAULT_STRING = f"[{said['default: {default}'].replace('{default}', '{}')}]"
    rich_utils.ENVVAR_STRING = f"[{said['env var: {var}'].replace('{var}', '{}')}]"
    rich_utils.REQUIRED_LONG_STRING = f"[{said['required']}]"
    rich_utils.ARGUMENTS_PANEL_TITLE = said["Arguments"]
    rich_utils.OPTIONS_PANEL_TITLE = said["Options"]
    rich_utils.COMMANDS_PANEL_TITLE = said["Commands"]
    plain = Command.get_help_option

    def get_help_option(self: Any, ctx: Any) -> Any:
        option = plain(self, ctx)
        if option is not None:
            option.help = _("Show this text.")
        return option

    Command.get_help_option = get_help_option  # type: ignore[method-assign]
