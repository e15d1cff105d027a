"""Disambiguation of authors, measured on labelled data with the traps that real lists have."""

from collections.abc import Callable

import pytest
from benchmarks.author_labels import build

from yaomai.engine.authors import Matcher, Mention, Person, own_keys, printed_keys

FIRST, SECOND = 1, 2
PLACES = {FIRST: ("江城市第一人民医院",), SECOND: ("临海市中心医院",)}


def matcher(*people: Person) -> Matcher:
    return Matcher(people, PLACES)


def verdict(found: Matcher, name: str, affiliation: str = "") -> tuple[str, list[int]]:
    finding = found.find([Mention(name, affiliation)])[0]
    return finding.verdict, [each.id for each in finding.candidates]


@pytest.mark.parametrize(
    "printed",
    ["王晓明", "王 晓明", "Wang Xiaoming", "Xiaoming Wang", "Wang, Xiao-Ming", "WANG Xiaoming", "Xiao Ming Wang"],
)
def test_every_way_to_print_a_name_is_known(printed: str) -> None:
    keys, is_short = printed_keys(printed)
    assert keys & own_keys("王晓明")[0]
    assert not is_short


@pytest.mark.parametrize("printed", ["Wang XM", "X. M. Wang", "Wang X.M.", "XM Wang", "Wang X"])
def test_initials_are_known_as_such(printed: str) -> None:
    keys, is_short = printed_keys(printed)
    assert is_short
    assert keys & own_keys("王晓明")[1]


def test_surnames_are_read_as_surnames_and_short_ones_are_no_initials() -> None:
    assert printed_keys("LI Na")[0] & own_keys("李娜")[0]
    assert printed_keys("Shan Li")[0] & own_keys("单丽")[0]
    assert printed_keys("Zeng Wei")[0] & own_keys("曾伟")[0]
    assert printed_keys("Ouyang Na")[0] & own_keys("欧阳娜")[0]
    assert printed_keys("Lü Wei")[0] & own_keys("吕伟")[0]
    assert not printed_keys("Li Na")[0] & own_keys("李楠")[0]


def test_a_name_alone_never_decides() -> None:
    wang = Person(7, "王芳", frozenset({FIRST}), ("心血管内科",))
    assert verdict(matcher(wang), "Wang Fang") == ("question", [7])
    assert verdict(matcher(wang), "王芳", "江城市第一人民医院 心血管内科") == ("certain", [7])
    assert verdict(matcher(wang), "Wang F", "江城市第一人民医院 心血管内科") == ("question", [7])
    assert verdict(matcher(wang), "王芳", "临海市中心医院") == ("nobody", [])
    assert verdict(matcher(wang), "李强", "江城市第一人民医院 心血管内科") == ("nobody", [])


def test_namesakes_are_told_apart_by_place_and_department() -> None:
    here = Person(1, "王芳", frozenset({FIRST}), ("心血管内科",))
    there = Person(2, "王芳", frozenset({SECOND}), ("心血管内科",))
    beside = Person(3, "王芳", frozenset({FIRST}), ("骨科",))
    assert verdict(matcher(here, there), "王芳", "临海市中心医院心血管内科") == ("certain", [2, 1])
    assert verdict(matcher(here, beside), "王芳", "江城市第一人民医院骨科") == ("certain", [3, 1])
    assert verdict(matcher(here, beside), "王芳", "江城市第一人民医院")[0] == "question"


def test_somebody_who_moved_is_known_by_the_former_place() -> None:
    moved = Person(1, "王芳", frozenset({FIRST, SECOND}), ("骨科",))
    assert verdict(matcher(moved), "王芳", "临海市中心医院骨科") == ("certain", [1])


def test_a_certain_author_speaks_for_those_they_published_with() -> None:
    wang = Person(1, "王芳", frozenset({FIRST}), ("骨科",))
    li = Person(2, "李强", frozenset({FIRST}), ("药学部",), frozenset({1}))
    found = Matcher([wang, li], PLACES).find(
        [Mention("Li Qiang", "江城市第一人民医院"), Mention("王芳", "江城市第一人民医院骨科")]
    )
    assert [each.verdict for each in found] == ["certain", "certain"]
    alone = Matcher([wang, li], PLACES).find([Mention("Li Qiang", "江城市第一人民医院")])
    assert alone[0].verdict == "question"


def test_nobody_is_certain_twice_on_one_publication() -> None:
    wang = Person(1, "王芳", frozenset({FIRST}), ("骨科",))
    found = matcher(wang).find(
        [Mention("王芳", "江城市第一人民医院骨科"), Mention("Wang Fang", "江城市第一人民医院骨科")]
    )
    assert [each.verdict for each in found] == ["question", "question"]


def test_automatic_links_are_right_99_of_100_times(record_property: Callable[[str, object], None]) -> None:
    world = build()
    known = {each.id for each in world.authors if each.is_ours}
    found = Matcher(world.people(), world.hospitals)
    right = wrong = asked = ours = 0
    for work in world.works:
        for finding, (_mention, truth) in zip(found.find([mention for mention, _truth in work]), work, strict=True):
            ours += truth in known
            if finding.verdict == "certain":
                right += finding.candidates[0].id == truth
                wrong += finding.candidates[0].id != truth
            elif finding.verdict == "question" and truth in {each.id for each in finding.candidates}:
                asked += 1
    precision, recall = right / (right + wrong), right / ours
    record_property(
        "figure", f"authors  automatic links right {precision:.2%} ({wrong} of {right + wrong} wrong), "
        f"{recall:.0%} of ours linked, {asked / ours:.0%} asked",
    )  # fmt: skip
    assert precision >= 0.99
    assert recall >= 0.3
    assert (right + asked) / ours >= 0.85
