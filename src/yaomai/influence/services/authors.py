"""Deciding whom a printed name means."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Professional
from yaomai.influence.models import AuthorDecision, Authorship
from yaomai.influence.services.records import RIGHT, reachable
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, Missing


class AlreadyDecided(Conflict):
    """Somebody else answered the question meanwhile."""

    code = "author_already_decided"
    message = _("“%(name)s” was decided meanwhile. Here is the next name.")


@act(
    "influence.publication:decide_author",
    right=f"{RIGHT}:review",
    sentence=_("%(actor)s decided whom “%(name)s” means on %(count)s publications: %(person)s"),
)
def author_decide(*, actor: Actor, trail: Trail, pk: int, professional: Professional | None, now: datetime) -> int:
    """Say whom an open name means, None for nobody of ours; return on how many publications that is now decided.

    The same name at the same printed affiliation means the same on every publication, imports to come included. A name
    without an affiliation says too little to be remembered: only this publication is decided.

    Raises:
        Missing: there is no such name, or the professional is out of reach.
        Archived: the professional takes no changes.
        AlreadyDecided: it is not open any more.
    """
    row = Authorship.unscoped.select_for_update().filter(pk=pk).select_related("publication").first()
    if row is None:
        raise Missing
    if row.link != Authorship.Link.OPEN:
        raise AlreadyDecided(name=row.name)
    person = None if professional is None else reachable(professional, f"{RIGHT}:review")
    same = Authorship.unscoped.filter(pk=pk)
    if row.affiliation:
        AuthorDecision.unscoped.update_or_create(
            name=row.name,
            affiliation=row.affiliation,
            defaults={"professional": person, "decided_by_id": actor.person_id, "decided_at": now},
        )
        same = Authorship.unscoped.filter(link=Authorship.Link.OPEN, name=row.name, affiliation=row.affiliation)
    if person is not None:
        # On a publication whose author they are already, another of the same name is meant.
        same = same.exclude(publication__authorships__professional=person)
    link = Authorship.Link.NOBODY if person is None else Authorship.Link.REVIEWED
    rows = list(same.select_for_update(of=("self",)).order_by("pk").values_list("pk", "publication_id"))
    once = {publication: pk for pk, publication in reversed(rows)}
    count = Authorship.unscoped.filter(pk__in=once.values()).update(professional=person, link=link, candidates=[])
    name = _("nobody of ours") if person is None else person.name
    trail.note(row.publication, changes={"author": (row.name, str(name))}, name=row.name, count=count, person=name)
    return count
