"""Ties and the network: what makes a tie, what is refused, what is counted and not named."""

from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from tests.influence.acts_examples import BEGIN, BOSS, NOW, TODAY, call, office, person, tie, work

from yaomai.customers import portrait
from yaomai.customers.models import Professional
from yaomai.customers.services import institution_create, professional_create, professional_merge, professional_unmerge
from yaomai.engine.network import layout, positions
from yaomai.influence import presenting, selectors
from yaomai.influence.models import Authorship, Standing, Tie
from yaomai.influence.services.ties import TeachersInCircle
from yaomai.kit.access import acting
from yaomai.kit.documents import plain
from yaomai.kit.errors import Invalid
from yaomai.listing.services import committee_create, seat_start

db = pytest.mark.django_db


def ends() -> list[tuple[str, int, int, float]]:
    rows = selectors.all_ties(TODAY).to_pylist()
    return sorted((row["kind"], row["person"], row["other"], row["strength"]) for row in rows)


def author(publication: Any, who: Any) -> None:
    call("author_add", publication=publication.pk, professional=who)()


@db
def test_every_kind_is_found_once_with_its_strength() -> None:
    wang, li, zhao = person(), person("李强"), person("赵敏")
    for number in range(2):
        paper = work(doi=f"10.1000/a.{number}", title=f"文{number}")
        author(paper, wang), author(paper, li)
    office(wang), office(zhao)
    tie(zhao, li)
    committee = committee_create(
        actor=BOSS, now=NOW, institution=institution_create(actor=BOSS, now=NOW, name="江城医院"), source="公示"
    )
    for who, role in ((wang, "chair"), (li, "member")):
        seat_start(
            actor=BOSS, now=NOW, committee=committee.pk, professional=who, role=role, valid_from=BEGIN, source="公示"
        )
    assert ends() == [
        ("coauthor", wang.pk, li.pk, 2.0), ("committee", wang.pk, li.pk, 2.0), ("society", wang.pk, zhao.pk, 1.0),
        ("teacher", li.pk, zhao.pk, 3.0),
    ]  # fmt: skip
    with acting(BOSS):
        found, unseen = selectors.ties_of(li.pk, day=TODAY)
    assert unseen == 0
    assert [(each.other.pk, each.kind, each.amount) for each in found] == [
        (zhao.pk, "teacher", 1.0), (wang.pk, "coauthor", 2.0), (wang.pk, "committee", 1.0),
    ]  # fmt: skip


@db
def test_ties_that_ended_were_withdrawn_or_lie_ahead_do_not_hold() -> None:
    wang, li, zhao = person(), person("李强"), person("赵敏")
    tie(wang, li, valid_to=date(2026, 1, 1)), tie(li, zhao, valid_from=date(2027, 1, 1))
    withdrawn = tie(wang, zhao)
    call("tie_archive", pk=withdrawn.pk)()
    office(wang), office(li, valid_to=date(2026, 1, 1))
    assert ends() == []


@db
def test_a_long_list_of_authors_or_members_says_nothing() -> None:
    people = [person(f"人{number}") for number in range(26)]
    paper = work()
    for who in people:
        author(paper, who)
    assert ends() == []
    call("author_remove", publication=paper.pk, author=Authorship.unscoped.filter(publication=paper).latest("pk").pk)()
    assert len(ends()) == 25 * 24 // 2


@db
def test_teachers_in_a_circle_are_refused_and_the_way_is_told() -> None:
    wang, li, zhao = person(), person("李强"), person("赵敏")
    tie(wang, li), tie(li, zhao)
    with pytest.raises(TeachersInCircle) as refused:
        tie(zhao, wang)
    assert "王芳 → 李强 → 赵敏" in str(refused.value)
    with pytest.raises(Invalid):
        tie(wang, wang)
    assert Tie.unscoped.count() == 2
    # Colleagues have no direction, and a tie that was withdrawn is no way.
    between = tie(zhao, wang, kind="colleague")
    with pytest.raises(TeachersInCircle):
        call("tie_update", pk=between.pk, changes={"kind": "teacher"})()
    call("tie_archive", pk=Tie.unscoped.get(professional=li).pk)()
    call("tie_update", pk=between.pk, changes={"kind": "teacher"})()


@db
def test_the_network_is_stored_and_shown_with_its_day() -> None:
    people = [person(name) for name in ("甲一", "乙二", "丙三", "丁四")]
    for first, second in pairwise(people):
        tie(first, second)
    assert call("network_compute")() == 4
    assert call("network_compute")() == 4
    standing = Standing.unscoped.get(professional=people[1])
    assert (standing.direct, standing.reach, round(standing.bridge, 3), standing.as_of) == (2, 3, 0.667, TODAY)
    with acting(BOSS):
        found = selectors.network(Professional.objects.all(), day=TODAY)
        assert (len(found.people), len(found.ties), found.count, found.unseen) == (4, 3, 4, 0)
        chart = presenting.network_chart(found)
        assert chart is not None
        assert len(chart.table()[1]) == 3
        some = selectors.network(Professional.objects.filter(pk__in=[people[0].pk, people[1].pk]), day=TODAY)
        assert (len(some.people), some.unseen) == (2, 0)
        assert selectors.network(Professional.objects.all(), day=TODAY, kinds=["coauthor"]).ties == []


