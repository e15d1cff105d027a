"""Visits as they were reported, what was promised in them, and what managers who came along noted."""

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Department, Institution, Professional
from yaomai.kit.access import Actor, Scope, ScopedModel, Versioned
from yaomai.materials.models import Use
from yaomai.organization.models import Territory
from yaomai.planning.models import PlannedVisit, ServiceDuty


@dataclass(frozen=True, slots=True)
class WithAttendees(Scope):
    """A visit is also seen by the colleagues who came along."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        found = super(WithAttendees, self).filter(model, actor, right)
        if found is None or actor.person_id is None or not actor.may(right):
            return found
        through: Any = Visit.attendees.through
        return found | Q(Exists(through.objects.filter(visit=OuterRef("pk"), person=actor.person_id)))


class Visit(Versioned):
    """A visit, as whoever made it reported it; `findings` say why it counts, or does not."""

    class ContentType(models.TextChoices):
        """What it was about (D18)."""

        KEY_MESSAGE = "key_message", _("Key message")
        EXPERIENCE = "experience", _("Experience and feedback")
        SCIENCE = "science", _("Scientific news")
        PROBLEM = "problem", _("Solving a clinical problem")
        RELATIONSHIP = "relationship", _("Keeping in touch")

    class Progress(models.TextChoices):
        """How far the product came (D13)."""

        NONE = "none", _("Not spoken of")
        MENTIONED = "mentioned", _("Spoken of")
        ADVANCED = "advanced", _("A step forward")

    class Achieved(models.TextChoices):
        """What was reached of what was expected (E8)."""

        FULLY = "fully", pgettext_lazy("visit", "Reached")
        PARTLY = "partly", _("Partly reached")
        NOT = "not", _("Not reached")

    class Validity(models.TextChoices):
        VALID = "valid", pgettext_lazy("visit", "Valid")
        SUSPICIOUS = "suspicious", pgettext_lazy("visit", "Doubtful")
        INVALID = "invalid", pgettext_lazy("visit", "Invalid")

    class Origin(models.TextChoices):
        SCREEN = "screen", _("On the screen")
        FIELD = "field", _("Field app")
        IMPORT = "import", _("Import")

    scope: ClassVar[Scope] = WithAttendees(territory="territory_id", person="person_id")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """Made where the report is written, so that a report that is sent twice is one."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Visited by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="visits",
    )  # fmt: skip
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="visits"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("Department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    territory = models.ForeignKey(
        Territory, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name=_("Territory")
    )
    contacts: Any = models.ManyToManyField(
        Professional, verbose_name=_("Met"), related_name="visits", db_table="engagement_visit_contacts"
    )
    attendees: Any = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("Came along"), related_name="visits_attended", blank=True,
        db_table="engagement_visit_attendees", help_text=_("Colleagues who were there: a joint visit."),
    )  # fmt: skip
    started_at = models.DateTimeField(_("Began"))
    ended_at = models.DateTimeField(_("Ended"), null=True, blank=True)
    on = models.DateField(_("Day"), editable=False)
    place = models.CharField(
        pgettext_lazy("visit", "Place"), max_length=100, blank=True, help_text=_("Such as outpatients, third floor.")
    )
    content_type = models.CharField(pgettext_lazy("visit", "About"), max_length=12, choices=ContentType.choices)
    content = models.TextField(pgettext_lazy("visit", "What was said"), max_length=2000)
    objective = models.CharField(_("Objective"), max_length=200, blank=True)
    expected_result = models.CharField(_("Expected result"), max_length=200, blank=True)
    achieved = models.CharField(_("Reached"), max_length=6, choices=Achieved.choices, blank=True)
    result = models.CharField(_("Result"), max_length=300, blank=True)
    products: Any = models.ManyToManyField(
        Product, verbose_name=_("Products spoken of"), related_name="+", blank=True,
        db_table="engagement_visit_products",
    )  # fmt: skip
    progress = models.CharField(
        _("Progress of the product"), max_length=9, choices=Progress.choices, blank=True,
        help_text=_("Left empty: spoken of where a product is named, else not."),
    )  # fmt: skip
    uses: Any = models.ManyToManyField(
        Use, verbose_name=_("Material shown"), related_name="+", editable=False, db_table="engagement_visit_uses"
    )
    planned = models.ForeignKey(
        PlannedVisit,
        verbose_name=_("Planned as"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="reports",
    )
    duty = models.ForeignKey(
        ServiceDuty,
        verbose_name=_("Owed as"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="reports",
    )
    origin = models.CharField(
        _("Reported"), max_length=6, choices=Origin.choices, default=Origin.SCREEN, editable=False
    )
    reported_at = models.DateTimeField(_("Reported at"), editable=False)
    device_started_at = models.DateTimeField(_("Began by the phone's clock"), null=True, editable=False)
    clock_seconds = models.IntegerField(_("Phone's clock was behind by (seconds)"), null=True, editable=False)
    is_clock_changed = models.BooleanField(default=False, editable=False)
    """Whether the phone's clock was set between the writing and the sending of the report."""
    is_separate = models.BooleanField(default=False, editable=False)
    """Whether the reporter said that it is another visit than the one that looked the same."""
    validity = models.CharField(
        pgettext_lazy("visit", "Counts"),
        max_length=10,
        choices=Validity.choices,
        default=Validity.VALID,
        editable=False,
    )
    findings: Any = models.JSONField(default=list, editable=False)
    """What the checks found: [{"code", "level", "params"}]."""
    rule_doubts: Any = models.JSONField(default=list, editable=False)
    """Rules that want an approval: [text, citation]; until an auditor decided, the visit does not count."""
    explained = models.CharField(_("Explanation of the visitor"), max_length=500, blank=True, editable=False)
    decided_at = models.DateTimeField(pgettext_lazy("visit", "Decided at"), null=True, editable=False)
    """When an auditor decided; from then on the checks no longer do."""

    class Meta(Versioned.Meta):
        db_table = "engagement_visit"
        verbose_name = pgettext_lazy("engagement", "visit")
        verbose_name_plural = pgettext_lazy("engagement", "visits")
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="engagement_visit_order",
                violation_error_message=_("It ended before it began."),
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["person", "-on"], name="engagement_visit_person"),
            models.Index(fields=["institution", "-on"], name="engagement_visit_institution"),
            models.Index(fields=["territory", "-on"], name="engagement_visit_territory"),
            models.Index(fields=["-started_at", "-id"], name="engagement_visit_latest"),
        )

    def __str__(self) -> str:
        return f"{self.institution} · {self.on.isoformat()}"


