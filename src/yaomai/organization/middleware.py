"""Set the actor of each request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from yaomai.kit.access import acting
from yaomai.organization.selectors import actor_for


class SetActor:
    """Run the request on behalf of whoever is signed in; nobody acts in an anonymous request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Health probes and static files have no session cookie: they cost no query.
        actor = actor_for(request.user, on=timezone.localdate()) if request.user.is_authenticated else None
        request.actor = actor  # type: ignore[attr-defined]
        with acting(actor):
            return self.get_response(request)
