"""Entries as sentences, in the reader's language, from the registry of acts."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.acts import acts
from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.subjects import Keys, keys_in, opened
from yaomai.kit.jobs.definitions import system_name
from yaomai.kit.phrases import rendered

ELLIPSIS = "…"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")


@dataclass
class Line:
    """An entry as a person reads it. The sealed content is the source, never the columns."""

    entry: Entry
    keys: Keys | None = None
    """Of the persons it is about; None where they are still to be asked for."""

    def opened(self, text: str) -> str:
        """Return a text with the words about persons opened."""
        if "⟦" not in text:
            return text
        if self.keys is None:
            self.keys = keys_in([self.entry.content])
        return opened(text, self.keys)

    @cached_property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.entry.content)
        return content

    @property
    def pk(self) -> int:
        return int(self.entry.pk)

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.content["at"])

    @property
    def who(self) -> str:
        actor = self.content["actor"]
        return (str(actor["label"]) if actor["person"] else system_name(str(actor["label"]))) or _("Nobody")

    @property
    def position(self) -> str:
        return str(self.content["actor"]["position"])

    @property
    def actor_reason(self) -> str:
        """Return why the system acted, in the reader's language: a schedule's reason is kept as it is declared."""
        said = str(self.content["actor"]["reason"])
        return _(said) if said else ""

    @property
    def emergency_id(self) -> int | None:
        """Return the emergency power under which it was done, if any."""
        found: int | None = self.content["actor"].get("emergency")
        return found

    @property
    def is_refused(self) -> bool:
        return bool(self.content["outcome"] == Entry.Outcome.REFUSED)

    @property
    def target(self) -> str:
        return self.opened(str(self.content["target"]["label"]))

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        changes = self.content["changes"].items()
        return {name: (_read(pair[0], self.opened), _read(pair[1], self.opened)) for name, pair in changes}

    @property
    def params(self) -> dict[str, Any]:
        return {name: _read(value, self.opened) for name, value in self.content["params"].items()}

    @property
    def unsaid(self) -> dict[str, Any]:
        """Return the params that the sentence does not say, by the names their act gives them."""
        act = acts().get(self.content["code"])
        said = str(act.sentence) if act and not self.is_refused else "%(reason)s"
        return {name: value for name, value in self.params.items() if f"%({name})" not in said}

    @property
    def sentence(self) -> str:
        """Return what happened: "王芳 新建了机构 上海市第一人民医院"."""
        content = self.content
        if self.is_refused:
            return _("%(actor)s was refused: “%(act)s” %(reason)s") % {
                "actor": self.who,
                "act": act_title(content["code"]),
                "reason": self.params.get("reason", ""),
            }
        words = {name: _written(value) for name, value in self.params.items()}
        return _filled(content["code"], {"actor": self.who, "target": self.target or ELLIPSIS} | words)


def lines_of(entries: Iterable[Entry]) -> list[Line]:
    """Return entries as people read them, with one question for the keys of all persons in them."""
    found = list(entries)
    keys = keys_in(entry.content for entry in found)
    return [Line(entry, keys) for entry in found]


def _read(value: Any, opening: Callable[[str], str]) -> Any:
    """Return a kept value for the reader: phrases in the reader's language, moments as such, persons by name."""
    if isinstance(value, dict) and "msgid" in value:
        return rendered(value)
    if isinstance(value, list):
        return [_read(item, opening) for item in value]
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    return opening(value) if isinstance(value, str) else value


def _written(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return _(", ").join(_written(item) for item in value) if isinstance(value, list) else str(value)


def _filled(code: str, words: Mapping[str, str]) -> str:
    act = acts().get(code)
    if act is None:
        return f"{words['actor']} · {code}"
    return str(act.sentence) % defaultdict(lambda: ELLIPSIS, words)


def act_title(code: str) -> str:
    """Return what an act does, without saying who and to what: "…新建了机构…"."""
    return _filled(code, {"actor": "", "target": ELLIPSIS}).strip()


def act_choices() -> list[tuple[str, str]]:
    """Return every registered act with its title, sorted by what a reader sees."""
    return sorted(((code, act_title(code)) for code in acts()), key=lambda choice: choice[1])
