"""What can go wrong, said so that a person can mend it.

A service raises a `DomainError`; a screen shows its message in place, REST answers problem+json (RFC 9457)
with the same code. Nothing else is caught: an unexpected error is a bug and reaches the log.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class DomainError(Exception):
    """A refusal with a stable code and a translated message; `params` fill the message's placeholders."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: Text = _("This cannot be done.")

    def __init__(self, message: Text | None = None, **params: Any) -> None:
        self.template = self.message if message is None else message
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.template) % self.params if self.params else str(self.template)


class Missing(DomainError):
    """The thing is not there, or not for this person: the answer is the same, so that nothing leaks."""

    code = "missing"
    status = 404
    message = _("This does not exist, or you may not see it.")


class Refused(DomainError):
    """A rule forbids the act. `citations` name the rule's source."""

    code = "refused"
    status = 403
    message = _("This is not allowed.")

    def __init__(self, message: Text | None = None, *, citations: Sequence[str] = (), **params: Any) -> None:
        super().__init__(message, **params)
        self.citations = list(citations)


class Conflict(DomainError):
    """The state of things does not permit the act now."""

    code = "conflict"
    status = 409
    message = _("This does not fit the present state. Reload and try again.")


class Stale(DomainError):
    """Somebody changed the row since it was read."""

    code = "stale"
    status = 412
    message = _("Somebody changed this in the meantime. Reload, look at the new state, and repeat your change.")


class Invalid(DomainError):
    """The input cannot be accepted. `fields` maps a field name to its messages; "" is the whole input."""

    code = "invalid"
    status = 422
    message = _("Please correct the fields that are marked.")

    def __init__(
        self,
        message: Text | None = None,
        *,
        fields: Mapping[str, Sequence[Text]] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(message, **params)
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}


class Unavailable(DomainError):
    """A part of the system does not answer at the moment; trying again later is right."""

    code = "unavailable"
    status = 503
    message = _("This is not available at the moment. Nothing was changed; please try again in a minute.")


def problem(error: DomainError) -> dict[str, Any]:
    """Return the RFC 9457 body of the error."""
    body: dict[str, Any] = {
        "type": f"urn:yaomai:error:{error.code}",
        "title": str(error),
        "status": error.status,
        "code": error.code,
    }
    if isinstance(error, Invalid):
        body["fields"] = {name: [str(message) for message in messages] for name, messages in error.fields.items()}
    if isinstance(error, Refused):
        body["citations"] = error.citations
    return body
