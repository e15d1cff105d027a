"""The words that duties, planned visits and visit reports share."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Activity(models.TextChoices):
    """What is done for a customer (section C of the documents)."""

    EXECUTIVE_FORUM = "executive_forum", _("Executive forum")
    EXECUTIVE_VISIT = "executive_visit", _("Executive visit")
    CORE_VISIT = "core_visit", _("On-site visit")
    FEEDBACK_VISIT = "feedback_visit", _("Feedback visit")
    ACADEMIC_VISIT = "academic_visit", _("Academic visit")
    ACADEMIC_SERVICE = "academic_service", _("Tailored academic service")
    CASE_SALON = "case_salon", _("Case salon")
    DEPARTMENT_MEETING = "department_meeting", _("Department meeting")
    LITERATURE_PACK = "literature_pack", _("Literature pack")
    CLINICAL_NEWS = "clinical_news", _("Clinical news")
    TOUCH = "touch", pgettext_lazy("planning", "Touch")
    CALLBACK = "callback", _("Callback")
    NEEDS_SURVEY = "needs_survey", _("Needs survey")
    SALES_REPORT = "sales_report", _("Sales analysis report")
    FOLLOW_UP = "follow_up", _("Follow-up")


ON_SITE: Final = frozenset(
    {
        Activity.EXECUTIVE_FORUM,
        Activity.EXECUTIVE_VISIT,
        Activity.CORE_VISIT,
        Activity.FEEDBACK_VISIT,
        Activity.ACADEMIC_VISIT,
        Activity.ACADEMIC_SERVICE,
        Activity.CASE_SALON,
        Activity.DEPARTMENT_MEETING,
    }
)
"""Done where the customer is: these need a half-day and a way. The rest is done from the desk."""
COMMERCIAL: Final = frozenset({Activity.SALES_REPORT, Activity.NEEDS_SURVEY, Activity.TOUCH})
"""About orders, prices and sales: nothing that somebody with an active filing may owe (X2)."""


class DutyState(models.TextChoices):
    OPEN = "open", pgettext_lazy("duty", "Open")
    DONE = "done", pgettext_lazy("duty", "Done")
    MISSED = "missed", pgettext_lazy("duty", "Missed")
    WAIVED = "waived", _("No longer owed")


EARLIER = "earlier-system"
"""The reference of what was done before this system was there: the proof of it is not here."""


class DutyOrigin(models.TextChoices):
    CADENCE = "cadence", _("Service per tier")
    NEXT_STEP = "next_step", _("Next step of a visit")
    BY_HAND = "by_hand", _("Entered by hand")


class VisitState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("visit", "Planned")
    DONE = "done", pgettext_lazy("visit", "Done")
    MISSED = "missed", pgettext_lazy("visit", "Missed")
    CANCELLED = "cancelled", pgettext_lazy("visit", "Cancelled")


class VisitOrigin(models.TextChoices):
    PLAN = "plan", pgettext_lazy("visit", "Plan in force")
    BY_HAND = "by_hand", _("Entered by hand")
    REPLANNED = "replanned", _("Planned again")


class MissedReason(models.TextChoices):
    """Why something did not happen (E10)."""

    CUSTOMER_AWAY = "customer_away", _("Customer away")
    CLINIC_CHANGED = "clinic_changed", _("Clinic moved or cancelled")
    SURGERY = "surgery", _("Customer in surgery")
    DECLINED = "declined", _("Customer had no time")
    HOSPITAL_CLOSED = "hospital_closed", _("Hospital receives nobody")
    NOT_PERMITTED = "not_permitted", _("Filing or consent missing")
    ILL = "ill", _("Own illness")
    LEAVE = "leave", _("Own leave")
    MEETING = "meeting", _("Internal meeting")
    PRIORITY = "priority", _("Another customer came first")
    TRAVEL = "travel", _("Traffic or travel")
    OTHER = "other", pgettext_lazy("planning", "Other reason")
