"""Growth, match, quadrants and next steps, by numbers worked by hand."""

from decimal import Decimal

import pytest

from yaomai.insights import rules
from yaomai.insights.policies import TargetPolicy, TargetRulesPolicy

CUT = Decimal("0.10")
FIGURES = rules.MatchFigures(60, 20, 800, {"3": 20, "2": 12, "1": 4})


def growth(amount: int, prior: int, buyers: int, largest: int = 0, largest_prior: int = 0) -> rules.Growth:
    sold = rules.Sold(Decimal(amount), Decimal(prior), buyers, Decimal(largest), Decimal(largest_prior))
    return rules.sales_growth(sold, fewest_buyers=5, least_amount=Decimal(50_000), cut=CUT)


def test_growth_of_enough_buyers_counts() -> None:
    found = growth(120_000, 100_000, 5, 30_000, 26_000)
    # (120 - 100) / 100 = 20 %; without the largest (90 - 74) / 74 = 21.62 %
    assert (found.rate, found.without_largest, found.standing) == (Decimal("0.2000"), Decimal("0.2162"), "known")


def test_growth_that_one_buyer_makes_is_said_to_rest_on_it() -> None:
    # 20 % in all, but (70 - 80) / 80 = -12.5 % without the largest
    found = growth(120_000, 100_000, 6, 50_000, 20_000)
    assert (found.without_largest, found.standing, found.is_usable) == (Decimal("-0.1250"), "narrow", True)


@pytest.mark.parametrize(("prior", "buyers"), [(100_000, 4), (49_999, 5), (0, 9), (-10, 9)])
def test_few_buyers_or_little_money_say_nothing(prior: int, buyers: int) -> None:
    assert (growth(120_000, prior, buyers).standing, growth(120_000, prior, buyers).is_usable) == ("small", False)


def test_published_growth_is_the_mean_of_the_years_between() -> None:
    assert rules.market_growth({2025: Decimal(121), 2023: Decimal(100), 2020: Decimal(999)}).rate == Decimal("0.1000")
    assert rules.market_growth({2024: Decimal(100), 2025: Decimal(90)}).rate == Decimal("-0.1000")
    for values in ({2025: Decimal(1)}, {2024: Decimal(0), 2025: Decimal(5)}, {}):
        assert rules.market_growth(values) == rules.UNKNOWN
    large, small = {2024: Decimal(1000), 2025: Decimal(1050)}, {2024: Decimal(10), 2025: Decimal(20)}
    assert rules.largest_market({"a": small, "b": large, "c": {2025: Decimal(9999)}}).rate == Decimal("0.0500")


def test_match_adds_its_parts_and_says_what_is_unknown() -> None:
    full = rules.match(has_target=True, knows_departments=True, patients=800, grade="3A", figures=FIGURES)
    assert (full.department, full.patients, full.grade, full.points) == (60, 20, 20, 100)
    half = rules.match(has_target=False, knows_departments=True, patients=399, grade="2B", figures=FIGURES)
    assert (half.department, half.patients, half.grade, half.points) == (0, 9, 12, 21)  # 20 × 399 / 800 = 9.975
    blank = rules.match(has_target=False, knows_departments=False, patients=None, grade="", figures=FIGURES)
    assert (blank.department, blank.patients, blank.grade, blank.points) == (None, None, None, 0)
    assert rules.match(has_target=False, knows_departments=True, patients=0, grade="0", figures=FIGURES).grade == 0


@pytest.mark.parametrize(
    ("rate", "points", "where"),
    [("0.10", 60, "breakthrough"), ("0.0999", 60, "deepen"), ("0.10", 59, "cultivate"), ("-0.5", 0, "watch")],
)
def test_on_a_cut_counts_as_above_it(rate: str, points: int, where: str) -> None:
    known = rules.Growth(Decimal(rate), "known", "sales")
    assert rules.quadrant(known, points, growth_cut=CUT, match_cut=60) == where


def test_without_usable_growth_there_is_no_quadrant() -> None:
    for found in (rules.UNKNOWN, rules.Growth(Decimal("0.9"), "small", "sales")):
        assert rules.quadrant(found, 100, growth_cut=CUT, match_cut=60) == ""


def hospital(name: str = "江城市第一人民医院", **more: object) -> rules.Hospital:
    told = {"city": "江城", "grade": "3A", "beds": 1200, "incidence": {"C34": Decimal("0.05")}, **more}
    return rules.Hospital(name, **told)  # type: ignore[arg-type]


def test_the_documents_example_rules() -> None:
    conditions = TargetRulesPolicy().conditions()
    assert rules.applying(conditions, hospital()) == ["rising_cancer", "large_general"]
    assert rules.applying(conditions, hospital(city="上海")) == ["large_general"]
    assert rules.applying(conditions, hospital(city="")) == ["large_general"]
    assert rules.applying(conditions, hospital(incidence={"C34": Decimal(0), "I10": Decimal(1)})) == ["large_general"]
    assert rules.applying(conditions, hospital("江城市肿瘤医院")) == ["rising_cancer"]
    assert rules.applying(conditions, hospital(beds=799, incidence={})) == []
    assert rules.applying(conditions, hospital(grade="2A", incidence={})) == []
    assert not rules.Condition("empty").holds(hospital())


def test_points_of_a_match_add_up_to_a_hundred() -> None:
    with pytest.raises(ValueError, match="100"):
        TargetPolicy(department_points=50)


LIMITS = rules.Limits(90, Decimal("0.3"), Decimal("0.2"), Decimal("0.05"), Decimal("0.8"), 50)


def bought(**more: object) -> rules.Bought:
    told = {"amount": Decimal(100), "prior": Decimal(100), "returned": Decimal(0), "top_share": Decimal("0.5"), "days_silent": 10,
            "completeness": 80, "step": "", **more}  # fmt: skip
    return rules.Bought(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({}, ["steady"]),
        ({"days_silent": 90}, ["steady"]),
        ({"days_silent": 91, "amount": Decimal(70)}, ["silent", "fall"]),
        ({"days_silent": None, "amount": Decimal(0), "prior": Decimal(0), "top_share": None}, ["never"]),
        ({"returned": Decimal(5), "amount": Decimal(95)}, ["returns"]),  # 5 / (95 + 5) = 5 %
        ({"returned": Decimal(4), "amount": Decimal(96)}, ["steady"]),
        ({"amount": Decimal(120), "step": "提交资料"}, ["listing", "rise"]),
        ({"top_share": Decimal("0.8"), "completeness": 49}, ["one_product", "profile"]),
    ],
)
def test_what_to_do_next_the_most_urgent_first(more: dict[str, object], codes: list[str]) -> None:
    assert rules.next_steps(bought(**more), LIMITS) == codes
