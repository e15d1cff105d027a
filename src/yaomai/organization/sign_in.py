"""Signing in, as django-allauth and django-axes ask us."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Refused
from yaomai.kit.errors.views import error_response


class LockedOut(Refused):
    """Too many wrong passwords."""

    code = "locked_out"
    message = _("Too many failed attempts. Wait fifteen minutes, or ask an administrator to reset your password.")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators, never by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """A company identity signs in a person who exists already; it never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


def locked_out(request: HttpRequest, credentials: dict[str, Any], *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Answer a locked-out sign-in."""
    return error_response(request, LockedOut())
