"""Check the translations: every message of the interface has one Chinese text with the same placeholders.

Reads Python and templates, and the .po files of all rooms. Django merges the catalogues of all rooms, so a message
that two rooms translate differently would depend on their order: it needs a context (pgettext). Prints what is wrong
and ends with 1.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

SOURCE = Path(__file__).parents[1] / "src" / "yaomai"
# Where the context and the message stand among the arguments.
FUNCTIONS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"), (None, 0)),
    **dict.fromkeys(("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"), (0, 1)),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?([a-zA-Z])")

Message = tuple[str | None, str]
"""Context and English text."""


def python_messages(tree: ast.AST) -> Iterator[Message]:
    """Yield the messages that a Python file marks."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        at_context, at_message = FUNCTIONS.get(name, (None, len(node.args)))
        values = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
        if at_message < len(values) and isinstance(message := values[at_message], str):
            context = values[at_context] if at_context is not None else None
            yield (context if isinstance(context, str) else None), message


def error_messages(tree: ast.AST) -> Iterator[Message]:
    """Yield `message` and `mend` of errors in rooms without Django, which mark nothing."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="message" | "mend")], value=ast.Constant(value=str(text))) if text:
                yield None, text


def summaries(tree: ast.AST) -> Iterator[Message]:
    """Yield what the operations of the REST interface do: `document.py` translates it for people who read."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="summary", value=ast.Constant(value=str(text))):
                yield None, text


def template_messages(path: Path) -> Iterator[Message]:
    """Yield the messages of a template, as Django itself reads them."""
    from django.utils.translation.template import templatize

    # Outside of the messages, templatize leaves nothing but X: what cannot be parsed as a whole can be by pieces.
    text = templatize(path.read_text(), origin=str(path))
    quoted = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    for call in re.finditer(rf"(?<!\w)(?:_|n?p?gettext)\({quoted}(?:,\s*(?:{quoted}|\w+))*\)", text):
        yield from python_messages(ast.parse(call[0], mode="eval"))


def all_messages() -> dict[Message, str]:
    """Return every message with the first place that uses it."""
    found: dict[Message, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        messages = list(python_messages(tree))
        if path.name == "errors.py" and path.parent.name in {"embedded", "backup"}:
            messages += error_messages(tree)
        if path.name.endswith("api.py"):
            messages += summaries(tree)
        for message in messages:
            found.setdefault(message, str(path.relative_to(SOURCE)))
    for path in sorted(SOURCE.rglob("templates/**/*")):
        if path.suffix in {".html", ".txt"}:
            for message in template_messages(path):
                found.setdefault(message, str(path.relative_to(SOURCE)))
    return found


def catalogue_problems(known: dict[Message, str]) -> Iterator[str]:
    """Read all catalogues into `known`; yield what is wrong in them."""
    for catalogue in sorted(SOURCE.rglob("locale/zh_Hans/LC_MESSAGES/*.po")):
        place = catalogue.relative_to(SOURCE)
        for entry in polib.pofile(str(catalogue)):
            texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
            if entry.fuzzy or not all(texts):
                yield f"{place}: no Chinese text: {entry.msgid!r}"
            allowed = set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
            if any(not set(PLACEHOLDER.findall(text)) <= allowed for text in texts):
                yield f"{place}: other placeholders: {entry.msgid!r}"
            message = (entry.msgctxt or None, entry.msgid)
            if known.setdefault(message, texts[0]) != texts[0]:
                yield f"{place}: another room says {known[message]!r}, this one {texts[0]!r}: {entry.msgid!r}"


def main() -> int:
    """Compare and report."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    known: dict[Message, str] = {}
    problems = list(catalogue_problems(known))
    used = all_messages()
    for message, place in used.items():
        context, text = message
        if text and message not in known:
            said = f" ({context})" if context else ""
            problems.append(f"{place}: not translated: {text!r}{said}")
    problems += [f"nothing says any more: {text!r}" for context, text in known if (context, text) not in used]
    print("\n".join(problems) or f"{len(known)} messages, all translated")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