class NextStep(ScopedModel):
    """Something that was promised in a visit, to be done before the next one (D14)."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("next step", "Open")
        DONE = "done", pgettext_lazy("next step", "Done")
        DROPPED = "dropped", pgettext_lazy("visit", "Dropped")

    scope: ClassVar[Scope] = Scope(through="visit", person="owner_id")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.ForeignKey(
        Visit,
        verbose_name=pgettext_lazy("engagement", "visit"),
        editable=False,
        on_delete=models.PROTECT,
        related_name="steps",
    )
    text = models.CharField(_("To do"), max_length=200)
    due_on = models.DateField(pgettext_lazy("visit", "By"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("visit", "Who"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    duty = models.OneToOneField(
        ServiceDuty, null=True, editable=False, on_delete=models.PROTECT, related_name="next_step"
    )
    """The same in the plan: it is planned, counted and missed there."""
    state = models.CharField(_("State"), max_length=7, choices=State.choices, default=State.OPEN, editable=False)
    outcome = models.CharField(_("What came of it"), max_length=300, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "engagement_nextstep"
        verbose_name = _("next step")
        verbose_name_plural = _("next steps")
        indexes = (
            models.Index(fields=["owner", "due_on"], condition=Q(state="open"), name="engagement_nextstep_open"),
            models.Index(fields=["visit"], name="engagement_nextstep_visit"),
        )

    def __str__(self) -> str:
        return self.text


class CoachingNote(ScopedModel):
    """What a manager who came along saw, and what to try next time (D7); its subject reads it."""

    scope: ClassVar[Scope] = Scope(through="visit")
    entity: ClassVar[str] = "engagement.visit"

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="coaching")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    listening = models.PositiveSmallIntegerField(_("Exploring and listening"), null=True, blank=True)
    concerns = models.PositiveSmallIntegerField(_("Handling concerns"), null=True, blank=True)
    closing = models.PositiveSmallIntegerField(_("Closing effectively"), null=True, blank=True)
    text = models.CharField(_("What went well, what to try"), max_length=1000)
    created_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        db_table = "engagement_coachingnote"
        constraints = (models.UniqueConstraint(fields=["visit", "author"], name="engagement_coachingnote_once"),)

    def __str__(self) -> str:
        return self.text
