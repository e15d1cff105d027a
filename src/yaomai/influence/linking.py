"""Who of ours is meant by the names on imported publications: our people for the engine, and what was decided before."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from yaomai.customers.models import Affiliation, Institution, InstitutionName, Professional
from yaomai.engine.authors import Candidate, Finding, Matcher, Mention, Person, own_keys, printed_keys
from yaomai.influence.models import AuthorDecision, Authorship

LONGEST_NAME, LONGEST_AFFILIATION = 100, 300
MOST_CANDIDATES = 9


class Linked(NamedTuple):
    """What becomes of one printed name."""

    link: str
    professional: int | None
    candidates: Sequence[Candidate] = ()


# Words instead of members of the enumeration: each is asked for tens of thousands of times.
_NOBODY, _REVIEWED = Authorship.Link.NOBODY.value, Authorship.Link.REVIEWED.value
_AUTOMATIC, _OPEN = Authorship.Link.AUTOMATIC.value, Authorship.Link.OPEN.value
NOBODY = Linked(_NOBODY, None)


class Linker:
    """Everybody who may be meant by some printed names, and what was decided of these before.

    Looks at all of ours, whoever imports: what is certain does not depend on who asks, and a question is shown with the
    candidates in the reader's view only.
    """

    def __init__(self, names: set[str]) -> None:
        self._matcher = _matcher(names)
        rows = AuthorDecision.unscoped.values_list("name", "affiliation", "professional")
        self._decided = {(name, affiliation): professional for name, affiliation, professional in rows if name in names}
        self.names = {name for name in names if self._matcher.fits(name)} | {name for name, _at in self._decided}
        """Those that may mean somebody of ours; all others mean nobody."""

    def link(self, work: Sequence[Mention]) -> list[Linked]:
        """Return for each name of a publication whether it is certain, open, or nobody of ours."""
        return _linked(work, self._matcher.find(work), self._decided)


def _linked(
    work: Sequence[Mention], found: Sequence[Finding], decided: Mapping[tuple[str, str], int | None]
) -> list[Linked]:
    linked, taken = [], set[int]()
    for mention, finding in zip(work, found, strict=True):
        key = (mention.name, mention.affiliation)
        if finding.verdict == "nobody" and key not in decided:
            linked.append(NOBODY)
            continue
        link, professional = _NOBODY, None
        if key in decided:
            link, professional = _REVIEWED, decided[key]
        elif finding.verdict == "certain":
            link, professional = _AUTOMATIC, finding.candidates[0].id
        elif finding.verdict == "question":
            link = _OPEN
        if professional is not None and professional in taken:
            link, professional = _OPEN, None
        if professional is not None:
            taken.add(professional)
        elif link == _REVIEWED:
            link = _NOBODY
        best = finding.candidates[:MOST_CANDIDATES] if link == _OPEN else ()
        linked.append(Linked(link, professional, best))
    return linked


def _matcher(names: set[str]) -> Matcher:
    """Return a matcher of those of ours whose names are like one of the printed ones."""
    asked = {key for name in names for key in printed_keys(name)[0]}
    rows = Professional.unscoped.filter(merged_into=None, archived_at=None).values_list(
        "pk", "name", "institution_id", "specialty", "department__name"
    )
    fitting = {}
    for pk, name, place, specialty, department in rows.iterator(chunk_size=20_000):
        full, short = own_keys(name)
        if asked & full or asked & short:
            fitting[pk] = (name, place, tuple(filter(None, (specialty, department))))
    worked = Affiliation.unscoped.filter(professional__in=list(fitting)).values_list(
        "professional_id", "institution_id"
    )
    places: dict[int, set[int]] = {pk: {place} - {None} for pk, (_name, place, _words) in fitting.items()}
    for pk, institution in worked:
        places[pk].add(institution)
    known = _known(list(fitting))
    people = [
        Person(pk, name, frozenset(places[pk]), words, known.get(pk, frozenset()))
        for pk, (name, _place, words) in fitting.items()
    ]
    return Matcher(people, _institution_names({pk for some in places.values() for pk in some}))


def _known(people: list[int]) -> dict[int, frozenset[int]]:
    """Return with whom people are known to have published."""
    by_work: dict[int, set[int]] = {}
    works = Authorship.unscoped.filter(professional__in=people).values("publication")
    pairs = Authorship.unscoped.filter(publication__in=works, professional__isnull=False)
    for work, professional in pairs.values_list("publication_id", "professional_id"):
        by_work.setdefault(work, set()).add(professional)
    found: dict[int, set[int]] = {}
    for authors in by_work.values():
        for professional in authors:
            found.setdefault(professional, set()).update(authors - {professional})
    return {professional: frozenset(others) for professional, others in found.items()}


def _institution_names(institutions: set[int]) -> dict[int, set[str]]:
    names: dict[int, set[str]] = {}
    for pk, name in Institution.unscoped.filter(pk__in=institutions).values_list("pk", "name"):
        names.setdefault(pk, set()).add(name)
    for pk, name in InstitutionName.unscoped.filter(institution__in=institutions).values_list("institution_id", "name"):
        names.setdefault(pk, set()).add(name)
    return names
