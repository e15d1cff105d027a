"""Sentences that are kept now and read later, by each reader in the reader's own language.

    row.message = phrase(_("%(count)s names wait for review"), count=12)     # a JSON column
    rendered(row.message)                                                    # "12 个名称待审核"

What is kept is the msgid with its parameters, never a translated text. A parameter may be a phrase itself.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

Phrase = dict[str, Any]
Text = str | Promise
Plain = str | int | float | bool | None | Phrase


def phrase(text: Text, /, **params: Plain) -> Phrase:
    """Return the sentence in the form that is kept. A lazy `text` gives its msgid; "" gives an empty phrase.

    Raises:
        TypeError: a parameter is not plain JSON; format money and dates as text that every language reads.
    """
    for name, value in params.items():
        if not isinstance(value, str | int | float | bool | dict | None):
            raise TypeError(f"{name} of a phrase must be plain, not {type(value).__name__}")
    with translation.override(None):
        msgid = str(text)
    if not msgid:
        return {}
    return {"msgid": msgid, "params": params} if params else {"msgid": msgid}


def rendered(kept: Mapping[str, Any] | None) -> str:
    """Return the sentence in the reader's language; empty for none."""
    if not kept:
        return ""
    text = gettext(str(kept["msgid"]))
    params = {
        name: rendered(value) if isinstance(value, dict) else value for name, value in kept.get("params", {}).items()
    }
    return text % params if params else text
