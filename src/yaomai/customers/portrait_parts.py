"""What this room puts into the portrait."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from yaomai.customers import archives, portrait, profile, selectors
from yaomai.customers.approach import approach_to
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Block, Column, Explained, Fact, Facts, Paragraph, Table
from yaomai.kit.explain import Explanation
from yaomai.kit.ui import formats

ASKED, PEOPLE, PATIENTS = 3, 8, 5


def register() -> None:
    """Register the sections of this room."""
    portrait.register("professional", name="next", title=gettext_lazy("Next conversation"), order=10, blocks=next_talk)
    portrait.register("professional", name="who", title=gettext_lazy("Who"), order=20, blocks=who)
    portrait.register("professional", name="profile", title=gettext_lazy("Profile"), order=60, blocks=profile_blocks)
    portrait.register("institution", name="who", title=gettext_lazy("Who"), order=10, blocks=institution_who)
    portrait.register("institution", name="people", title=gettext_lazy("Professionals"), order=40, blocks=people,
                      right="customers.professional:view")  # fmt: skip
    portrait.register("institution", name="patients", title=gettext_lazy("Patient populations"), order=50,
                      blocks=patients, right="customers.patientpopulation:view")  # fmt: skip
    portrait.register("institution", name="profile", title=gettext_lazy("Profile"), order=60, blocks=profile_blocks)


def next_talk(row: Professional, actor: Actor) -> Sequence[Block]:
    """Return the recommended topic with its reason, how to approach the person, and what to ask."""
    today = timezone.localdate()
    facts = archives.facts_of(row)
    found = approach_to(row, facts, today=today)
    blocks: list[Block] = []
    if found.topic is not None:
        explained = Explanation(
            sentence=found.topic.text, lift=(), sources=(found.topic.reason,), policy=found.reference
        )
        blocks.append(Explained(explained, title=_("Recommended topic")))
    if found.advice:
        rows = tuple(
            (
                advice.title,
                _("; ").join(_("%(label)s: %(text)s") % {"label": label, "text": text} for label, text in advice.lines),
            )
            for advice in found.advice
        )
        blocks.append(Table((Column(_("How to approach"), width=1), Column(_("Advice"), width=6)), rows))
    if asked := archives.questions("professional", facts, today=today)[:ASKED]:
        told = formats.listed(each.field.label for each in asked)
        blocks.append(Paragraph(_("Ask next: %(questions)s") % {"questions": told}))
    return blocks


def who(row: Professional, actor: Actor) -> Sequence[Block]:
    """Return what the heading does not say of the person, and what the person matters for."""
    facts = [
        Fact(_("Specialty"), row.specialty),
        Fact(_("Territory"), str(row.territory) if row.territory else ""),
        Fact(_("Profile"), _("%(percent)s%% complete") % {"percent": row.completeness},
             note=_("Not verified yet") if row.is_unverified else ""),
    ]  # fmt: skip
    blocks: list[Block] = [Facts(tuple(fact for fact in facts if fact.value), columns=3)]
    if row.institution is None:
        blocks.append(Paragraph(_("No current workplace.")))
    marks = selectors.standing_marks(row.pk) or []
    if told := _("; ").join(
        _("%(said)s (%(more)s)") % {"said": mark, "more": mark.reason or mark.source} for mark in marks
    ):
        blocks.append(Paragraph(_("Customer types: %(types)s") % {"types": told}))
    return blocks


def profile_blocks(row: Institution | Professional, actor: Actor) -> Sequence[Block]:
    """Return what is recorded, with source and day; what nobody knows is left out."""
    entity = selectors.entity_of(row)
    facts = archives.facts_of(row)
    shown = [
        Fact(
            field.label,
            field.shown(facts[field.code].value),
            note=f"{facts[field.code].source} · {timezone.localdate(facts[field.code].checked_at).isoformat()}",
        )
        for field in profile.fact_fields(entity)
        if field.code in facts
    ]
    return [Facts(tuple(shown), columns=3)] if shown else []


def institution_who(row: Institution, actor: Actor) -> Sequence[Block]:
    """Return who the institution is."""
    pairs = [
        (_("Kind"), row.get_kind_display()),
        (_("Grade"), row.get_grade_display() if row.grade else ""),
        (_("Place"), row.division.full_name if row.division else ""),
        (_("Address"), row.address),
        (_("Beds"), row.beds),
        (_("Outpatients per year"), row.outpatients),
        (_("Territory"), str(row.territory) if row.territory else ""),
        (_("Profile"), _("%(percent)s%% complete") % {"percent": row.completeness}),
    ]
    return [Facts(tuple(Fact(label, value) for label, value in pairs if value not in (None, "")))]


def people(row: Institution, actor: Actor) -> Sequence[Block]:
    """Return who works there, leaders first."""
    rows = selectors.institution_people(row, actor)["rows"][:PEOPLE]
    cells = tuple(
        (
            str(each.professional),
            str(each.department or ""),
            each.position,
            each.professional.get_title_display() if each.professional.title else "",
            formats.listed(selectors.customer_type_labels(each.professional)),
        )
        for each in rows
    )
    labels = (pgettext("person", "Name"), _("Department"), _("Post held"), _("Professional title"), _("Customer types"))
    return [Table(tuple(Column(label) for label in labels), cells)] if cells else []


def patients(row: Institution, actor: Actor) -> Sequence[Block]:
    """Return the newest estimates of patients."""
    rows = selectors.institution_patients(row, actor)["rows"][:PATIENTS]
    cells = tuple((str(each.department), str(each.indication), each.patients, each.estimated_on) for each in rows)
    columns = (
        Column(_("Department")),
        Column(_("Indication")),
        Column(_("Patients"), "number"),
        Column(_("Estimated on")),
    )
    return [Table(columns, cells)] if cells else []
