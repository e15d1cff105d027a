"""Who we are: people, the positions they hold, the territories these reach, and rep filings (备案)."""

from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinLengthValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Scope, ScopedManager, ScopedModel, ScopedQuerySet, current_actor
from yaomai.kit.search import SearchVectorField, search_index
from yaomai.organization import separation


def on_day(day: date, prefix: str = "") -> Q:
    """Return the condition that a half-open period `valid_from`–`valid_to` contains the day."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": day})
    )


def without_way_in() -> models.Q:
    """Return the condition of people who work here, have no password and never signed in."""
    has_none = models.Q(password="") | models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return has_none & models.Q(archived_at__isnull=True, last_login__isnull=True)


class PersonManager(ScopedManager, BaseUserManager["Person"]):
    """The directory: who may see people sees all of them, and everybody sees themself."""

    def get_queryset(self) -> ScopedQuerySet:
        condition = Person.scope.filter(Person, current_actor(), Person.right("view"))
        rows = ScopedQuerySet(self.model, using=self._db)
        return rows if condition is None else rows.filter(condition | Q(pk=current_actor().person_id))


class Person(AbstractBaseUser, ScopedModel):
    """Somebody who signs in. What they may do comes from the positions they hold, never from here."""

    scope: ClassVar[Scope] = Scope(company=True)

    username = models.CharField(
        _("User name"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[\w.@-]+$", _("Only letters, digits and . _ - @."))],
    )
    name = models.CharField(pgettext_lazy("person", "Name"), max_length=64)
    employee_number = models.CharField(_("Employee number"), max_length=32, blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    must_change_password = models.BooleanField(_("Must change the password"), default=False)
    """The password was given by an administrator: it opens nothing but the page that changes it."""
    sign_in_epoch = models.PositiveIntegerField(default=0, editable=False)
    """Part of every session's hash: raising it ends all sessions of the person."""
    emergency = models.ForeignKey(
        "organization.Emergency", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    """The emergency power last given, until it is over: a request knows at once that there is none."""
    archived_at = models.DateTimeField(_("Deactivated"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created"), default=timezone.now, editable=False)
    search = SearchVectorField(null=True, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()
    unscoped: ClassVar[models.Manager["Person"]] = models.Manager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta(ScopedModel.Meta):
        db_table = "organization_person"
        verbose_name = pgettext_lazy("organization", "Person")
        verbose_name_plural = _("People")
        constraints = (
            models.UniqueConstraint(
                Lower("username"),
                name="organization_person_username",
                violation_error_message=_("Another person has this user name."),
            ),
            models.UniqueConstraint(
                fields=["employee_number"],
                condition=~Q(employee_number=""),
                name="organization_person_number",
                violation_error_message=_("Another person has this employee number."),
            ),
        )
        indexes = (search_index("organization_person_search"),)

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.archived_at is None

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Return what a session must match: it changes with the password and with the epoch."""
        key_salt = "yaomai.organization.Person.session"
        return salted_hmac(
            key_salt, f"{self.sign_in_epoch}:{self.password}", secret=secret, algorithm="sha256"
        ).hexdigest()

    # Django's own permission checks (staff pages, password reset) never apply here.
    is_staff = False
    is_superuser = False

    def has_perm(self, _permission: str, _obj: Any = None) -> bool:
        return False

    def has_module_perms(self, _app: str) -> bool:
        return False


class Role(ScopedModel):
    """A kind of position (医药代表, 区域经理, 合规专员 …) with its rights."""

    class Reach(models.TextChoices):
        COMPANY = "company", _("The whole company")
        TERRITORY = "territory", _("Own territory and those below it")

    scope: ClassVar[Scope] = Scope(company=True)

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=64)
    name_en = models.CharField(_("English name"), max_length=64)
    reach = models.CharField(_("Reach"), max_length=10, choices=Reach.choices, default=Reach.TERRITORY)
    rights: Any = ArrayField(models.CharField(max_length=100), default=list, verbose_name=_("Rights"))
    shipped_rights: Any = ArrayField(models.CharField(max_length=100), default=list, editable=False)
    """What Yaomai gave the role at the last update: the difference to `rights` is the customer's own decision."""
    order = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "organization_role"
        verbose_name = pgettext_lazy("organization", "Role")
        verbose_name_plural = _("Roles")

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name


def administrative_roles() -> Q:
    """Return the condition of the roles that hold exactly one of the three duties."""
    roles = Role.unscoped.values_list("pk", "rights")
    return Q(pk__in=[pk for pk, rights in roles if len(separation.duties_of(rights)) == 1])


class Emergency(ScopedModel):
    """An administrator's role lent to a named person for some hours, with a reason (紧急授权)."""

    scope: ClassVar[Scope] = Scope(company=True)

    person = models.ForeignKey(
        Person,
        verbose_name=pgettext_lazy("emergency", "Given to"),
        on_delete=models.PROTECT,
        related_name="emergencies",
    )
    role = models.ForeignKey(
        Role,
        verbose_name=_("Power of"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to=administrative_roles,
    )
    hours = models.PositiveSmallIntegerField(
        _("Hours"),
        validators=[MinValueValidator(1)],
        help_text=_("It ends by itself. Every other administrator is told at once."),
    )
    reason = models.CharField(_("Reason"), max_length=200, validators=[MinLengthValidator(4)])
    given_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    given_by_label = models.CharField(_("Given by"), max_length=100)
    begins_at = models.DateTimeField(_("Begins"))
    expires_at = models.DateTimeField(_("Expires"))
    ended_at = models.DateTimeField(_("Ended"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "organization_emergency"
        verbose_name = _("Emergency power")
        verbose_name_plural = _("Emergency powers")
        constraints = (
            models.CheckConstraint(condition=Q(expires_at__gt=F("begins_at")), name="organization_emergency_period"),
        )
        indexes = (
            models.Index(fields=["expires_at"], condition=Q(ended_at__isnull=True), name="organization_emergency_open"),
        )

    def __str__(self) -> str:
        return f"{self.person} · {self.role}"

    def is_in_force(self, at: datetime) -> bool:
        return self.ended_at is None and self.begins_at <= at < self.expires_at


class Territory(ScopedModel):
    """A node of the territory tree: 大区, 区域 or 片区, with the period in which it exists."""

    class Level(models.TextChoices):
        COMPANY = "company", pgettext_lazy("territory", "Company")
        REGION = "region", pgettext_lazy("territory", "Region")
        AREA = "area", pgettext_lazy("territory", "Area")
        DISTRICT = "district", pgettext_lazy("territory", "District")

    scope: ClassVar[Scope] = Scope(territory="id")

    code = models.CharField(pgettext_lazy("organization", "Code"), max_length=32, unique=True)
    name = models.CharField(_("Name"), max_length=64)
    level = models.CharField(pgettext_lazy("territory", "Level"), max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("Territory above"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    path = models.CharField(max_length=255, editable=False)
    """Materialised path of ids, "/1/4/9/", own id last."""
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "organization_territory"
        verbose_name = _("Territory")
        verbose_name_plural = _("Territories")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="organization_territory_period",
            ),
        )
        indexes = (models.Index(fields=["path"], name="organization_territory_path", opclasses=["text_pattern_ops"]),)

    def __str__(self) -> str:
        return self.name


class TerritoryChange(ScopedModel):
    """A dated change of the tree: renamed, moved under another parent, or closed. Applied on its day."""

    scope: ClassVar[Scope] = Scope(through="territory")
    entity: ClassVar[str] = "organization.territory"

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="changes")
    effective_on = models.DateField(_("Effective on"))
    name = models.CharField(_("New name"), max_length=64, blank=True)
    parent = models.ForeignKey(Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closes = models.BooleanField(_("Closes the territory"), default=False)
    before: Any = models.JSONField(null=True)
    """What held before, once applied: {"name", "parent_id", "valid_to"}; so any past day's tree can be shown."""
    applied_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "organization_territorychange"
        verbose_name = _("Change of a territory")
        verbose_name_plural = _("Changes of territories")
        indexes = (models.Index(fields=["effective_on"], name="organization_change_day"),)

    def __str__(self) -> str:
        return f"{self.territory} {self.effective_on}"


class Position(ScopedModel):
    """A seat in the company: a role in a territory. It outlives the people who hold it."""

    scope: ClassVar[Scope] = Scope(territory="territory_id")

    code = models.CharField(pgettext_lazy("organization", "Code"), max_length=32, unique=True)
    title = models.CharField(pgettext_lazy("position", "Title"), max_length=64)
    role = models.ForeignKey(
        Role, verbose_name=pgettext_lazy("organization", "Role"), on_delete=models.PROTECT, related_name="positions"
    )
    territory = models.ForeignKey(
        Territory, verbose_name=_("Territory"), on_delete=models.PROTECT, related_name="positions"
    )
    reports_to = models.ForeignKey(
        "self",
        verbose_name=_("Reports to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reports",
    )
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    search = SearchVectorField(null=True, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "organization_position"
        verbose_name = pgettext_lazy("organization", "Position")
        verbose_name_plural = pgettext_lazy("organization", "Positions")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="organization_position_period",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Holding(ScopedModel):
    """A person holds a position from–to (任职)."""

    scope: ClassVar[Scope] = Scope(through="position", person="person_id")
    entity: ClassVar[str] = "organization.position"

    person = models.ForeignKey(
        Person, verbose_name=pgettext_lazy("organization", "Person"), on_delete=models.PROTECT, related_name="holdings"
    )
    position = models.ForeignKey(
        Position,
        verbose_name=pgettext_lazy("organization", "Position"),
        on_delete=models.PROTECT,
        related_name="holdings",
    )
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)

    class Meta(ScopedModel.Meta):
        db_table = "organization_holding"
        verbose_name = _("Holding of a position")
        verbose_name_plural = _("Holdings of positions")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="organization_holding_period",
            ),
            models.UniqueConstraint(fields=["person", "position", "valid_from"], name="organization_holding_once"),
        )

    def __str__(self) -> str:
        return f"{self.person} · {self.position}"


class Filing(ScopedModel):
    """A rep's filing (医药代表备案): while active, the person does academic work only (X2, MR1, MR3)."""

    scope: ClassVar[Scope] = Scope(company=True)

    person = models.ForeignKey(
        Person, verbose_name=pgettext_lazy("organization", "Person"), on_delete=models.PROTECT, related_name="filings"
    )
    number = models.CharField(_("Filing number"), max_length=64, unique=True)
    product_scope = models.CharField(_("Product scope"), max_length=255)
    """Product classes or therapeutic areas as filed, comma separated."""
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)
    note = models.TextField(_("Note"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "organization_filing"
        verbose_name = _("Rep filing")
        verbose_name_plural = _("Rep filings")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="organization_filing_period",
            ),
        )

    def __str__(self) -> str:
        return self.number


class AccessToken(ScopedModel):
    """What a program shows to act on behalf of a person over the REST API; only its digest is kept."""

    scope: ClassVar[Scope] = Scope(person="person_id")
    entity: ClassVar[str] = "organization.person"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(pgettext_lazy("access token", "Name"), max_length=64)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    """SHA-256 of the token: 256 random bits need no salt."""
    hint = models.CharField(max_length=12, editable=False)
    """How the token begins, so that its owner tells two apart."""
    is_read_only = models.BooleanField(_("Reads only"), default=True)
    expires_on = models.DateField(_("Expires on"))
    """The first day on which it opens nothing."""
    created_at = models.DateTimeField(_("Created"), editable=False)
    last_used_on = models.DateField(_("Last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("Revoked"), null=True, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "organization_accesstoken"
        verbose_name = _("Access token")
        verbose_name_plural = _("Access tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
