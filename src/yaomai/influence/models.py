"""Who matters academically, and who is tied to whom: offices, publications, studies, guideline work, ties."""

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Professional
from yaomai.kit.access import Actor, Scope, ScopedModel, Versioned

DOI = r"^10\.\d{4,9}/\S+$"
PMID = r"^[1-9]\d{0,8}$"
FIRST_YEAR, LAST_YEAR = 1900, 2100


class Level(models.TextChoices):
    """How far a society reaches (A4)."""

    INTERNATIONAL = "international", _("International")
    NATIONAL = "national", _("National")
    PROVINCIAL = "provincial", _("Provincial")
    CITY = "city", pgettext_lazy("society", "City")


def _evidence() -> Any:
    return models.CharField(
        _("Evidence link"),
        max_length=500,
        blank=True,
        validators=(URLValidator(schemes=("http", "https")),),
        help_text=_("A page that proves it: the society's notice, the registration, the article. http or https."),
    )


class Sourced(Versioned):
    """What somebody entered: where it comes from, what proves it, who and when. Archived instead of deleted."""

    entity: ClassVar[str] = "influence.record"

    source = models.CharField(
        _("Source"), max_length=200, help_text=_("The society's site, a notice, a database, a conversation.")
    )
    evidence = _evidence()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Entered by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta(Versioned.Meta):
        abstract = True


class Record(Sourced):
    """One line of the academic record of a professional; seen where the professional is."""

    scope: ClassVar[Scope] = Scope(through="professional")

    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Sourced.Meta):
        abstract = True


class Office(Record):
    """A professional holds an office in a learned society from–to, half-open."""

    class Role(models.TextChoices):
        CHAIR = "chair", pgettext_lazy("society", "Chair")
        VICE_CHAIR = "vice_chair", pgettext_lazy("society", "Vice chair")
        SECRETARY = "secretary", pgettext_lazy("society", "Secretary")
        STANDING = "standing", pgettext_lazy("society", "Standing member")
        MEMBER = "member", pgettext_lazy("society", "Member")

    society = models.CharField(_("Society"), max_length=150)
    society_key = models.CharField(max_length=150, editable=False)
    """The name without blanks and punctuation: two with the same key are the same society."""
    level = models.CharField(pgettext_lazy("society", "Level"), max_length=13, choices=Level.choices)
    role = models.CharField(_("Office"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "influence_office"
        verbose_name = _("society office")
        verbose_name_plural = _("society offices")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="influence_office_period",
                violation_error_message=_("The last day must come after the first."),
            ),
            models.UniqueConstraint(
                fields=["professional", "society_key", "role", "valid_from"],
                condition=Q(archived_at__isnull=True),
                name="influence_office_once",
                violation_error_message=_("This office is recorded already."),
            ),
        )
        indexes = (models.Index(fields=["society_key", "valid_from"], name="influence_office_society"),)

    def __str__(self) -> str:
        return f"{self.society} · {self.get_role_display()}"


class Study(Record):
    """A professional takes part in a clinical study."""

    class Phase(models.TextChoices):
        ONE = "1", _("Phase I")
        TWO = "2", _("Phase II")
        THREE = "3", _("Phase III")
        FOUR = "4", _("Phase IV")
        OBSERVATIONAL = "observational", _("Observational or real-world")

    class Role(models.TextChoices):
        LEAD = "lead", _("Leading principal investigator")
        PRINCIPAL = "principal", _("Principal investigator of the site")
        SUB = "sub", _("Sub-investigator")

    title = models.CharField(_("Study"), max_length=300)
    registration = models.CharField(
        _("Registration number"), max_length=40, blank=True, help_text=_("Such as CTR20251234, ChiCTR2500012345, NCT01234567.")
    )  # fmt: skip
    phase = models.CharField(_("Phase"), max_length=13, choices=Phase.choices)
    role = models.CharField(_("Role in the study"), max_length=9, choices=Role.choices, default=Role.SUB)
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "influence_study"
        verbose_name = _("clinical study")
        verbose_name_plural = _("clinical studies")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="influence_study_period",
                violation_error_message=_("The last day must come after the first."),
            ),
            models.UniqueConstraint(
                fields=["professional", "title"],
                condition=Q(archived_at__isnull=True),
                name="influence_study_once",
                violation_error_message=_("This study is recorded already."),
            ),
        )

    def __str__(self) -> str:
        return self.title


