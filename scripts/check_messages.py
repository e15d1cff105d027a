"""Check the translations: every message of the interface has a Chinese text with the same placeholders.

Reads Python and templates, and the .po files of all rooms. Prints what is wrong and ends with 1.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

SOURCE = Path(__file__).parents[1] / "src" / "yaomai"
FUNCTIONS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?([a-zA-Z])")


def python_messages(path: Path) -> Iterator[str]:
    """Yield the messages of a Python file; a message in a class attribute of an error counts too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if name not in FUNCTIONS:
                continue
            arguments = node.args[1:2] if name.startswith("pgettext") else node.args[:1]
            for argument in arguments:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def error_messages(path: Path) -> Iterator[str]:
    """Yield `message` and `mend` of errors in rooms without Django, which mark nothing."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Assign(targets=[ast.Name(id="message" | "mend")], value=ast.Constant(value=str(text))) if text:
                yield text


def template_messages(path: Path) -> Iterator[str]:
    """Yield the messages of a template, as Django itself reads them."""
    from django.utils.translation.template import templatize

    text = templatize(path.read_text(), origin=str(path))
    # pgettext(context, message): the message is the second argument.
    for match in re.finditer(
        r"gettext\((?:(?<=pgettext\()u?(?:'[^']*'|\"[^\"]*\"),\s*)?(u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))", text
    ):
        yield str(ast.literal_eval(match[1].removeprefix("u")))


def all_messages() -> dict[str, str]:
    """Return every message with the first place that uses it."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        readers = [python_messages]
        if path.name == "errors.py" and path.parent.name in {"embedded", "backup"}:
            readers.append(error_messages)
        for reader in readers:
            for message in reader(path):
                found.setdefault(message, str(path.relative_to(SOURCE)))
    for path in sorted(SOURCE.rglob("templates/**/*")):
        if path.suffix in {".html", ".txt"}:
            for message in template_messages(path):
                found.setdefault(message, str(path.relative_to(SOURCE)))
    return found


def main() -> int:
    """Compare and report."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    known: dict[str, str] = {}
    problems = []
    for catalogue in sorted(SOURCE.rglob("locale/zh_Hans/LC_MESSAGES/*.po")):
        for entry in polib.pofile(str(catalogue)):
            texts = [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())
            if entry.fuzzy or not all(texts):
                problems.append(f"{catalogue.relative_to(SOURCE)}: no Chinese text: {entry.msgid!r}")
            allowed = set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
            if any(not set(PLACEHOLDER.findall(text)) <= allowed for text in texts):
                problems.append(f"{catalogue.relative_to(SOURCE)}: other placeholders: {entry.msgid!r}")
            known[entry.msgid] = texts[0]
    for message, place in all_messages().items():
        if message and message not in known:
            problems.append(f"{place}: not translated: {message!r}")
    print("\n".join(problems) or f"{len(known)} messages, all translated")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
