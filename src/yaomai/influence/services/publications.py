"""Publications, and who of ours wrote them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Professional
from yaomai.influence.models import Authorship, Publication
from yaomai.influence.rules import bare_doi, named, text_key, with_author, without_author
from yaomai.influence.services.records import RIGHT, SOURCED, reachable, withdrawn
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid, Missing

FIELDS = ("title", "journal", "year", "indexing", "doi", "pmid", "citations", "cited_on", *SOURCED)
NAMES = ("authors", "affiliations", "corresponding", "author_count")


@act(
    "influence.publication:create", right=f"{RIGHT}:create", sentence=_("%(actor)s recorded the publication %(target)s")
)
def publication_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Publication:
    """Record a publication.

    Raises:
        Invalid: its DOI or PMID is recorded already or malformed, a year ahead, a link that is no address.
    """
    row = Publication(entered_by_id=actor.person_id, created_at=now, updated_at=now)
    changes = change(row, _spelled(fields), allowed=FIELDS)
    _complete(row, now)
    save(row)
    trail.note(row, changes=changes)
    return row


@act("influence.publication:update", right=f"{RIGHT}:edit", sentence=_("%(actor)s changed the publication %(target)s"))
def publication_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Publication:
    """Correct a publication, or bring its citations up to date.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    row = locked(Publication, pk, expected_version=expected_version)
    require_open(row)
    differing = change(row, _spelled(changes), allowed=FIELDS)
    _complete(row, now)
    touch(row, now)
    save(row, fields=[*differing, *(["title_key"] if "title" in differing else [])])
    trail.note(row, changes=differing)
    return row


@act(
    "influence.publication:archive",
    right=f"{RIGHT}:archive",
    sentence=_("%(actor)s withdrew the publication %(target)s"),
)
def publication_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Publication:
    """Withdraw a publication that was entered by mistake; it counts for none of its authors any more."""
    row = withdrawn(Publication, pk, now, expected_version)
    trail.note(row, changes={"archived_at": (None, now)})
    return row


@act(
    "influence.publication:author",
    right=f"{RIGHT}:edit",
    sentence=_("%(actor)s recorded %(person)s as an author (%(role)s) of %(target)s"),
)
def author_add(
    *,
    actor: Actor,
    trail: Trail,
    publication: int,
    professional: Professional,
    now: datetime,
    role: str = Authorship.Role.OTHER,
    position: int | None = None,
) -> Authorship:
    """Record that a professional wrote a publication.

    Raises:
        Missing: publication or professional is out of reach.
        Archived: one of them takes no changes.
        Invalid: unknown role, or an author already.
    """
    row = locked(Publication, publication)
    require_open(row)
    person = reachable(professional, f"{RIGHT}:edit")
    if role not in Authorship.Role.values:
        raise Invalid(fields={"role": [_("Choose from the list.")]})
    if Authorship.unscoped.filter(publication=row, professional=person).exists():
        raise Invalid(fields={"professional": [_("This professional is recorded as an author already.")]})
    author = Authorship.unscoped.create(
        publication=row, professional=person, role=role, position=position, name=person.name
    )
    _name(row, person.name, role)
    touch(row, now)
    save(row, fields=NAMES)
    trail.note(row, changes={"author": (None, person.name)}, person=person.name, role=author.get_role_display())
    return author