@db
def test_records_follow_a_merge_and_a_tie_to_oneself_does_not_count() -> None:
    wang, twin, li = person(), person("王 芳"), person("李强")
    tie(wang, twin), tie(twin, li)
    done = professional_merge(actor=BOSS, now=NOW, winner=wang.pk, loser=twin.pk)
    assert [each[1:3] for each in ends()] == [(wang.pk, li.pk)]
    call("network_compute")()
    assert set(Standing.unscoped.values_list("professional", flat=True)) == {wang.pk, li.pk}
    professional_unmerge(actor=BOSS, now=NOW, pk=done.pk)
    assert sorted(each[1:3] for each in ends()) == [(wang.pk, twin.pk), (twin.pk, li.pk)]


@db
def test_people_out_of_view_are_counted_not_named() -> None:
    from yaomai.kit.access import Actor, Grant
    from yaomai.organization.services import territory_create

    near = territory_create(actor=BOSS, now=NOW, code="N", name="近区", level="company", valid_from=BEGIN)
    hospital = institution_create(actor=BOSS, now=NOW, name="江城医院", territory=near)
    mine, also = (
        professional_create(actor=BOSS, now=NOW, name=name, institution=hospital) for name in ("甲一", "乙二")
    )
    stranger = person("外人")
    tie(mine, stranger), tie(mine, also)
    call("network_compute")()
    rights = frozenset({"influence.tie:view", "customers.professional:view"})
    reader = Actor(1, "代表", (Grant(rights, frozenset({near.pk})),))
    with acting(reader):
        found, unseen = selectors.ties_of(mine.pk, day=TODAY)
        assert ([each.other.pk for each in found], unseen) == ([also.pk], 1)
        net = selectors.network(Professional.objects.all(), day=TODAY)
        assert ({each.pk for each in net.people}, net.unseen) == ({mine.pk, also.pk}, 1)
        assert [row.other_id for row in Tie.objects.all()] == [also.pk]


def test_positions_of_a_known_network() -> None:
    # Two triangles that one person joins: she is on every way between them.
    first, second = [1, 2, 1, 4, 5, 4, 3, 3, 2], [2, 3, 3, 5, 3, 3, 3, 1, 1]
    rows = {row["person"]: row for row in positions(pa.array(first), pa.array(second)).to_pylist()}
    assert {key: (row["direct"], row["reach"]) for key, row in rows.items()} == {
        1: (2, 4), 2: (2, 4), 3: (4, 4), 4: (2, 4), 5: (2, 4)
    }  # fmt: skip
    assert rows[3]["bridge"] == pytest.approx(4 / 6)
    assert {rows[key]["bridge"] for key in (1, 2, 4, 5)} == {0.0}
    assert positions(pa.array([], pa.int64()), pa.array([], pa.int64())).num_rows == 0
    assert positions(pa.array([7]), pa.array([7])).num_rows == 0
    assert positions(pa.array([7]), pa.array([8])).column("bridge").to_pylist() == [0.0, 0.0]


def test_positions_estimate_large_networks_well_and_the_same_each_time() -> None:
    import numpy as np

    chance = np.random.default_rng(5)
    # 60 groups of 50 people, and one person of each group tied to the next: these are the bridges.
    ends = [
        (group * 50 + one, group * 50 + other) for group in range(60) for one, other in chance.integers(0, 50, (300, 2))
    ]
    ends += [(group * 50, (group + 1) % 60 * 50) for group in range(60)]
    first, second = (pa.array(side) for side in zip(*ends, strict=True))
    found = positions(first, second, seed=3)
    assert found.equals(positions(first, second, seed=3))
    leaders = found.sort_by([("bridge", "descending")]).column("person").to_pylist()[:60]
    assert sum(person % 50 == 0 for person in leaders) >= 55


def test_a_picture_has_everybody_in_it_and_keeps_groups_together() -> None:
    import numpy as np

    # Ten groups of five who all know one another, without a tie between groups.
    ends = [(g * 5 + a, g * 5 + b) for g in range(10) for a in range(5) for b in range(a)]
    first, second = (pa.array(side) for side in zip(*ends, strict=True))
    places = layout(first, second)
    assert places == layout(first, second)
    assert set(places) == set(range(50))
    spots = np.array([places[person] for person in range(50)])
    assert (spots.min(), spots.max()) == (0.0, 1.0)
    groups = spots.reshape(10, 5, 2)
    within = np.linalg.norm(groups - groups.mean(axis=1, keepdims=True), axis=2).mean()
    between = np.linalg.norm(groups.mean(axis=1) - spots.mean(axis=0), axis=1).mean()
    assert within < between / 2
    assert layout(pa.array([], pa.int64()), pa.array([], pa.int64())) == {}


@db
def test_the_portrait_says_what_counts_and_who_is_close() -> None:
    wang, li = person(), person("李强")
    paper = work(doi="10.1000/a.1", title="心衰随访研究")
    author(paper, wang), author(paper, li)
    office(wang), tie(li, wang)
    with acting(BOSS):
        text = str(plain.blocks(portrait.portrait_of("professional", wang, BOSS, now=NOW).blocks))
    assert all(word in text for word in ("心衰随访研究", "李强（老师、合著）", "12.5", "主任委员"))
