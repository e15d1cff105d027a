"""Put a letter in, look how a report stands: what a writer can do. No actor, no trail, no moment.

The trail knows the second of every act, so putting a letter in is none; emptying the box is, once a day for all letters.
"""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from yaomai.integrity.cleaning import Evidence
from yaomai.integrity.models import Letter, Message, Report
from yaomai.integrity.policies import SpeakUpPolicy
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.vault import blind_index

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter looks like a digit."""
LENGTH, GROUP = 20, 5
"""A hundred bits: nobody guesses one, so that nobody needs to be counted or blocked."""
BLOCK = 4096
ROLES = ("compliance_officer", "legal", "audit_administrator")
"""Who may be asked not to see a report; one of them must be left."""


class BoxFull(Conflict):
    """More letters came than a day allows."""

    code = "letterbox_full"
    message = _("The letterbox is full today. Your letter was not kept. Please come back tomorrow.")


def new_code() -> str:
    """Draw a tracking code: QK7ZD-…"""
    drawn = "".join(secrets.choice(ALPHABET) for _number in range(LENGTH))
    return "-".join(drawn[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def index_of(code: str) -> str:
    """Return the keyed hash of a code, however it was typed.

    Raises:
        Invalid: it cannot be one.
    """
    plain = "".join(code.split()).replace("-", "").upper().replace("O", "0").replace("I", "1").replace("L", "1")
    if len(plain) != LENGTH or set(plain) - set(ALPHABET):
        raise Invalid(fields={"code": [_("A code has 20 letters and digits. Check it again.")]})
    return blind_index(plain)


def put_in(
    *, code: str, text: str, on: date, files: Sequence[Evidence] = (), category: str = "", about: str = "",
    keep_from: Sequence[str] = (), is_report: bool,
) -> None:  # fmt: skip
    """Put a letter into the box; the same one twice counts once.

    Raises:
        Invalid: by field. BoxFull.
    """
    index, problems = index_of(code), dict[str, list[Any]]()
    if not text.strip():
        problems["text"] = [_("Write what happened.")]
    if is_report and category not in Report.Category.values:
        problems["category"] = [_("Choose what it is about.")]
    if set(ROLES) <= set(keep_from):
        problems["keep_from"] = [_("Leave at least one: somebody must read it.")]
    policy, _version = policy_on(SpeakUpPolicy, on=on)
    if len(files) > policy.most_files:
        problems["files"] = [
            _("Too many files: %(most)s at most. Send the others with a second message.") % {"most": policy.most_files}
        ]
    if problems:
        raise Invalid(fields=problems)
    if not is_report and not Report.unscoped.filter(code=index).exists():
        raise Invalid(
            fields={"code": [_("There is no report with this code yet. New ones can be answered from the next day.")]}
        )
    if Letter.objects.count() >= policy.letters_a_day:
        raise BoxFull
    said = {
        "text": text.strip(), "category": category, "about": about.strip(), "keep_from": sorted(set(keep_from) & set(ROLES)),
        "files": [[each.kind, base64.b64encode(each.content).decode()] for each in files],
    }  # fmt: skip
    body = json.dumps(said, ensure_ascii=False)
    body += " " * (-len(body.encode()) % BLOCK)
    try:
        with transaction.atomic():
            Letter.objects.create(code=index, is_report=is_report, sealed=body)
    except IntegrityError:
        return


@dataclass(frozen=True, slots=True)
class Standing:
    """What a writer sees of a report; None as report while the box was not emptied."""

    report: Report | None
    messages: tuple[Any, ...]
    waiting: int
    """Letters in the box."""


def standing(code: str) -> Standing:
    """Return how a report stands.

    Raises:
        Invalid: there is none with this code.
    """
    index = index_of(code)
    report = Report.unscoped.filter(code=index).first()
    waiting = Letter.objects.filter(code=index).count()
    if report is None and not waiting:
        raise Invalid(
            fields={"code": [_("There is no report with this code. Check it again; closed ones are deleted in time.")]}
        )
    told = tuple(Message.unscoped.filter(report=report).order_by("number")) if report is not None else ()
    return Standing(report, told, waiting)
