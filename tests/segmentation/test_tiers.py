"""From sales flow to published tiers, with their reasons, for exactly those who may see them."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import translation

from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.policies import forms
from yaomai.kit.policies.figures import figures
from yaomai.kit.runs import files
from yaomai.kit.runs.services import PublishedMeanwhile
from yaomai.organization.models import Holding, Person, Position, Role
from yaomai.segmentation import explanations, results, selectors
from yaomai.segmentation.models import Assessment, Subject, TierAssignment
from yaomai.segmentation.outcomes import Asked, outcomes
from yaomai.segmentation.policies import FourTiers, ServicePolicy
from yaomai.segmentation.previews import scheme_preview
from yaomai.segmentation.services import assessment_record, tiers_compute, tiers_publish, tiers_roll_back
from yaomai.segmentation.simulation import changes, simulate
from yaomai.server.cli import work

from .conftest import NOW, TODAY, Market

VIEW = frozenset({"segmentation.tier:view", "customers.institution:view"})


def held(market: Market, scheme: str = "four_tiers") -> list[str]:
    """Return the tier in force of each institution, the largest buyer first."""
    rows = dict(TierAssignment.unscoped.filter(scheme=scheme, valid_to=None).values_list("institution_id", "tier"))
    return [rows.get(institution.pk, "") for institution in market.institutions]


def test_the_document_shares_hold(market: Market, compute: Callable[..., Any]) -> None:
    run = compute()
    counts = run.result["subjects"]["institution"]["four_tiers"]
    # Of 20 buyers; the distributor buys nothing itself and is not ranked.
    assert {name: tier["customers"] for name, tier in counts.items()} == {
        "strategic": 2, "core": 4, "potential": 6, "ordinary": 9,
    }  # fmt: skip
    tiers = held(market)
    assert tiers[:2] == ["strategic", "strategic"]
    assert tiers[-1] == "ordinary"
    assert Decimal(counts["strategic"]["amount"]) == Decimal(39000)


def test_every_scheme_gives_every_institution_a_tier(market: Market, compute: Callable[..., Any]) -> None:
    compute()
    schemes = Counter(
        TierAssignment.unscoped.filter(valid_to=None, institution=market.institutions[0]).values_list(
            "scheme", flat=True
        )
    )
    assert set(schemes) == {"four_tiers", "kam_abc", "commercial_abc", "strategic_opportunity_base", "rfm"}
    assert set(schemes.values()) == {1}


def test_equal_inputs_are_one_run(market: Market, compute: Callable[..., Any]) -> None:
    assert compute(publish=False).pk == compute(publish=False).pk


def test_only_what_changed_is_written(
    market: Market, compute: Callable[..., Any], sell: Callable[[dict[int, int]], None]
) -> None:
    first = compute()
    before = held(market)
    sell({19: 90_000})
    second = compute(now=NOW + timedelta(days=1), instead_of=first.pk)
    assert second.pk != first.pk
    after = held(market)
    assert after[19] == "strategic"
    moved = sum(old != new for old, new in zip(before, after, strict=True))
    closed = TierAssignment.unscoped.filter(scheme="four_tiers", valid_to=date(2026, 11, 22))
    assert closed.count() == moved
    with acting(market.actor):
        past = selectors.tiers_on("institution", market.institutions[19].pk, TODAY)
    assert past["four_tiers"].tier == "ordinary"


def test_a_run_during_an_import_counts_whole_files_only(
    market: Market, compute: Callable[..., Any], sell: Callable[[dict[int, int]], None]
) -> None:
    before = compute(publish=False)
    written, may_commit = threading.Event(), threading.Event()

    def import_slowly() -> None:
        try:
            with transaction.atomic():
                sell({19: 90_000})
                written.set()
                assert may_commit.wait(30)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        importing = threads.submit(import_slowly)
        assert written.wait(30), importing.exception(1)
        try:
            assert compute(publish=False).pk == before.pk, "nothing of a file that is half in"
        finally:
            may_commit.set()
        importing.result(30)
    after = compute(publish=False)
    assert after.pk != before.pk
    compute(now=NOW)
    assert held(market)[19] == "strategic"


def test_two_people_publishing_at_once(
    market: Market, compute: Callable[..., Any], sell: Callable[[dict[int, int]], None]
) -> None:
    first = compute(publish=False)
    sell({19: 90_000})
    second = compute(publish=False)
    tiers_publish(actor=market.actor, pk=first.pk, now=NOW)
    before = held(market)
    with pytest.raises(PublishedMeanwhile):
        tiers_publish(actor=market.actor, pk=second.pk, now=NOW)
    assert held(market) == before


def test_rolling_back_brings_the_former_tiers(
    market: Market, compute: Callable[..., Any], sell: Callable[[dict[int, int]], None]
) -> None:
    first = compute()
    before = held(market)
    sell({19: 90_000})
    second = compute(instead_of=first.pk)
    with pytest.raises(Invalid):
        tiers_roll_back(actor=market.actor, pk=second.pk, reason=" ", now=NOW)
    tiers_roll_back(actor=market.actor, pk=second.pk, reason="文件有误", now=NOW)
    assert held(market) == before


def test_the_first_run_in_force_has_nothing_to_go_back_to(
    client: Client, market: Market, compute: Callable[..., Any], sell: Callable[[dict[int, int]], None]
) -> None:
    first = compute()
    boss = Person.unscoped.create(username="boss", name="总监")
    role = Role.unscoped.create(
        code="d", name="总监", name_en="D", reach="company", rights=[*VIEW, "segmentation.tier:publish"]
    )
    seat = Position.unscoped.create(
        code="D", title="总监", role=role, territory=market.east, valid_from=date(2025, 1, 1)
    )
    Holding.unscoped.create(position=seat, person=boss, valid_from=date(2025, 1, 1))
    client.force_login(boss, backend="yaomai.organization.sign_in.Backend")

    def page(address: str, pk: int) -> str:
        return client.get(reverse(f"segmentation:{address}", args=[pk])).content.decode()

    back = reverse("segmentation:roll_back", args=[first.pk])
    assert back not in page("run", first.pk)
    assert "之前没有生效过的批次" in page("roll_back", first.pk)
    assert 'name="reason"' not in page("roll_back", first.pk)
    sell({19: 90_000})
    second = compute(instead_of=first.pk)
    assert reverse("segmentation:roll_back", args=[second.pk]) in page("run", second.pk)
    assert 'name="reason"' in page("roll_back", second.pk)


def test_the_trail_counts_customers_and_the_command_line_names_tiers(
    market: Market, compute: Callable[..., Any], capsys: Any
) -> None:
    run = compute()
    said = json.loads(Entry.unscoped.get(code="segmentation.tier:publish").content)["params"]
    rows = TierAssignment.unscoped.filter(run=run)
    assert said["opened"] == rows.values("institution", "professional").distinct().count() < rows.count()

    with translation.override("zh-hans"):
        work._compute("2026-11-15", True, "", False)
    shown = capsys.readouterr().out
    assert "已发布" in shown
    spec = selectors.scheme_named(run, "four_tiers")
    assert spec is not None
    labels = [spec.tier_label(tier.name) for tier in spec.spec.tiers]
    (line,) = [each for each in shown.splitlines() if all(label in each for label in labels)]
    assert [line.index(f"{label} ") for label in labels] == sorted(line.index(f"{label} ") for label in labels)


def test_a_manager_sees_the_tiers_of_the_own_region_only(market: Market, compute: Callable[..., Any]) -> None:
    run = compute()
    manager = Actor(None, "east", (Grant(VIEW, frozenset({market.east.pk})),))
    with acting(manager):
        seen = set(TierAssignment.objects.values_list("institution_id", flat=True))
        assert seen == {institution.pk for institution in market.institutions[:10]}
        found = selectors.distributions(actor=manager, run=run, service=ServicePolicy())
        four = next(each for each in found if each.scheme.name == "four_tiers")
        assert four.customers == 10
        assert {tier.amount for tier in four.tiers} == {None}
        assert selectors.tiers_on("institution", market.institutions[15].pk, TODAY) == {}


def test_an_explanation_names_values_cut_offs_and_what_would_lift(market: Market, compute: Callable[..., Any]) -> None:
    run = compute()
    institution = market.institutions[4]
    card = explanations.explanation(
        run_id=run.pk,
        subject="institution",
        scheme="four_tiers",
        customer=institution.pk,
        policy=None,
        shows_purchases=True,
    )
    assert card.value == "核心客户"
    assert any("¥16,000" in str(item.value) for item in card.inputs)
    assert [cut.current for cut in card.cutoffs] == [False, True, False, False]
    assert card.as_of == TODAY
    hidden = explanations.explanation(
        run_id=run.pk,
        subject="institution",
        scheme="four_tiers",
        customer=institution.pk,
        policy=None,
        shows_purchases=False,
    )
    assert "16,000" not in hidden.model_dump_json()
    with pytest.raises(Missing):
        explanations.explanation(
            run_id=run.pk, subject="institution", scheme="four_tiers", customer=0, policy=None, shows_purchases=True
        )


def test_a_simulation_says_who_moves_and_what_it_costs(market: Market, compute: Callable[..., Any]) -> None:
    run = compute()
    spec = FourTiers().spec
    shares = dict(zip(("strategic", "core", "potential", "ordinary"), ("0.20", "0.20", "0.30", "0.30"), strict=True))
    draft = spec.model_copy(
        update={"tiers": tuple(t.model_copy(update={"share": Decimal(shares[t.name])}) for t in spec.tiers)}
    )
    found = simulate(actor=market.actor, run=run, subject="institution", spec=draft, service=ServicePolicy())
    assert found.comparison.risen == found.comparison.movers.num_rows > 0
    assert found.comparison.fallen == 0
    assert found.cost.budget_after > found.cost.budget_before
    tiers = {each.tier: each for each in found.cost.tiers}
    assert [*tiers] == ["strategic", "core", "potential", "ordinary"]
    assert tiers["strategic"].contacts == 10 and tiers["potential"].contacts == 52
    assert sum(each.contacts_more for each in tiers.values()) == (
        found.cost.contacts_after - found.cost.contacts_before
    )
    assert sum(each.customers_after - each.customers_before for each in tiers.values()) == 0
    same = simulate(actor=market.actor, run=run, subject="institution", spec=spec, service=ServicePolicy())
    assert same.comparison.movers.num_rows == 0
    assert held(market)[:2] == ["strategic", "strategic"]


def test_a_preview_says_why_more_customers_above_can_mean_fewer_contacts(
    market: Market, compute: Callable[..., Any]
) -> None:
    """A strategic customer is met ten times a year, a potential one every week."""
    compute()
    shares = dict(zip(("strategic", "core", "potential", "ordinary"), ("0.50", "0.30", "0.10", "0.10"), strict=True))
    spec = FourTiers().spec
    tiers = tuple(tier.model_copy(update={"share": Decimal(shares[tier.name])}) for tier in spec.tiers)
    policy = FourTiers(spec=spec.model_copy(update={"tiers": tiers}))
    with acting(market.actor), translation.override("zh-hans"):
        found = scheme_preview(policy, market.actor)
    (_what, now, then), *_others = found.figures
    rows = [row.cells for row in found.reasons.rows] if found.reasons else []
    assert [row[0] for row in rows] == ["战略客户", "核心客户", "潜力客户", "普通客户"]
    assert [row[2] for row in rows] == ["10", "26", "52", "12"]
    assert found.reasons is not None and f"{now} → {then}" in found.reasons.footer[-1]
    fewer = int(then.replace(",", "")) - int(now.replace(",", ""))
    assert found.reason.startswith(f"每年{'多' if fewer > 0 else '少'} {abs(fewer):,} 次触达，主要因为")
    assert "上升" in found.finding


def test_an_assessment_supersedes_and_counts_in_the_next_run(market: Market, compute: Callable[..., Any]) -> None:
    first = compute(publish=False)
    last = market.institutions[-1]

    def judge(value: Any) -> None:
        assessment_record(
            actor=market.actor, subject="institution", customer=last.pk, attribute="decision_influence", value=value,
            source="访谈", assessed_on=TODAY, now=NOW,
        )  # fmt: skip

    judge(40)
    judge("100")
    assert list(Assessment.unscoped.filter(institution=last).order_by("pk").values_list("value", "superseded_at")) == [
        (40, NOW),
        (100, None),
    ]
    for wrong in ("101", "-1", "viel"):
        with pytest.raises(Invalid):
            judge(wrong)
    assert Assessment.unscoped.count() == 2
    with acting(market.actor):
        second = tiers_compute(actor=market.actor, as_of=TODAY)
    assert second.pk != first.pk


def test_who_gets_too_little_is_found(market: Market, compute: Callable[..., Any]) -> None:
    compute()
    best = market.institutions[0]
    for customer, contacts in ((best.pk, 2), (market.institutions[-1].pk, 40)):
        assessment_record(
            actor=market.actor, subject="institution", customer=customer, attribute="contacts_12m", value=contacts,
            source="拜访记录", assessed_on=TODAY, now=NOW,
        )  # fmt: skip
    with acting(market.actor):
        scheme = selectors.scheme_named(selectors.latest_run(), "four_tiers", Subject.INSTITUTION)
        assert scheme is not None
        sheet = selectors.balance(scheme, ServicePolicy())
    assert [(each.customer, each.owed, each.given) for each in sheet.under] == [(best, 10, 2.0)]
    assert [each.customer for each in sheet.over] == [market.institutions[-1]]


def test_what_publishing_would_change_is_known_before(
    market: Market, compute: Callable[..., Any], sell: Callable[[dict[int, int]], None]
) -> None:
    first = compute()
    before = held(market)
    sell({19: 90_000})
    second = compute(publish=False)
    with acting(market.actor):
        found = {each.scheme.key: each for each in changes(actor=market.actor, run=second, current=first)}
    tiers_publish(actor=market.actor, pk=second.pk, now=NOW + timedelta(days=1), instead_of=first.pk)
    order = ["strategic", "core", "potential", "ordinary"]
    moves = [order.index(new) - order.index(old) for old, new in zip(before, held(market), strict=True)]
    change = found["four_tiers.institution"]
    # The distributor, which nobody moves, is among those that stay.
    assert (change.risen, change.fallen, change.other, change.stays) == (
        sum(move < 0 for move in moves),
        sum(move > 0 for move in moves),
        0,
        moves.count(0) + 1,
    )
    assert change.risen >= 1
    east = Actor(None, "east", (Grant(VIEW, frozenset({market.east.pk})),))
    with acting(east):
        seen = changes(actor=east, run=second, current=first)
    mine = next(each for each in seen if each.scheme.key == "four_tiers.institution")
    assert mine.risen + mine.fallen + mine.stays == 10


def test_a_run_is_looked_into_customer_by_customer_before_it_is_published(
    market: Market, compute: Callable[..., Any], sell: Callable[[dict[int, int]], None]
) -> None:
    first = compute()
    sell({19: 90_000})
    second = compute(publish=False)
    scheme = selectors.scheme_named(second, "four_tiers", "institution")
    assert scheme is not None

    def look(actor: Actor, **asked: Any) -> list[tuple[str, str, str | None]]:
        with acting(actor):
            lines, more = outcomes(actor=actor, run=second, current=first, scheme=scheme, asked=Asked(**asked))
        assert not more
        return [(str(line.customer), line.tier, line.held) for line in lines]

    everybody = look(market.actor)
    assert len(everybody) == 21
    assert everybody[0] == ("江城市酉州医院", "strategic", "ordinary"), "who sees purchases gets the best first"
    assert [name for name, _tier, _held in look(market.actor, tier="strategic")] == [
        name for name, tier, _held in everybody if tier == "strategic"
    ]
    assert "江城市酉州医院" in {name for name, _tier, _held in look(market.actor, change="up")}
    assert look(market.actor, text="酉州") == everybody[:1]
    east = Actor(None, "east", (Grant(VIEW, frozenset({market.east.pk})),))
    mine = look(east)
    assert {name for name, _tier, _held in mine} == {institution.name for institution in market.institutions[:10]}
    assert look(east, text="酉州") == [], "a customer of another region is not found"
    assert look(east, change="up") == []


def test_a_scheme_for_both_subjects_says_for_whom(market: Market, compute: Callable[..., Any]) -> None:
    titles = [scheme.title for scheme in selectors.schemes(compute())]
    assert len(set(titles)) == len(titles)
    assert {"大客户ABC分类（机构）", "大客户ABC分类（专业人士）", "客户四级分层"} <= set(titles)


def test_two_schemes_name_the_pair_they_disagree_about_most(market: Market, compute: Callable[..., Any]) -> None:
    known = {scheme.key: scheme for scheme in selectors.schemes(compute())}
    first, second = known["four_tiers.institution"], known["kam_abc.institution"]
    pairs = {("strategic", "a"): 5, ("core", "c"): 2, ("potential", "b"): 3, ("ordinary", "c"): 10}
    apart = selectors.disagreement(first, second, pairs)
    assert (apart.share, apart.largest) == (0.25, ("potential", "b", 3))
    assert selectors.disagreement(first, second, {("strategic", "a"): 1}).largest is None


@pytest.mark.parametrize("content", [b"", b"PAR1 cut", b"{"])
def test_damaged_results_are_said_and_not_shown(settings: Any, tmp_path: Path, content: bytes) -> None:
    settings.DATA = tmp_path
    folder = files.folder(7) / "institution"
    folder.mkdir(parents=True)
    (folder / "rfm.parquet").write_bytes(content)
    (folder / "rfm.json").write_bytes(content)
    for read in (
        lambda: results.table(7, "institution", "rfm"),
        lambda: results.row(7, "institution", "rfm", 1),
        lambda: results.scheme(7, "institution", "rfm"),
    ):
        with pytest.raises(files.ResultsDamaged, match="第 7 号"):
            read()


def test_a_condition_on_a_share_is_read_and_typed_in_percent() -> None:
    document = FourTiers().model_dump(mode="json")
    with translation.override("zh-hans"):
        shown = {each.path: each.shown for each in figures(FourTiers, document) if each.path.endswith("at_least")}
    assert "30%" in shown.values()
    assert "730 天" in shown.values()

    def controls(nodes: Any) -> Any:
        for node in nodes:
            yield node
            yield from controls(node.children)

    (place,) = (
        each.name for each in controls(forms.PolicyForm(FourTiers, document).nodes)
        if each.name.endswith("at_least") and (each.unit, each.value) == ("ratio", "30")
    )  # fmt: skip
    asked = QueryDict(mutable=True)
    _spec, rules, rule, _when, when, _field = place.split(".")
    asked.update({f"spec.{rules}.{rule}.when.{when}.input": "channel_share", place: "35"})
    asked.setlist(f"spec.{rules}.__rows", [rule])
    asked.setlist(f"spec.{rules}.{rule}.when.__rows", [when])
    (read_rule,) = forms.read(FourTiers, asked)["spec"][rules]
    assert Decimal(str(read_rule["when"][0]["at_least"])) == Decimal("0.35")
    asked[f"spec.{rules}.{rule}.when.{when}.input"] = "tenure_days"
    (read_rule,) = forms.read(FourTiers, asked)["spec"][rules]
    assert Decimal(str(read_rule["when"][0]["at_least"])) == Decimal(35)
