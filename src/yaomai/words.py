"""Words of the command line in the reader's language, without Django: `yaomai --help` must answer at once."""

import gettext
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

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


def gettext_noop(message: str) -> str:
    """Mark a message that is translated when it is said."""
    return message


def translate_help() -> None:
    """Give what typer itself says in a help text the reader's language."""
    from typer import core, models, rich_utils
    from typer._click import formatting, types
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

    pieces = Command.collect_usage_pieces
    options, command = _("[OPTIONS]"), _("COMMAND [ARGS]...")
    usage, titled = _("Usage: "), _("%(title)s:")

    def collect_usage_pieces(self: Any, ctx: Any) -> list[str]:
        if self.options_metavar == "[OPTIONS]":
            self.options_metavar = options
        if isinstance(self, core.TyperGroup):
            self.subcommand_metavar = command
        return pieces(self, ctx)

    def write_usage(self: Any, prog: str, args: str = "", prefix: str | None = None) -> None:
        plain_usage(self, prog, args, prefix or usage)

    def write_heading(self: Any, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{titled % {'title': heading}}\n")

    plain_usage = formatting.HelpFormatter.write_usage
    Command.collect_usage_pieces = collect_usage_pieces  # type: ignore[method-assign]
    formatting.HelpFormatter.write_usage = write_usage  # type: ignore[method-assign]
    formatting.HelpFormatter.write_heading = write_heading  # type: ignore[method-assign]
    rich_utils.OptionHighlighter.highlights = [
        *rich_utils.OptionHighlighter.highlights,
        f"(?P<usage>{re.escape(usage)})",
    ]

    text, number, path = _("text"), _("number"), _("path")
    types.StringParamType.name = text
    for kind in (types.IntParamType, types.IntRange, types.FloatParamType, types.FloatRange):
        kind.name = number
    models.TyperPath.name = property(lambda _self: path, lambda _self, _name: None)  # type: ignore[assignment]


_USAGE: Final = (
    (r"No such option: (?P<value>\S+)", gettext_noop("There is no option %(value)s.")),
    (
        r"No such command (?P<value>.+)\. Did you mean (?P<known>.+)\?",
        gettext_noop("There is no command %(value)s. Did you mean %(known)s?"),
    ),
    (r"No such command (?P<value>.+)\.", gettext_noop("There is no command %(value)s.")),
    (r"Missing command\.", gettext_noop("Name a command.")),
    (r"Got unexpected extra argument\(s\) \((?P<value>.+)\)", gettext_noop("Too much was given: %(value)s.")),
    (r"Option (?P<value>.+) requires .+ arguments?\.", gettext_noop("Option %(value)s needs a value.")),
    (r"Option (?P<value>.+) does not take a value\.", gettext_noop("Option %(value)s takes no value.")),
    (r"(?P<value>.+) is not a valid boolean\..*", gettext_noop("%(value)s is neither yes nor no.")),
    (r"(?P<value>.+) is not a valid (int|float|integer)( range)?\.", gettext_noop("%(value)s is no number.")),
    (r"(?P<value>.+) is not one of (?P<known>.+)\.", gettext_noop("%(value)s is none of %(known)s.")),
    (r"(?P<value>.+) is not in the range (?P<known>.+)\.", gettext_noop("%(value)s is outside the range %(known)s.")),
    (r"\w+ (?P<value>'.+') does not exist\.", gettext_noop("%(value)s does not exist.")),
)
"""What the library says of a command that is written wrongly, and how it is said to people."""


def in_words(run: Callable[..., Any], **options: Any) -> None:
    """Run a command line; what is wrong with the way it was called is said in the reader's language.

    Raises:
        SystemExit: when it is done, with its exit code.
    """
    import typer
    from typer._click import exceptions

    try:
        code = run(standalone_mode=False, **options)
    except exceptions.NoArgsIsHelpError as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except exceptions.ClickException as error:
        typer.echo(_usage(error), err=True)
        raise SystemExit(error.exit_code) from None
    except typer.Abort:
        typer.echo(_("Stopped."), err=True)
        raise SystemExit(1) from None
    raise SystemExit(code if isinstance(code, int) else 0)


def _usage(error: Any) -> str:
    """Return what is wrong with the way a command was called, and where its help is."""
    from typer._click.exceptions import BadParameter, MissingParameter, NoSuchOption

    context: Any = getattr(error, "ctx", None)
    said = _("%(name)s is missing.") if isinstance(error, MissingParameter) else _said(error.message)
    if isinstance(error, BadParameter):
        hint = error.param_hint or (error.param.get_error_hint(context) if error.param else "")
        name = " / ".join(hint) if isinstance(hint, list | tuple) else str(hint).strip("'")
        said = said % {"name": name} if isinstance(error, MissingParameter) else f"{name}: {said}" if name else said
    if isinstance(error, NoSuchOption) and error.possibilities:
        said += "\n" + _("Did you mean %(known)s?") % {"known": ", ".join(sorted(error.possibilities))}
    if context is None:
        return said
    return said + "\n" + _("How it is used: %(command)s --help") % {"command": context.command_path}


def _said(message: str) -> str:
    for pattern, ours in _USAGE:
        if found := re.fullmatch(pattern, message):
            return _(ours) % found.groupdict()
    return message
