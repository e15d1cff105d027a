"""One row by key, rendered through a small template: what a Django view costs at least, on this server."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from yaomai.catalog.models import Division
from yaomai.server.urls import handler404, handler500, urlpatterns

__all__ = ["handler404", "handler500", "urlpatterns"]


@login_not_required
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a division to anybody: no session, no actor, no frame around it."""
    row = Division.unscoped.values("name", "code", "full_name").get(pk=pk)
    return render(request, "bare.html", {"row": row})


urlpatterns = [path("bare/<int:pk>/", show), *urlpatterns]
