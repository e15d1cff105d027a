"""The key account sheet (大客户档案工具表, A17): printed blank or filled, as PDF, Excel or Word, and read back in.

A file is read into `Filled` by `kit.documents.reading`; `differences` says what it would change, and nothing is written
before somebody confirmed that. Empty cells never erase what is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yaomai.customers import archives, profile
from yaomai.customers.models import Professional
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.documents.forms import Field, FieldKind, Form
from yaomai.kit.documents.parts import Document, Fields
from yaomai.kit.documents.reading import Filled
from yaomai.kit.errors import Invalid

NAME = "customers.sheet"
LABEL = gettext_lazy("Key account sheet")
KINDS: dict[profile.Kind, FieldKind] = {
    profile.Kind.TEXT: "long",
    profile.Kind.CHOICE: "choice",
    profile.Kind.CHOICES: "choices",
}


def form_of(row: Professional | None) -> Form:
    """Return the sheet of a person with what is known, or a blank one."""
    facts = archives.facts_of(row) if row is not None else {}
    return Form(NAME, LABEL, (*_identity(row), *_answers(facts)), subject=str(row.uuid) if row is not None else "")


def _identity(row: Professional | None) -> tuple[Field, ...]:
    group = gettext_lazy("Who")
    known = {
        "name": (pgettext_lazy("person", "Name"), row.name if row else ""),
        "institution": (gettext_lazy("Institution"), str(row.institution or "") if row else ""),
        "department": (gettext_lazy("Department"), str(row.department or "") if row else ""),
        "position": (gettext_lazy("Post held"), row.position if row else ""),
        "title": (gettext_lazy("Professional title"), row.get_title_display() if row and row.title else ""),
    }
    return tuple(
        Field(f"who_{key}", label, value=value, group=group, read_only=True) for key, (label, value) in known.items()
    )


def _answers(facts: Mapping[str, Any]) -> tuple[Field, ...]:
    return tuple(
        Field(
            field.code,
            field.label,
            KINDS[field.kind],
            choices=field.options(),
            value=facts[field.code].value if field.code in facts else "",
            hint=field.help,
            group=profile.GROUP_LABELS[field.group],
        )
        for field in profile.fact_fields("professional")
    )


def document_of(row: Professional | None, actor: Actor, *, now: datetime) -> Document:
    """Return the sheet as a document."""
    return Document(
        title=LABEL,
        subtitle=str(row) if row is not None else _("Blank"),
        blocks=(Fields(form_of(row)),),
        as_of=local_day(now),
        made_at=now,
        made_by=actor.label,
        confidentiality=_("Internal: holds personal data"),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a filled sheet says otherwise; `seen` is the fact that stands there, 0 for none."""

    field: profile.ProfileField
    now: str
    wanted: str
    value: Any
    seen: int


class OtherSubject(Invalid):
    """The sheet is somebody else's."""

    code = "customers.other_subject"
    message = gettext_lazy(
        "This is the sheet of another customer. Open the page of that customer and read it in there."
    )


def differences(row: Professional, filled: Filled) -> list[Difference]:
    """Return what a filled sheet would change; what it leaves empty stays.

    Raises:
        OtherSubject: the sheet was made for another person.
        Invalid: by field, what cannot be understood; then nothing of the file is taken.
    """
    if filled.subject not in ("", str(row.uuid)):
        raise OtherSubject
    facts, found = archives.facts_of(row), []
    wrong: dict[str, list[str]] = {code: [text] for code, text in filled.problems.items()}
    for field in profile.fact_fields("professional"):
        said = filled.values.get(field.code)
        if not said or field.code in wrong:
            continue
        try:
            value = field.clean(list(said) if isinstance(said, tuple) else said)
        except Invalid as error:
            wrong[field.code] = [str(text) for texts in error.fields.values() for text in texts]
            continue
        fact = facts.get(field.code)
        if value is not None and (fact is None or fact.value != value):
            now = field.shown(fact.value) if fact is not None else ""
            found.append(Difference(field, now, field.shown(value), value, fact.pk if fact is not None else 0))
    if wrong:
        raise Invalid(fields={code: _placed(filled.places.get(code, ""), texts) for code, texts in wrong.items()})
    return found


def _placed(place: str, texts: list[str]) -> list[str]:
    return [f"{place}：{text}" if place else text for text in texts]
