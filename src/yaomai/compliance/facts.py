"""Facts that rules speak of, beside those of every act: filings, consents, exams, and what later rooms will tell."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from yaomai.compliance.rulebook import Rulebook
from yaomai.compliance.vocabulary import Fact, Given, Source, register_fact, register_source
from yaomai.kit.access import Actor

Exam = Callable[[int, Sequence[str], date], bool | None]
"""(person, product codes, day) -> passed, failed, or None where nothing is recorded."""
_exams: list[Exam] = []


def register_exam(exam: Exam) -> None:
    """Let a room say whether somebody passed the exams of products (M3). Until one does, nothing is recorded."""
    _exams.append(exam)


# Filings --------------------------------------------------------------------------------------------------------

_FILINGS = """
SELECT (SELECT array_agg(f.product_scope) FROM organization_filing f
        WHERE f.person_id = %(person)s AND f.valid_from <= %(on)s AND (f.valid_to IS NULL OR f.valid_to > %(on)s)),
       (SELECT jsonb_agg(jsonb_build_array(p.name, p.generic_name, l.name, l.code)) FROM catalog_product p
        LEFT JOIN catalog_productline l ON l.id = p.product_line_id WHERE p.code = ANY(%(products)s))
"""


def _filing(given: Given, _actor: Actor, book: Rulebook) -> Mapping[str, Any]:
    with connection.cursor() as cursor:
        values = {"person": given.get("person"), "on": book.on, "products": list(given.get("products") or ())}
        cursor.execute(_FILINGS, values)
        scopes, products = cursor.fetchone()
    return {"filing_valid": bool(scopes), "product_in_scope": in_scope(scopes or [], json.loads(products or "null"))}


def in_scope(scopes: Sequence[str], products: Sequence[Sequence[str | None]] | None) -> bool | None:
    """Tell whether every product is named by a filing: itself, its generic name, or its line. None without products.

    A scope is written by hand: 心血管, 代谢、神经. What a product is called must contain one of its words or be one.
    """
    if not products:
        return None
    text = "、".join(scopes)
    for apart in (",", "，", ";", "；", "/", "\n"):
        text = text.replace(apart, "、")
    words = [word.strip() for word in text.split("、") if word.strip()]
    return all(any(name and any(word in name for word in words) for name in names) for names in products)


# Consents -------------------------------------------------------------------------------------------------------

_CONSENT = """
SELECT max(coalesce(c.valid_to, 'infinity'::date)) = 'infinity'::date, max(c.valid_to), count(*),
       bool_or(c.reception <> '')
FROM compliance_consent c
WHERE c.institution_id = %(institution)s AND c.archived_at IS NULL AND c.valid_from <= %(on)s
  AND (c.valid_to IS NULL OR c.valid_to > %(on)s) AND %(activity)s = ANY(c.activities)
  AND (NOT EXISTS (SELECT 1 FROM compliance_consent_departments d WHERE d.consent_id = c.id)
       OR EXISTS (SELECT 1 FROM compliance_consent_departments d
                  WHERE d.consent_id = c.id AND d.department_id = %(department)s))
"""


def consent_of(*, institution: int | None, department: int | None, activity: str, on: date) -> Mapping[str, Any]:
    """Return whether a consent for an activity holds on a day, the days left, and whether it names who receives."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSENT, {"institution": institution, "department": department, "activity": activity, "on": on})
        open_ended, until, count, reception = cursor.fetchone()
    return {
        "consent_on_file": bool(count),
        "consent_days_left": None if not count or open_ended else (until - on).days,
        "reception_named": bool(reception),
    }


def _consent(given: Given, _actor: Actor, book: Rulebook) -> Mapping[str, Any]:
    return consent_of(
        institution=given.get("institution"), department=given.get("department"), activity="academic", on=book.on
    )


# Exams ----------------------------------------------------------------------------------------------------------


def _exam(given: Given, _actor: Actor, book: Rulebook) -> Mapping[str, Any]:
    person = given.get("person")
    found = [exam(person, given.get("products") or (), book.on) for exam in _exams] if person is not None else []
    known = [passed for passed in found if passed is not None]
    return {"exam": "not_recorded" if not known else "passed" if all(known) else "failed"}


EXAMS = (("passed", _("passed")), ("failed", _("failed")), ("not_recorded", _("not recorded")))


def register() -> None:
    """Declare the facts and where they come from."""
    for code, label in (
        ("filing_valid", _("Active filing")),
        ("product_in_scope", _("Products within the filing")),
        ("consent_on_file", _("Consent of the institution")),
        ("reception_named", _("Department that receives representatives is known")),
        ("material_approved", _("Material approved and in force")),
        ("shows_limitations", _("Limitations and adverse reactions shown")),
        ("sponsor_stated", _("Sponsorship stated")),
        ("off_label", _("Outside the label")),
        ("employed", _("Employed by the company")),
        ("due_diligence", _("Due diligence recorded")),
        ("abroad", _("Leaves the country")),
        ("to_third_party", _("Goes to a third party")),
        ("separate_consent", _("Separate consent")),
        ("tied_to_use", _("Tied to use or purchase")),
        ("purpose_stated", _("Purpose stated")),
        ("agenda_on_file", _("Agenda given")),
        ("has_event", _("Belongs to an event")),
    ):
        register_fact(Fact(code, "flag", label))
    register_fact(Fact("consent_days_left", "number", _("Days until the consent ends"), unit="days"))
    register_fact(Fact("persons", "number", _("Persons concerned")))
    register_fact(Fact("exam", "text", _("Product exam"), choices=EXAMS))
    register_fact(Fact("route", "text", _("Route out of the country")))
    register_fact(Fact("contract_reference", "text", _("Contract")))
    register_fact(Fact("booking_reference", "text", _("Invoice or booking")))
    register_source(Source("filings", ("filing_valid", "product_in_scope"), _filing))
    register_source(Source("consents", ("consent_on_file", "consent_days_left", "reception_named"), _consent))
    register_source(Source("exams", ("exam",), _exam))
