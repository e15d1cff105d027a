"""What the tests of kit share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.errors import DomainError
from yaomai.kit.errors.views import error_response


@pytest.fixture
def make_actor(db: None) -> Callable[..., Actor]:
    """Return a function that makes a person with rights, in territories or the whole company."""

    def make(name: str, *rights: str, territories: set[int] | None = None) -> Actor:
        row = get_user_model()._base_manager.create(username=name, name=name)
        reach = None if territories is None else frozenset(territories)
        return Actor(person_id=row.pk, label=name, grants=(Grant(frozenset(rights), reach),))

    return make


@pytest.fixture
def visit(rf: RequestFactory) -> Callable[..., HttpResponse]:
    """Return a function that opens a path on behalf of an actor, without the sign-in of a room above kit."""

    def open_page(actor: Actor | None, path: str, *, post: dict[str, Any] | None = None) -> HttpResponse:
        request = rf.get(path) if post is None else rf.post(path, post)
        request.user = AnonymousUser()
        request._messages = CookieStorage(request)
        match = resolve(path.partition("?")[0])
        with acting(actor):
            try:
                return match.func(request, *match.args, **match.kwargs)
            except DomainError as error:
                return error_response(request, error)

    return open_page
