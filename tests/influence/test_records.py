"""Academic records: what may be entered, what it counts, and what nobody may see."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.influence.acts_examples import (
    BEGIN,
    BOSS,
    NOW,
    OFFICE,
    TODAY,
    WORK,
    call,
    guideline,
    office,
    person,
    study,
    work,
)

from yaomai.customers.models import Professional
from yaomai.customers.services import professional_merge, professional_unmerge
from yaomai.influence import panels, selectors
from yaomai.influence.models import Authorship, Office, Publication
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.errors import Invalid

pytestmark = pytest.mark.django_db
SEES = frozenset({"influence.record:view", "customers.professional:view"})


def measures(day: date = TODAY) -> dict[int, dict[str, Any]]:
    return {row["professional"]: row for row in selectors.academic_measures(as_of=day).to_pylist()}


@pytest.mark.parametrize(
    "link", ["ftp://example.org/a", "javascript:alert(1)", "data:text/html,x", "example", "http://", "https://a b.org"]
)
def test_evidence_must_be_an_http_address(link: str) -> None:
    who = person()
    with pytest.raises(Invalid) as refused:
        office(who, evidence=link)
    assert "evidence" in refused.value.fields
    assert not Office.unscoped.exists()


def test_an_office_ends_after_it_began_and_is_recorded_once() -> None:
    who = person()
    with pytest.raises(Invalid):
        office(who, valid_to=BEGIN)
    office(who)
    with pytest.raises(Invalid) as refused:
        office(who, society="江城市医学会 心血管病学分会")
    assert refused.value.fields
    assert Office.unscoped.count() == 1


def test_points_are_those_of_the_policy_and_tell_the_same_in_both_reads() -> None:
    who, other = person(), person("李强")
    office(who, evidence="https://example.org/1")  # chair of a city society: 25
    office(who, society="省医学会", level="provincial", role="member")  # 50 × 0.3, without evidence × 0.5 = 7.5
    study(who, evidence="https://example.org/2")  # principal, phase III: 25
    guideline(who)  # 40 × 0.5
    row = work(citations=50)
    call("author_add", publication=row.pk, professional=who, role="first")()  # (10 + 50 × 0.1) × 1
    call("author_add", publication=row.pk, professional=other)()  # 2: the citations are not theirs
    found = measures()
    assert found[who.pk] == {
        "professional": who.pk, "office_points": 32.5, "publication_points": 15.0, "study_points": 25.0,
        "guideline_points": 20.0,
    }  # fmt: skip
    assert found[other.pk] == {
        "professional": other.pk, "office_points": None, "publication_points": 2.0, "study_points": None,
        "guideline_points": None,
    }  # fmt: skip
    with acting(BOSS):
        items = selectors.academic_inputs(who.pk, as_of=TODAY)
    assert [(item.kind, item.points) for item in items] == [
        ("office", Decimal("25.0")), ("office", Decimal("7.5")), ("publication", Decimal("15.0")),
        ("study", Decimal("25.0")), ("guideline", Decimal("20.0")),
    ]  # fmt: skip
    assert items[2].evidence == "https://doi.org/10.1000/ahp.1"
    assert items[0].as_input().source == "官网 · https://example.org/1"


def test_what_ended_is_old_withdrawn_or_lies_ahead_counts_no_more() -> None:
    who = person()
    row = office(who)
    ended = office(who, role="member", society="旧学会", valid_to=date(2026, 1, 1))
    old = work(year=2016)
    call("author_add", publication=old.pk, professional=who)()
    assert measures()[who.pk]["office_points"] == 12.5
    assert measures(date(2025, 6, 1))[who.pk]["office_points"] == 12.5 + 3.75
    assert measures()[who.pk]["publication_points"] is None
    assert measures(date(2025, 6, 1))[who.pk]["publication_points"] == 2.0
    call("office_archive", pk=row.pk)()
    assert who.pk not in measures()
    assert measures(date(2024, 6, 1)) == {who.pk: {**measures(date(2024, 6, 1))[who.pk], "office_points": None}}
    assert ended.pk is not None


def test_points_of_a_kind_end_at_a_hundred() -> None:
    who = person()
    for number in range(3):
        office(who, society=f"国际学会{number}", level="international", evidence="https://example.org/")
    assert measures()[who.pk]["office_points"] == 100.0
    with acting(BOSS):
        part = selectors.academic_record(who.pk, as_of=TODAY)[0]
    assert (part.points, len(part.items)) == (Decimal(100), 3)


def test_a_publication_known_by_doi_or_title_is_not_recorded_twice() -> None:
    who, other = person(), person("李强")
    call("publication_record", professional=who, role="first", **WORK)()
    call("publication_record", professional=other, **(WORK | {"doi": "https://doi.org/10.1000/AHP.1"}))()
    call(
        "publication_record", professional=person("赵敏"), **(WORK | {"doi": "", "title": "安氯平 治疗老年高血压。"})
    )()
    assert Publication.unscoped.count() == 1
    assert Authorship.unscoped.count() == 3
    with pytest.raises(Invalid):
        call("publication_record", professional=who, **WORK)()
    # The same title under another DOI is another work.
    call("publication_record", professional=who, **(WORK | {"doi": "10.1000/ahp.2"}))()
    assert Publication.unscoped.count() == 2


def test_a_malformed_doi_or_a_year_to_come_is_refused() -> None:
    for wrong in ({"doi": "abc"}, {"pmid": "x1"}, {"year": 2031}, {"title": ""}, {"cited_on": date(2027, 1, 1)}):
        with pytest.raises(Invalid) as refused:
            work(**wrong)
        assert list(refused.value.fields) == list(wrong)
    assert not Publication.unscoped.exists()


def test_authors_out_of_view_are_counted_not_named() -> None:
    row = work()
    call("author_add", publication=row.pk, professional=person())()
    stranger = Actor(1, "代表", (Grant(SEES, frozenset({4711})),))
    with acting(stranger):
        shown = panels.authors(row, stranger)
        assert (shown["authors"], shown["others"]) == ([], 1)


def test_records_follow_a_merge_and_come_back() -> None:
    kept, gone = person("王芳"), person("王 芳")
    office(kept), office(gone), study(gone)
    row = work()
    call("author_add", publication=row.pk, professional=gone)()
    done = professional_merge(actor=BOSS, now=NOW, winner=kept.pk, loser=gone.pk)
    found = measures()
    assert found[kept.pk] == {
        "professional": kept.pk, "office_points": 12.5, "publication_points": 2.0, "study_points": 12.5,
        "guideline_points": None,
    }  # fmt: skip
    professional_unmerge(actor=BOSS, now=NOW, pk=done.pk)
    assert measures()[gone.pk]["study_points"] == 12.5
    assert Authorship.unscoped.get().professional_id == gone.pk
    assert OFFICE["society"] == Office.unscoped.first().society  # type: ignore[union-attr]


def test_an_archived_professional_takes_no_records() -> None:
    who = person()
    Professional.unscoped.filter(pk=who.pk).update(archived_at=NOW)
    with pytest.raises(Exception, match=who.name):
        office(who)
