"""Signing in, as django-allauth and django-axes ask us."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit import once, vault
from yaomai.kit.access import Actor, Grant, acting, current_actor, system_actor
from yaomai.kit.errors import Refused
from yaomai.kit.errors.views import error_response
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for
from yaomai.organization.services import sessions
from yaomai.organization.services.locks import lock_name

# Before anybody is signed in, sign-in itself must find the person: this one right, and nothing else.
DOOR = Actor(
    person_id=None,
    label="sign-in",
    grants=(Grant(rights=frozenset({Person.right("view")})),),
    reason="nobody is signed in yet",
)


class LockedOut(Refused):
    """Too many wrong passwords."""

    code = "locked_out"
    message = _("Too many failed attempts. Wait fifteen minutes, or ask an administrator to reset your password.")


class UnknownIdentity(Refused):
    """A company identity that belongs to nobody here."""

    code = "unknown_identity"
    message = _(
        "Your %(provider)s identity belongs to nobody in Yaomai. Ask an administrator to enter it as your user name "
        "or employee number."
    )


def address_of(request: HttpRequest | None) -> str:
    """Return the client's address as the web server saw it."""
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Check passwords, and find the person of a session; neither has an actor yet."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Any:
        with acting(DOOR):
            return super().authenticate(request, **credentials)

    def get_user(self, user_id: int) -> Person | None:
        person = Person.unscoped.defer("search").filter(pk=user_id).first()
        return person if person is not None and person.is_active else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by administrators, never by visitors; a password change is an act."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Person, password: str) -> None:
        sessions.password_change(actor=current_actor(), person=user, password=password, now=timezone.now())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go on to what a forced change held up, else back to one's own page."""
        return reverse("inbox:today" if getattr(request, "is_password_forced", False) else "organization:me")

    def get_reauthentication_methods(self, user: Person) -> Any:
        """Name the second step in the words of our own pages."""
        methods = super().get_reauthentication_methods(user)
        for method in methods:
            if method["id"] == "mfa_reauthenticate":
                method["description"] = _("Use the authenticator app or a recovery code")
        return methods

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            sessions.session_end(actor=current_actor())
        super().logout(request)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The trail records what happened; mail servers are not part of signing in."""


class LongEnough(MinimumLengthValidator):
    """Django's rule with words of ours: its own message changed and has lost its Chinese text."""

    def get_error_message(self) -> str:
        return _("A password has at least %(count)s characters.") % {"count": self.min_length}


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed at rest."""

    def encrypt(self, text: str) -> str:
        return vault.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.decrypt(encrypted_text)


def name_code(form: forms.Form) -> None:
    """Call a one-time code by its name: "Code" alone is what customers and products have."""
    field = form.fields["code"]
    field.label = pgettext_lazy("sign-in", "Code")
    field.widget.attrs.pop("placeholder", None)


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The second step once more, before the account changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_code(self)


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    """The code that shows that the app holds the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_code(self)


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """The second step; wrong codes count towards the same lock as wrong passwords, and so do codes used before.

    django-allauth remembers used codes in a cache, which each of our processes has for itself.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_code(self)

    def clean_code(self) -> str:
        from allauth.core import context

        if not AxesProxyHandler.is_allowed(context.request, {"username": self.user.username}):
            raise forms.ValidationError(LockedOut.message, code=LockedOut.code)
        code: str = super().clean_code()
        if not once.is_first_use(f"sign-in code {self.user.pk} {normalize_user_code(code)}"):
            self._emit_authentication_failed(self.authenticator)
            raise MFAAdapter().validation_error("incorrect_code")
        return code


class NewKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A security key, with a label for its name that can be translated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


class KeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """The name of a security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """A company identity signs in a person who exists already; it never makes one.

    The identity's id is the user name or the employee number. With "person_claim" in the provider's settings,
    that claim is used instead ("preferred_username", "employee_number"): only for issuers whose users cannot
    change it themselves.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        from allauth.socialaccount.models import SocialApp

        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404 from None

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            return
        provider = sociallogin.provider
        claim = (provider.app.settings or {}).get("person_claim", "") if provider.app else ""
        key = sociallogin.account.extra_data.get(claim) if claim else sociallogin.account.uid
        person = _person_by_key(str(key or ""))
        if person is None:
            raise ImmediateHttpResponse(error_response(request, UnknownIdentity(provider=provider.name)))
        sessions.identity_connect(actor=_door_keeper(), person=person, provider=str(provider.name))
        with acting(DOOR):
            sociallogin.connect(request, person)


def _person_by_key(key: str) -> Person | None:
    if not key:
        return None
    people = Person.unscoped.filter(archived_at__isnull=True)
    return people.filter(username__iexact=key).first() or people.filter(employee_number=key).first()


def _door_keeper() -> Actor:
    return system_actor(str(_("Sign-in")), "nobody is signed in yet")


def attempted_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """Return the name under which django-axes counts attempts: one for all spellings that open the same account."""
    return lock_name((credentials or {}).get("username"))


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: Any = None, *_args: Any
) -> HttpResponse:
    """Answer a locked-out sign-in."""
    return error_response(request, LockedOut())


# Signals ---------------------------------------------------------------------------------------------------


def on_signed_in(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    """Write the sign-in into the trail, with the way it was done."""
    records = request.session.get("account_authentication_methods", [])
    ways = [str(record.get("type") or record.get("provider") or record.get("method")) for record in records]
    now = timezone.now()
    actor = actor_for(user, on=timezone.localdate(now), at=now)
    sessions.session_start(actor=actor, methods=ways or ["password"], address=address_of(request))


def on_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Write a wrong password into the trail, unless the lock answered instead of the password check."""
    if request is None or getattr(request, "axes_locked_out", False):
        return
    request.is_failure_counted = True  # type: ignore[attr-defined]
    person = Person.unscoped.filter(username__iexact=str(credentials.get("username") or "")).first()
    sessions.session_fail(actor=_door_keeper(), person=person, method="password", address=address_of(request))


