"""The editor: every document comes back from its form unchanged, and errors stand where they belong."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from pydantic import BaseModel, Field, ValidationError

from yaomai.kit.policies.figures import lines
from yaomai.kit.policies.forms import KEY, ROWS, Node, PolicyForm, changed, read
from yaomai.kit.policies.schema import Document, Policy, describe, facts_of, figure, registered
from yaomai.kit.policies.shapes import shape_of, unit_at
from yaomai.kit.ui import formats


class Percentile(Document):
    method: Literal["percentile"]
    lower_is_better: bool = False


class Step(Document):
    at_least: Decimal
    points: Decimal = figure(Decimal(0), label="Points", origin="S1", unit="points", ge=0, le=100)


class Steps(Document):
    method: Literal["steps"]
    steps: tuple[Step, ...] = Field(min_length=1)


class Band(Document):
    name: str = figure(label="Name", origin="S1")
    share: Decimal = figure(Decimal("0.1"), label="Share", origin="S1 §2", unit="ratio", ge=0, le=1)
    note: str | None = None


class Sample(Policy):
    """Everything that a policy may hold; without a name it does not register."""

    months: int = figure(3, label="Months", origin="S1 H6", unit="month", ge=1)
    share: Decimal = figure(Decimal("0.1"), label="Share", origin="S1 §2", unit="ratio", ge=0, le=1)
    limit: Decimal | None = figure(None, label="Limit", origin="assumed")
    mode: Literal["strict", "loose"] = figure("strict", label="Mode", origin="assumed")
    is_on: bool = figure(True, label="On", origin="assumed")
    words: tuple[str, ...] = figure(("甲", "乙"), label="Words", origin="assumed")
    bands: tuple[Band, ...] = figure((Band(name="A"), Band(name="B", share=Decimal("0.2"))), label="Bands", origin="S1")
    weights: dict[str, int] = figure(default_factory=lambda: {"grade": 3, "beds": 2}, label="Weights", origin="assumed")
    scoring: Annotated[Percentile | Steps, Field(discriminator="method")] = Percentile(method="percentile")


def posted(nodes: list[Node]) -> list[tuple[str, str]]:
    """Return what a browser would send for a form left as it is."""
    pairs: list[tuple[str, str]] = []
    for node in nodes:
        if node.kind == "variant":
            pairs.append((f"{node.name}.{node.key}", str(node.value)))
        for number, child in enumerate(node.children if node.kind in {"rows", "map"} else []):
            pairs.append((f"{node.name}.{ROWS}", str(number)))
            if node.kind == "map":
                pairs.append((f"{child.name}.{KEY}", child.key))
        if node.is_group:
            pairs += posted(node.children)
        elif node.kind == "check":
            pairs += [(node.name, "on")] if node.value else []
        else:
            pairs.append((node.name, str(node.value)))
    return pairs


def query(pairs: list[tuple[str, str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    return data


def returned(policy: type[Policy], document: Policy) -> Policy:
    nodes = PolicyForm(policy, document.model_dump(mode="json")).nodes
    return policy.model_validate(read(policy, query(posted(nodes))))


def test_a_document_comes_back_from_its_form_unchanged() -> None:
    assert returned(Sample, Sample()) == Sample()
    other = Sample(
        months=7, share=Decimal("0.125"), limit=Decimal("12.50"), mode="loose", is_on=False, words=(), weights={},
        bands=(Band(name="C", share=Decimal("0"), note="x"),),
        scoring=Steps(method="steps", steps=(Step(at_least=Decimal(5), points=Decimal(80)),)),
    )  # fmt: skip
    assert returned(Sample, other) == other


@pytest.mark.django_db
def test_every_registered_policy_comes_back_unchanged() -> None:
    assert len(registered()) >= 1
    for policy in registered().values():
        assert returned(policy, policy()) == policy(), policy.name


def values(**typed: str) -> QueryDict:
    pairs = dict(posted(PolicyForm(Sample, Sample().model_dump(mode="json")).nodes))
    rows = [pair for pair in posted(PolicyForm(Sample, Sample().model_dump(mode="json")).nodes) if ROWS in pair[0]]
    single = {name: value for name, value in pairs.items() if ROWS not in name} | {
        name.replace("__", "."): value for name, value in typed.items()
    }
    return query([*single.items(), *rows])


def test_ratios_are_typed_in_percent() -> None:
    assert Sample.model_validate(read(Sample, values(share="12.5"))).share == Decimal("0.125")
    assert Sample.model_validate(read(Sample, values(share="12.5 %"))).share == Decimal("0.125")


@pytest.mark.parametrize("typed", ["", "zwölf", "1,5"])
def test_what_is_no_number_is_refused_and_kept_as_typed(typed: str) -> None:
    raw = read(Sample, values(share=typed))
    with pytest.raises(ValidationError):
        Sample.model_validate(raw)
    node = next(node for node in PolicyForm(Sample, raw).nodes if node.name == "share")
    assert node.value == typed


def test_errors_stand_at_their_field() -> None:
    form = PolicyForm(Sample, Sample().model_dump(mode="json"), {"bands.1.share": ["too much"], "nowhere": ["general"]})
    bands = next(node for node in form.nodes if node.name == "bands")
    share = next(node for node in bands.children[1].children if node.name == "bands.1.share")
    assert (share.errors, bands.has_errors, bands.children[0].has_errors) == (["too much"], True, False)
    assert form.general_errors == ["general"]


def test_errors_inside_a_variant_are_found_under_its_name() -> None:
    raw = Sample().model_dump(mode="json") | {
        "scoring": {"method": "steps", "steps": [{"at_least": "x", "points": "400"}]}
    }
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate(raw)
    errors = {".".join(str(part) for part in problem["loc"]): [problem["msg"]] for problem in caught.value.errors()}
    scoring = next(node for node in PolicyForm(Sample, raw, errors).nodes if node.name == "scoring")
    row = scoring.children[0].children[0]
    assert [bool(child.errors) for child in row.children] == [True, True]


def test_rows_are_added_removed_and_moved() -> None:
    raw: dict[str, Any] = Sample().model_dump(mode="json")
    names = lambda: [row.get("name", "") for row in raw["bands"]]  # noqa: E731
    changed(Sample, raw, "add:bands")
    assert names() == ["A", "B", ""]
    changed(Sample, raw, "up:bands.1")
    assert names() == ["B", "A", ""]
    changed(Sample, raw, "remove:bands.0")
    assert names() == ["A", ""]
    changed(Sample, raw, "remove:weights.0")
    assert raw["weights"] == {"beds": 2}


@pytest.mark.parametrize(
    "command",
    [
        "",
        "add",
        "add:nothing",
        "remove:bands",
        "remove:bands.9",
        "up:bands.0",
        "drop:bands.0",
        "add:bands.0.name",
        "remove:months.0",
    ],
)
def test_strange_commands_change_nothing(command: str) -> None:
    raw = Sample().model_dump(mode="json")
    assert changed(Sample, raw, command) == Sample().model_dump(mode="json")


def test_units_are_found_at_the_place_of_an_error() -> None:
    assert unit_at(Sample, ("share",)) == "ratio"
    assert unit_at(Sample, ("bands", 1, "share")) == "ratio"
    assert unit_at(Sample, ("scoring", "steps", "steps", 0, "points")) == "points"
    assert unit_at(Sample, ("nothing", 3)) == ""


def test_plain_documents_are_described_from_outside() -> None:
    class Plain(BaseModel):
        at_least: int = 0

    assert facts_of(Plain, "at_least")["label"] == "At least"
    describe(Plain, at_least={"label": "From", "unit": "days"})
    assert (facts_of(Plain, "at_least")["label"], facts_of(Plain, "at_least")["unit"]) == ("From", "days")
    with pytest.raises(KeyError):
        describe(Plain, nothing="x")


def test_what_has_no_form_is_refused() -> None:
    class Odd(BaseModel):
        thing: bytes = b""
        either: int | str = 0

    for name in ("thing", "either"):
        with pytest.raises(TypeError):
            shape_of(Odd, name)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_origin_is_shown_by_the_title_of_its_document_and_kept_by_its_code(language: str) -> None:
    class Sourced(Policy):
        origin: str = figure("S1 §二；权重 assumed", label="Origin", origin="")

    with translation.override(language):
        (node,) = PolicyForm(Sourced, Sourced().model_dump(mode="json")).nodes
        assert formats.origin("S1") in node.value and "S1" not in node.value
        assert read(Sourced, query([("origin", node.value)])) == {"origin": "S1 §二；权重 assumed"}


def test_typed_texts_are_escaped() -> None:
    raw = Sample().model_dump(mode="json") | {"words": ["<script>alert(1)</script>"], "share": '"><script>'}
    html = "".join(
        render_to_string("policies/parts/node.html", {"node": node}) for node in PolicyForm(Sample, raw).nodes
    )
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


class Duty(Document):
    tier: str = figure(
        label="Tier", origin="", choices=lambda document: {"a": "甲", "b": "乙", **document.get("more", {})}
    )
    contacts: int = figure(label="Contacts", origin="", unit="count")
    level_zh: str = figure("", label="Level (Chinese)", origin="")
    level_en: str = figure("", label="Level (English)", origin="")
    origin: str = figure("S1 §3", label="Origin", origin="")


class Duties(Policy):
    """Rows that hold codes of something else; without a name it does not register."""

    share: Decimal = figure(Decimal("0.7"), label="Share", origin="assumed", unit="ratio")
    duties: tuple[Duty, ...] = figure(label="Duties", origin="S1")


def test_codes_are_chosen_by_their_words_and_what_is_there_stays() -> None:
    form = PolicyForm(Duties, {"duties": [{"tier": "a", "contacts": 4}, {"tier": "gone", "contacts": 2}]})
    first, second = form.nodes[1].children
    tier = next(node for node in first.children if node.label == "Tier")
    assert (tier.kind, tier.value, tier.choices) == ("choice", "a", [("a", "甲"), ("b", "乙")])
    assert first.label == "甲"
    assert ("gone", "gone") in next(node for node in second.children if node.label == "Tier").choices


def test_the_numbers_of_a_row_are_changed_without_opening_it() -> None:
    row = PolicyForm(Duties, {"duties": [{"tier": "a", "contacts": 4}]}).nodes[1].children[0]
    assert [node.label for node in row.main] == ["Contacts"]
    assert {node.label for node in row.more} == {"Tier", "Level (Chinese)", "Level (English)", "Origin"}
    assert not row.is_open


def test_a_row_is_read_as_one_line_in_the_language_of_the_reader() -> None:
    document = {
        "share": "0.7",
        "duties": [{"tier": "a", "contacts": 4, "level_zh": "每月", "level_en": "monthly", "origin": "S1 §3"}],
    }
    (_, (share,)), (heading, (line,)) = lines(Duties, document)
    assert (share.title, share.figures[0].shown, share.origin) == ("Share", "70%", "assumed")
    assert (heading, line.title, line.origin) == ("Duties", "甲", "S1 §3")
    assert [figure.shown for figure in line.figures] == ["4 次", "每月"]
    with translation.override("en"):
        ((_, (line,)),) = lines(Duties, {"duties": document["duties"]})
        assert [figure.shown for figure in line.figures] == ["4 times", "monthly"]