class Guideline(Record):
    """A professional worked on a guideline or consensus."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Led the guideline")
        AUTHOR = "author", _("Wrote it with others")
        REVIEWER = "reviewer", _("Reviewed it")

    title = models.CharField(_("Guideline"), max_length=300)
    issuer = models.CharField(_("Issued by"), max_length=150, blank=True)
    role = models.CharField(_("Part in the guideline"), max_length=8, choices=Role.choices, default=Role.AUTHOR)
    year = models.PositiveSmallIntegerField(
        _("Year"), validators=(MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR))
    )

    class Meta(Record.Meta):
        db_table = "influence_guideline"
        verbose_name = _("guideline work")
        verbose_name_plural = _("guideline work")
        constraints = (
            models.UniqueConstraint(
                fields=["professional", "title", "year"],
                condition=Q(archived_at__isnull=True),
                name="influence_guideline_once",
                violation_error_message=_("This guideline is recorded already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.year})"


class Publication(Sourced):
    """A published work. What was published is public: everybody with the right sees it, not all of its authors."""

    class Indexing(models.TextChoices):
        SCI = "sci", "SCI"
        CORE = "core", _("Chinese core journal")
        OTHER = "other", _("Other")

    scope: ClassVar[Scope] = Scope(company=True)

    title = models.CharField(pgettext_lazy("publication", "Title"), max_length=500)
    title_key = models.CharField(max_length=500, editable=False)
    """The title without blanks, punctuation and case: how a work without DOI or PMID is known again."""
    journal = models.CharField(_("Journal"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(
        _("Year"), validators=(MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR))
    )
    indexing = models.CharField(_("Indexed in"), max_length=5, choices=Indexing.choices, default=Indexing.OTHER)
    doi = models.CharField(
        "DOI", max_length=150, blank=True, validators=(RegexValidator(DOI, _("A DOI looks like 10.1000/xyz123.")),)
    )
    pmid = models.CharField(
        "PMID", max_length=9, blank=True, validators=(RegexValidator(PMID, _("A PMID has one to nine digits.")),)
    )
    citations = models.PositiveIntegerField(_("Citations"), null=True, blank=True)
    cited_on = models.DateField(_("Citations counted on"), null=True, blank=True)
    # All names as a file prints them or somebody entered them. Most are none of ours: only who is, or may be, has an
    # `Authorship`.
    authors = models.TextField(_("Authors"), blank=True, editable=False)
    affiliations = models.TextField(_("Affiliations as printed"), blank=True, editable=False)
    corresponding = models.CharField(_("Corresponding author"), max_length=200, blank=True, editable=False)
    author_count = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta(Sourced.Meta):
        db_table = "influence_publication"
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = (
            models.UniqueConstraint(
                fields=["doi"],
                condition=~Q(doi="") & Q(archived_at__isnull=True),
                name="influence_publication_doi",
                violation_error_message=_("A publication with this DOI is recorded already."),
            ),
            models.UniqueConstraint(
                fields=["pmid"],
                condition=~Q(pmid="") & Q(archived_at__isnull=True),
                name="influence_publication_pmid",
                violation_error_message=_("A publication with this PMID is recorded already."),
            ),
        )
        indexes = (
            models.Index(fields=["title_key", "year"], name="influence_publication_title"),
            models.Index(fields=["-year", "-id"], name="influence_publication_order"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def link(self) -> str:
        """The evidence link; what a DOI or PMID leads to where none was entered."""
        if self.evidence:
            return str(self.evidence)
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid else ""


class Authorship(ScopedModel):
    """Somebody of ours wrote a publication, or may have: the name as printed, and which professional that is."""

    class Role(models.TextChoices):
        FIRST = "first", _("First author")
        CORRESPONDING = "corresponding", _("Corresponding author")
        OTHER = "other", _("Other author")

    class Link(models.TextChoices):
        ENTERED = "entered", _("Entered by hand")
        AUTOMATIC = "automatic", _("Certain, linked by the system")
        REVIEWED = "reviewed", _("Decided by review")
        OPEN = "open", _("To be decided")
        NOBODY = "nobody", _("None of our professionals")

    scope: ClassVar[Scope] = Scope(through="professional")
    entity: ClassVar[str] = "influence.record"

    publication = models.ForeignKey(
        Publication,
        on_delete=models.CASCADE,
        related_name="authorships",
        db_index=False,  # `influence_authorship_once`
    )
    professional = models.ForeignKey(
        Professional,
        verbose_name=_("Professional"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # `influence_authorship_person`
    )
    position = models.PositiveSmallIntegerField(_("Place among the authors"), null=True)
    name = models.CharField(_("Name as printed"), max_length=100, blank=True)
    affiliation = models.CharField(_("Affiliation as printed"), max_length=300, blank=True)
    role = models.CharField(_("Part as author"), max_length=13, choices=Role.choices, default=Role.OTHER)
    link = models.CharField(_("How the link came about"), max_length=9, choices=Link.choices, default=Link.ENTERED)
    candidates = models.JSONField(default=list, editable=False)
    """Who may be meant while it is open: [professional, score, reasons], the likeliest first."""

    class Meta(ScopedModel.Meta):
        db_table = "influence_authorship"
        verbose_name = pgettext_lazy("record", "authorship")
        constraints = (
            models.UniqueConstraint(
                fields=["publication", "professional"],  # who is nobody of ours yet is no other's double
                name="influence_authorship_once",
                violation_error_message=_("This professional is recorded as an author already."),
            ),
        )
        indexes = (
            models.Index(fields=["professional"], name="influence_authorship_person"),
            models.Index(fields=["name", "affiliation"], condition=Q(link="open"), name="influence_authorship_open"),
        )

    def __str__(self) -> str:
        return self.name or str(self.professional)


class AuthorDecision(ScopedModel):
    """What a person decided a printed name at a printed affiliation to mean; remembered for every import to come."""

    scope: ClassVar[Scope] = Scope(company=True)
    entity: ClassVar[str] = "influence.record"

    name = models.CharField(max_length=100)
    affiliation = models.CharField(max_length=300)
    professional = models.ForeignKey(Professional, null=True, on_delete=models.CASCADE, related_name="+")
    """None: none of ours."""
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        db_table = "influence_authordecision"
        verbose_name = pgettext_lazy("record", "decision on an author")
        constraints = (models.UniqueConstraint(fields=["name", "affiliation"], name="influence_authordecision_once"),)

    def __str__(self) -> str:
        return self.name


# Ties ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BothEnds(Scope):
    """A row that names two people is reached by those who reach both."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        """Return the condition of either end, both of which must hold."""
        ends = [Scope(through=path).filter(model, actor, right) for path in self.through]
        return reduce(and_, [end for end in ends if end is not None], Q()) or None


class Tie(Sourced):
    """Two people know each other as somebody said: a teacher first, the student second; colleagues in any order."""

    class Kind(models.TextChoices):
        TEACHER = "teacher", _("Teacher and student")
        COLLEAGUE = "colleague", _("Close colleagues")

    scope: ClassVar[Scope] = BothEnds(through=("professional", "other"))
    entity: ClassVar[str] = "influence.tie"

    kind = models.CharField(_("Kind of tie"), max_length=9, choices=Kind.choices, default=Kind.TEACHER)
    professional = models.ForeignKey(
        Professional, verbose_name=_("Teacher, or one colleague"), on_delete=models.PROTECT, related_name="+"
    )
    other = models.ForeignKey(
        Professional, verbose_name=_("Student, or the other colleague"), on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)

    class Meta(Sourced.Meta):
        db_table = "influence_tie"
        verbose_name = _("personal tie")
        verbose_name_plural = _("personal ties")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="influence_tie_period",
                violation_error_message=_("The last day must come after the first."),
            ),
            models.UniqueConstraint(
                fields=["kind", "professional", "other"],
                condition=Q(archived_at__isnull=True),
                name="influence_tie_once",
                violation_error_message=_("This tie is recorded already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.professional} – {self.other}"


class Standing(ScopedModel):
    """Where a person stands in the network of a day: computed by a job, replaced by the next."""

    scope: ClassVar[Scope] = Scope(through="professional")
    entity: ClassVar[str] = "influence.tie"

    professional = models.OneToOneField(
        Professional, verbose_name=_("Professional"), on_delete=models.CASCADE, related_name="+"
    )
    direct = models.PositiveIntegerField(_("Direct ties"))
    reach = models.PositiveIntegerField(_("Reach within two steps"))
    bridge = models.FloatField(_("Bridge"))
    """Of all shortest ways between two others, the share that leads through the person (betweenness), 0 to 1."""
    group = models.PositiveIntegerField(pgettext_lazy("network", "Group"))
    as_of = models.DateField(_("As of"))

    class Meta(ScopedModel.Meta):
        db_table = "influence_standing"
        verbose_name = pgettext_lazy("record", "place in the network")
        indexes = (models.Index(fields=["-bridge"], name="influence_standing_bridge"),)

    def __str__(self) -> str:
        return str(self.professional)