def on_locked(sender: Any, request: HttpRequest, username: str, **kwargs: Any) -> None:
    """Write a lock-out into the trail, once: further attempts only find the door locked, and are not counted."""
    if not getattr(request, "is_failure_counted", False):
        return
    person = Person.unscoped.filter(username__iexact=username or "").first()
    sessions.session_lock(actor=_door_keeper(), person=person, address=address_of(request))


def on_wrong_code(sender: Any, request: HttpRequest, user: Person, authenticator: Any, **kwargs: Any) -> None:
    """Write a wrong code into the trail, and count it for the lock."""
    sessions.session_fail(
        actor=_door_keeper(), person=user, method=str(authenticator.type), address=address_of(request)
    )
    request.is_failure_counted = True  # type: ignore[attr-defined]
    AxesProxyHandler.user_login_failed(sender, {"username": user.username}, request)


def on_factor_saved(sender: Any, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Write a new factor into the trail, in the transaction that made it (allauth's own signal comes after it)."""
    if created and not raw:
        sessions.factor_add(actor=current_actor(), kind=str(instance.type))


def on_factor_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Write a removed factor into the trail; one that an administrator removes stands in the decision on it."""
    if current_actor().person_id != instance.user_id:
        return
    sessions.factor_remove(actor=current_actor(), kind=str(instance.type))


def connect_signals() -> None:
    """Listen to what happens at the door."""
    from allauth.account.signals import user_logged_in
    from allauth.mfa import signals as mfa
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.signals import user_login_failed
    from django.db.models.signals import post_delete, post_save

    user_logged_in.connect(on_signed_in)
    # Before axes listens (it does so when imported): the failure is written first, the lock that it causes second.
    user_login_failed.connect(on_failed)

    from axes.signals import user_locked_out

    user_locked_out.connect(on_locked)
    mfa.authentication_failed.connect(on_wrong_code)
    post_save.connect(on_factor_saved, sender=Authenticator)
    post_delete.connect(on_factor_deleted, sender=Authenticator)