@act(
    "influence.publication:author_remove",
    right=f"{RIGHT}:edit",
    sentence=_("%(actor)s took %(person)s off the authors of %(target)s"),
)
def author_remove(*, actor: Actor, trail: Trail, publication: int, author: int, now: datetime) -> Publication:
    """Say that a professional did not write a publication; a printed name stays without a link, an entered one goes.

    Raises:
        Missing: there is no such author in reach.
        Archived: the publication takes no changes.
    """
    row = locked(Publication, publication)
    require_open(row)
    rows: Any = Authorship.objects.all()
    found: Authorship | None = rows.allowed(f"{RIGHT}:edit").filter(pk=author, publication=row).first()
    if found is None or found.professional is None:
        raise Missing
    person = found.professional
    if found.link == Authorship.Link.ENTERED:
        found.delete()
        row.authors, row.affiliations = without_author(row.authors, row.affiliations, found.name)
        if row.corresponding == found.name:
            row.corresponding = ""
        _count(row)
    else:
        found.professional, found.link = None, Authorship.Link.NOBODY
        found.save(update_fields=["professional", "link"])
    touch(row, now)
    save(row, fields=NAMES)
    trail.note(row, changes={"author": (person.name, None)}, person=person.name)
    return row


@act(
    "influence.publication:record",
    right=f"{RIGHT}:create",
    sentence=_("%(actor)s recorded a publication of %(person)s: %(target)s"),
)
def publication_record(
    *,
    actor: Actor,
    trail: Trail,
    professional: Professional,
    now: datetime,
    role: str = Authorship.Role.OTHER,
    **fields: Any,
) -> Publication:
    """Record a publication of a professional; one that is known by DOI, PMID, or title and year is taken as it is.

    Raises:
        Missing, Archived, Invalid: as for `publication_create` and `author_add`.
    """
    person = reachable(professional, f"{RIGHT}:create")
    row = known(fields) or Publication(entered_by_id=actor.person_id, created_at=now, updated_at=now)
    changes: dict[str, Any] = {}
    if row.pk is None:
        changes = change(row, _spelled(fields), allowed=FIELDS)
        _complete(row, now)
        save(row)
    if role not in Authorship.Role.values:
        raise Invalid(fields={"role": [_("Choose from the list.")]})
    if Authorship.unscoped.filter(publication=row, professional=person).exists():
        raise Invalid(fields={"title": [_("This publication of theirs is recorded already.")]})
    Authorship.unscoped.create(publication=row, professional=person, role=role, name=person.name)
    _name(row, person.name, role)
    save(row, fields=NAMES)
    trail.note(row, changes=changes, person=person.name)
    return row


def _name(row: Publication, name: str, role: str) -> None:
    """Write an author down among the names of a publication."""
    row.authors, row.affiliations = with_author(row.authors, row.affiliations, name)
    if role == Authorship.Role.CORRESPONDING and not row.corresponding:
        row.corresponding = name
    _count(row)


def _count(row: Publication) -> None:
    row.author_count = len(named(row.authors))


def known(fields: Mapping[str, Any]) -> Publication | None:
    """Return the publication that a DOI, a PMID, or a title with its year means; None when it is new."""
    rows: list[Publication]
    open_ones = Publication.objects.filter(archived_at=None)
    said = _spelled(fields)
    for name in ("doi", "pmid"):
        if said.get(name) and (rows := list(open_ones.filter(**{name: said[name]}))):
            return rows[0]
    rows = list(open_ones.filter(title_key=text_key(said.get("title") or ""), year=said.get("year")).order_by("pk"))
    for row in rows:
        # Another DOI or PMID is another work, whatever its title.
        if all(not said.get(name) or not getattr(row, name) for name in ("doi", "pmid")):
            return row
    return None


def _spelled(fields: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(fields)
    if isinstance(said.get("doi"), str):
        said["doi"] = bare_doi(said["doi"])
    return said


def _complete(row: Publication, now: datetime) -> None:
    row.title_key = text_key(row.title)
    today = local_day(now)
    wrong: dict[str, list[Any]] = {}
    if row.year is not None and row.year > today.year + 1:  # a journal may print next year's issue
        wrong["year"] = [_("The year lies in the future.")]
    if row.cited_on is not None and row.cited_on > today:
        wrong["cited_on"] = [_("The day lies in the future.")]
    if wrong:
        raise Invalid(fields=wrong)
    if row.citations is not None and row.cited_on is None:
        row.cited_on = today
