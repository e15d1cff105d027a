"""Taking an inspection dossier along; lists and forms are the surface's."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yaomai.integrity import services
from yaomai.integrity.dossiers import mannered
from yaomai.kit.access import Actor
from yaomai.kit.surfaces.views import actor_of


@login_required
@require_POST
def dossier_take(request: HttpRequest, pk: int) -> FileResponse:
    """Send the file, on record."""
    return answer(actor_of(request), pk)


def answer(actor: Actor, pk: int, *, media: str = "application/zip") -> FileResponse:
    """Return the file of a dossier as an answer."""
    dossier, file = services.dossier_take(actor=actor, pk=pk, now=timezone.now())
    name = f"{_('Inspection dossier')}-{mannered(dossier)}.zip"
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=media)
    response.headers["Cache-Control"] = "no-store"
    return response
