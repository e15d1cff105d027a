"""Who sees which entries, where one is, and what the palette offers."""

from collections.abc import Iterable

import pytest
from django.utils import translation

from yaomai.kit.access import Actor, Grant
from yaomai.kit.access.rights import every_right
from yaomai.kit.ui import navigation, palette

GUIDE, PALETTE = "/ui/guide/", "/palette"
MOST = 8
REGISTERED = dict(navigation._screens)
"""What the rooms registered."""


def actor(*rights: str) -> Actor:
    return Actor(1, "顾明舒", (Grant(frozenset(rights)),))


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two screens and an action, instead of what the rooms registered."""
    monkeypatch.setattr(navigation, "_screens", {})
    monkeypatch.setattr(navigation, "_actions", {})
    monkeypatch.setattr(navigation, "_account_links", {})
    monkeypatch.setattr(palette, "_providers", {})
    navigation.register(section="segmentation", label="分层总览", url_name="ui:guide", right="x.tier:view", order=20)
    navigation.register(section="customers", label="机构", url_name="ui:palette", order=10)
    navigation.register_action(label="新建机构", url_name="ui:guide", right="x.institution:create")


def test_a_section_is_seen_when_one_of_its_screens_may_be_opened() -> None:
    assert [section.code for section in navigation.menu(actor(), "/")] == ["customers"]
    assert [section.code for section in navigation.menu(actor("x.tier:view"), "/")] == ["customers", "segmentation"]


def test_sections_stand_in_the_order_of_the_work_whatever_was_registered_first() -> None:
    codes = [section.code for section in navigation.menu(actor("x.tier:view"), GUIDE)]
    assert codes == sorted(codes, key=[section.code for section in navigation.SECTIONS].index)


@pytest.mark.parametrize(
    ("path", "active"),
    [(GUIDE, ["segmentation"]), (f"{GUIDE}7/edit", ["segmentation"]), (PALETTE, ["customers"]), ("/elsewhere", [])],
)
def test_the_nearest_screen_marks_where_one_is(path: str, active: list[str]) -> None:
    menu = navigation.menu(actor("x.tier:view"), path)
    assert [section.code for section in menu if section.is_active] == active


def test_screens_with_one_word_in_common_stand_under_one_tab() -> None:
    navigation.register(
        section="customers", tab="机构", label="科室", url_name="ui:guide", right="x.tier:view", order=11
    )
    navigation.register(section="customers", tab="机构", label="机构", url_name="ui:palette", order=10)
    navigation.register(section="customers", label="今日", url_name="inbox:today", order=12)

    def tabs(actor: Actor, path: str) -> list[tuple[str, str, bool, list[str]]]:
        section = next(each for each in navigation.menu(actor, path) if each.code == "customers")
        return [
            (str(tab.label), tab.url, tab.is_active, [str(item.label) for item in tab.items]) for tab in section.items
        ]

    everything = actor("x.tier:view")
    assert tabs(everything, GUIDE) == [("机构", PALETTE, True, ["机构", "科室"]), ("今日", "/", False, [])]
    section = next(each for each in navigation.menu(everything, GUIDE) if each.code == "customers")
    assert section.active_item is not None and section.active_item.label == "科室", "the page, not the tab"
    assert tabs(actor(), PALETTE) == [("机构", PALETTE, True, []), ("今日", "/", False, [])], "one of them needs no row"


def test_no_section_has_more_tabs_than_one_reads_at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_screens", REGISTERED)
    everybody = Actor(1, "everybody", (Grant(frozenset(every_right())),))
    assert len(REGISTERED) > 40
    for section in navigation.menu(everybody, "/"):
        assert len(section.items) <= MOST, section.code
        assert all(len(tab.items) <= MOST for tab in section.items), section.code


def test_an_unknown_section_is_refused_at_registration() -> None:
    with pytest.raises(ValueError, match="no section 'money'"):
        navigation.register(section="money", label="", url_name="ui:guide")
    assert ("money", "ui:guide") not in navigation._screens


def test_actions_need_their_right() -> None:
    assert navigation.actions_for(actor()) == []
    assert [action.label for action in navigation.actions_for(actor("x.institution:create"))] == ["新建机构"]


@pytest.mark.parametrize("text", ["机构", "构", "jigou", "jg", "JG", "ji gou"])
def test_a_screen_is_found_by_name_pinyin_and_initials(text: str) -> None:
    assert [choice.url for choice in palette.screens(actor(), text)] == [PALETTE]


def test_a_screen_without_right_is_not_found() -> None:
    assert list(palette.screens(actor(), "分层")) == []
    assert [choice.url for choice in palette.screens(actor("x.tier:view"), "fczl")] == [GUIDE]


def test_providers_are_asked_in_order_with_the_trimmed_text_and_cut() -> None:
    asked = []

    def customers(_actor: Actor, text: str) -> Iterable[palette.Choice]:
        asked.append(text)
        return (palette.Choice(f"医院{number}", "/", "客户") for number in range(100))

    palette.register(customers, order=1)
    palette.register(palette.screens, order=2)
    found = palette.choices(actor(), "  机构  ")
    assert asked == ["机构"]
    assert [choice.group for choice in found[: palette.CHOICES_PER_PROVIDER]] == ["客户"] * palette.CHOICES_PER_PROVIDER
    assert found[palette.CHOICES_PER_PROVIDER].url == PALETTE
    palette.choices(actor(), "长" * 500)
    assert len(asked[-1]) == palette.LONGEST_QUERY


def test_labels_follow_the_language() -> None:
    menu = navigation.menu(actor(), "/")
    with translation.override("en"):
        assert str(menu[0].label) == "Customers"
