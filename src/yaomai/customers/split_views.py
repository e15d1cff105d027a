"""Splitting an institution, and undoing it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.customers import services
from yaomai.customers.forms import SplitForm
from yaomai.customers.models import Institution
from yaomai.customers.views import attempt, url_of
from yaomai.kit.access import get_visible, require
from yaomai.kit.acts.rows import require_open
from yaomai.kit.surfaces.views import actor_of


def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what becomes an institution of its own, then do it and show the new one."""
    actor = actor_of(request)
    row = get_visible(Institution, pk=pk)
    require(actor, Institution.right("merge"))
    require_open(row)
    form = SplitForm(request.POST or None, institution=row, actor=actor, initial={"day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        given, made = form.cleaned_data, []
        fields = {name: given[name] for name in ("division", "address") if given[name]}

        def work() -> None:
            made.append(
                services.institution_split(
                    actor=actor,
                    pk=row.pk,
                    name=given["name"],
                    day=given["day"],
                    now=timezone.now(),
                    departments=[int(each) for each in given["departments"]],
                    people=[int(each) for each in given["people"]],
                    follow=form.following(),
                    **fields,
                )
            )

        if attempt(form, work):
            told = {"name": made[0].offspring.name, "people": made[0].followed["people"]}
            messages.success(
                request,
                _("%(name)s is an institution of its own; %(people)s people followed. It can be undone there.") % told,
            )
            return HttpResponseRedirect(url_of(made[0].offspring))
    context = {"row": row, "form": form, "back": url_of(row), "action": request.path}
    return render(request, "customers/split.html", context, status=422 if form.errors else 200)


def unsplit(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a split."""
    row = services.institution_unsplit(actor=actor_of(request), pk=pk, now=timezone.now())
    messages.success(request, _("The split is undone: everything is at %(name)s again.") % {"name": row.name})
    return HttpResponseRedirect(url_of(row))
