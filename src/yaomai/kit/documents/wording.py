"""Values of a document as text, in the reader's language, the same in every format."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.documents.parts import Document, Kind, Value
from yaomai.kit.explain import Contribution, Explanation, Input, PolicyReference
from yaomai.kit.ui import formats

NOTHING = "–"
# What neither XML nor a font can show: control characters, surrogates, private use; line breaks and tabs stay.
_UNSHOWABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]"
)
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: object) -> str:
    """Return a text without what no format can show, and without marks that turn the direction of writing."""
    plain = str(text)
    if plain.isprintable():  # most are: nothing of what is taken out is printable
        return plain
    plain = plain.replace("\r\n", "\n").replace("\r", "\n")
    return _DIRECTION.sub("", _UNSHOWABLE.sub("", plain))


def shown(value: Value, kind: Kind = "text") -> str:
    """Return a value as a reader sees it; nothing is a dash."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{local:%Y-%m-%d %H:%M}" if kind != "date" else f"{local:%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal | int | float):
        return _number(value, kind)
    return clean(value)


def _number(value: Decimal | float, kind: Kind) -> str:
    if kind == "money":
        return formats.money(value, 2 if Decimal(str(value)) % 1 else 0)
    if kind == "short_money":
        return formats.short_money(value)
    if kind == "percent":
        return formats.percent(value)
    exact = formats.decimal(value)
    places = min(max(-int(exact.normalize().as_tuple().exponent), 0), 4) if exact.is_finite() else 0
    return formats.grouped(exact, places) if exact.is_finite() else NOTHING


def is_numeric(kind: Kind) -> bool:
    """Tell whether a column of that kind stands flush right."""
    return kind in {"number", "money", "short_money", "percent"}


def reference(found: PolicyReference) -> str:
    """Return a policy with its version and origin: 四级分层 第 3 版（S1 §二）."""
    text = str(found.label or found.name)
    text += " " + (_("version %(version)s") % {"version": found.version} if found.version else _("as delivered"))
    origin = formats.origin(found.origin) if found.origin else ""
    return clean(_("%(what)s (%(origin)s)") % {"what": text, "origin": origin} if origin else text)


def foot(document: Document) -> str:
    """Return what stands at the foot of every page: the day of the figures and the policies behind them."""
    day = _("Data as of %(day)s") % {"day": document.as_of.isoformat()}
    return " · ".join([day, *(reference(each) for each in unique(document.references))])


def unique(references: Iterable[PolicyReference]) -> list[PolicyReference]:
    """Return each policy version once."""
    return list({(each.name, each.version): each for each in references}.values())


def byline(document: Document) -> str:
    """Return who made the document, and when."""
    made = _("Made by %(who)s, %(when)s") % {"who": document.made_by, "when": shown(document.made_at)}
    return clean(made)


def input_line(fact: Input) -> str:
    """Return what went into a result, with its source."""
    value = _("unknown") if fact.missing else f"{shown(fact.value)} {fact.unit}".strip()
    about = " · ".join(filter(None, (formats.origin(fact.source), fact.as_of.isoformat() if fact.as_of else "")))
    return clean(_("%(what)s (%(origin)s)") % {"what": value, "origin": about} if about else value)


def contribution_row(part: Contribution) -> tuple[str, str, float, str]:
    """Return label, value, share and note of what one input added."""
    return clean(part.label), shown(part.value), max(-1.0, min(1.0, part.share)), clean(part.note)


def sources_line(found: Explanation) -> str:
    """Return what a result rests on: the policy, the sources, and the day."""
    parts = [reference(found.policy)] if found.policy else []
    parts += [clean(formats.origin(source)) for source in found.sources]
    if found.as_of:
        parts.append(_("Data as of %(day)s") % {"day": found.as_of.isoformat()})
    return " · ".join(parts)


def texts(values: Iterable[Any]) -> list[str]:
    """Return clean texts."""
    return [clean(value) for value in values]
