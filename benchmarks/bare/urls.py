"""One row by key, rendered through a small template: what a Django view costs at least, on this server."""

import json

from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yaomai.catalog.models import Division
from yaomai.server.urls import handler404, handler500, urlpatterns

__all__ = ["handler404", "handler500", "urlpatterns"]


@login_not_required
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a division to anybody: no session, no actor, no frame around it."""
    row = Division.unscoped.values("name", "code", "full_name").get(pk=pk)
    return render(request, "bare.html", {"row": row})


@csrf_exempt
@login_not_required
@require_POST
def write(request: HttpRequest) -> JsonResponse:
    """Write one row of what was sent: what a Django POST view costs at least, on this server."""
    json.loads(request.body)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_written (body) VALUES (%s) RETURNING id", [request.body.decode()])
        (pk,) = cursor.fetchone()
    return JsonResponse({"id": pk})


urlpatterns = [path("bare/<int:pk>/", show), path("bare/write/", write), *urlpatterns]
