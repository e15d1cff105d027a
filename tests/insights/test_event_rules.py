"""What a policy event does to revenue, and which advice fits; without a database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.insights.events import rules
from yaomai.insights.events.policies import EventPolicy

D = Decimal


def test_revenue_is_the_range_of_price_times_volume() -> None:
    # A price 60 to 40 % lower, a volume up to half more: 0.4 × 1 to 0.6 × 1.5.
    found = rules.revenue(D(1000), price=(D("-0.6"), D("-0.4")), volume=(D(0), D("0.5")))
    assert found == (D("400.00"), D("900.00"))
    assert rules.at_risk(D(1000), found[0]) == D(600)
    gain = rules.revenue(D(1000), price=(D(0), D(0)), volume=(D("0.2"), D("0.6")))
    assert gain == (D("1200.00"), D("1600.00")) and rules.at_risk(D(1000), gain[0]) == 0


def test_more_returned_than_bought_stays_what_it_is() -> None:
    assert rules.revenue(D(-50), price=(D("-0.6"), D(0)), volume=(D(0), D(1))) == (D(-50), D(-50))
    assert rules.revenue(D(0), price=(D("-0.6"), D(0)), volume=(D(0), D(1))) == (D(0), D(0))


ratio = st.decimals(D(-1), D(10), places=4)


@given(base=st.decimals(D(0), D(10**12), places=2), price=st.tuples(ratio, ratio), volume=st.tuples(ratio, ratio))
def test_whatever_the_ranges_the_low_is_not_above_the_high_nor_below_nothing(
    base: Decimal, price: tuple[Decimal, Decimal], volume: tuple[Decimal, Decimal]
) -> None:
    low, high = rules.revenue(base, price=price, volume=volume)
    assert 0 <= low <= high
    assert rules.at_risk(base, low) >= 0


@pytest.mark.parametrize(("actual", "said"), [(399, "below"), (400, "within"), (900, "within"), (901, "above")])
def test_what_came_lies_below_within_or_above(actual: int, said: str) -> None:
    assert rules.standing(D(actual), low=D(400), high=D(900)) == said


def test_directions() -> None:
    assert rules.direction(D(10), low=D(4), high=D(9)) == "loss"
    assert rules.direction(D(10), low=D(11), high=D(12)) == "gain"
    assert rules.direction(D(10), low=D(4), high=D(12)) == "any"


def test_advice_fits_by_event_customer_share_and_direction() -> None:
    conditions = EventPolicy().conditions()

    def codes(**said: object) -> list[str]:
        return rules.fitting(conditions, **said)  # type: ignore[arg-type]

    hospital = codes(event_kind="vbp", customer_kind="hospital", share=D("0.5"), moves="loss")
    assert hospital == ["report", "meeting", "volume", "alternatives"]
    assert codes(event_kind="vbp", customer_kind="hospital", share=D("0.1"), moves="loss") == [
        "report",
        "volume",
        "alternatives",
    ]
    assert codes(event_kind="vbp", customer_kind="pharmacy", share=D("0.1"), moves="loss") == ["report", "stock"]
    assert codes(event_kind="nrdl", customer_kind="hospital", share=D("0.1"), moves="gain") == [
        "report",
        "academic",
        "limits",
    ]
    assert codes(event_kind="nrdl", customer_kind="hospital", share=D("0.1"), moves="loss") == ["report", "limits"]
    assert codes(event_kind="other", customer_kind="distributor", share=D(0), moves="any") == ["report"]


def test_names_are_separated_by_any_comma() -> None:
    assert rules.names_in(" 安氯平片、阿托片,阿托片；安达片，") == ["安氯平片", "阿托片", "安达片"]
    assert rules.names_in(" ") == []
