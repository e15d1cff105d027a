"""No figure of any policy takes what makes no sense, and documents that contradict themselves are told where."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from yaomai.kit.errors import Invalid
from yaomai.kit.policies.schema import registered
from yaomai.kit.policies.services import validated

pytestmark = pytest.mark.django_db


def numbers(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where a document holds a number."""
    if place and place[-1] in ("one_of", "levels"):
        return  # texts, even where they are digits
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield from numbers(inner, (*place, name))
    if not isinstance(value, bool) and (isinstance(value, int | float) or _is_decimal(value)):
        yield place


def _is_decimal(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and all(letter in "0123456789.-" for letter in value)


def with_value(document: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = deepcopy(document)
    inner: Any = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed


@pytest.mark.parametrize("value", ["-1.5", "1e14", "NaN"])
def test_no_figure_takes_what_makes_no_sense(value: str) -> None:
    taken = []
    tried = 0
    for name, policy in registered().items():
        if name.startswith("kit."):
            continue  # declared by other tests
        document = policy().model_dump(mode="json")
        for place in numbers(document):
            tried += 1
            with suppress(Invalid):
                validated(name, with_value(document, place, value))
                taken.append((name, *place))
    # From which amount or count on a rule applies has no upper end.
    assert [each for each in taken if value != "1e14" or each[-1] not in ("at_least", "below", "low", "high")] == []
    assert tried > 200


def test_every_declared_policy_is_sound_as_it_is() -> None:
    for name, policy in registered().items():
        assert validated(name, policy().model_dump(mode="json")) == policy()


def service(change: Callable[[list[dict[str, Any]]], Any]) -> tuple[str, dict[str, Any]]:
    document = registered()["segmentation.service"]().model_dump(mode="json")
    change(document["tiers"])
    return "segmentation.service", document


def changed(name: str, **values: Any) -> tuple[str, dict[str, Any]]:
    return name, registered()[name]().model_dump(mode="json") | values


def lifted(**values: Any) -> tuple[str, dict[str, Any]]:
    document = registered()["segmentation.review"]().model_dump(mode="json")
    document["fast"][1].update(values)
    return "segmentation.review", document


@pytest.mark.parametrize(
    ("made", "field", "says"),
    [
        (lambda: service(lambda rows: rows.insert(1, rows[0])), "tiers.1.tier", "已有一行"),
        (lambda: service(lambda rows: rows[0].update(tier="platinum")), "tiers.0.tier", "没有这个等级"),
        (lambda: service(lambda rows: rows[0].update(owner_role="king")), "tiers.0.owner_role", "没有这个角色"),
        (lambda: service(lambda rows: rows.pop(0)), "tiers", "四级分层 · 战略客户"),
        (lambda: changed("commerce.matching", accept_score=0.7, review_score=0.8), "review_score", "0.7"),
        (lambda: changed("customers.profile", institution_weights={"beds": 0}), "institution_weights", "大于 0"),
        (lambda: changed("customers.profile", professional_weights={"castle": 1}), "professional_weights.castle", "删除"),
        (lambda: changed("segmentation.review", dissatisfied=80), "dissatisfied", "满意"),
        (lambda: lifted(tier="ordinary"), "fast.1.tier", "高于原等级"),
        (lambda: lifted(scheme="kam_abc"), "fast.1.tier_before", "没有这个等级"),
        (lambda: changed("listing.decision", seat_points={"chair": 100}), "seat_points", "member"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_told_where(made: Callable[[], Any], field: str, says: str) -> None:
    name, document = made()
    with pytest.raises(Invalid) as refused:
        validated(name, document)
    assert says in " ".join(map(str, refused.value.fields[field])), refused.value.fields
