"""Each detector on lines where the answer is known, and on lines where there is nothing to find."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yaomai.engine.backends import arrow_table, connected
from yaomai.engine.claims.detectors import DETECTORS
from yaomai.engine.claims.lines import standard_lines
from yaomai.engine.claims.settings import Settings
from yaomai.engine.claims.sweeping import findings, line_scores, sweep
from yaomai.engine.claims.wording import SENTENCES, sentence

MONDAY = date(2026, 3, 2)
EVENING = datetime(2026, 3, 2, 23, 10)  # noqa: DTZ001 — local, as it is typed


def line(number: int, person: str = "a", **said: Any) -> dict[str, Any]:
    """Return a line like any other: its own day, recipient and invoice, an amount that is not round."""
    usual = {
        "line": str(number), "person": person, "day": MONDAY + timedelta(days=number % 5 + 7 * (number // 5)),
        "amount": 61.5 + number, "recipient": f"r{number % 7}{person}", "institution": f"i{number % 7}", "form": "gift",
        "invoice": f"FP-{person}-{10_000 + 17 * number}", "entered_at": EVENING.replace(hour=15, minute=number % 60),
        "city": "4201", "latitude": None, "longitude": None,
    }  # fmt: skip
    return usual | said


def hits_of(rows: list[dict[str, Any]], tmp_path: Path, figures: Settings | None = None, **more: Any) -> pa.Table:
    with connected() as connection:
        values = more.pop("values", None)
        worth = arrow_table(connection, pa.Table.from_pylist(values), tmp_path, "values") if values else None
        schema = pa.Table.from_pylist(rows).schema
        for name in ("latitude", "longitude"):
            if name in schema.names:
                schema = schema.set(schema.get_field_index(name), pa.field(name, pa.float64()))
        table = arrow_table(connection, pa.Table.from_pylist(rows, schema), tmp_path, "lines")
        return sweep(standard_lines(table), figures or Settings(), values=worth, **more)


def found(rows: list[dict[str, Any]], tmp_path: Path, figures: Settings | None = None, **more: Any) -> dict[str, Any]:
    """Return the lines of each finding by detector."""
    named: dict[str, list[list[str]]] = {}
    for each in findings(hits_of(rows, tmp_path, figures, **more)).to_pylist():
        named.setdefault(each["detector"], []).append(each["named"])
    return named


QUIET = [line(number, person) for number, person in enumerate("abcd" * 15)]


def test_nothing_is_found_where_nothing_is_odd(tmp_path: Path) -> None:
    assert found(QUIET, tmp_path) == {}


def test_one_invoice_for_two_lines_is_graver_by_two_people(tmp_path: Path) -> None:
    rows = [*QUIET, line(90, "a", invoice="X1"), line(91, "b", invoice="X1"), line(92, "c", invoice="X2"),
            line(93, "c", invoice="X2"), line(94, "d", invoice=""), line(95, "d", invoice="")]  # fmt: skip
    told = [each for each in findings(hits_of(rows, tmp_path)).to_pylist() if each["detector"] == "same_invoice"]
    assert [(each["named"], each["person"], each["other"]) for each in told] == [
        (["90", "91"], "a", "b"),
        (["92", "93"], "c", None),
    ]
    assert told[0]["strength"] > told[1]["strength"]


def test_the_same_thing_under_two_invoices_is_found_and_one_thing_in_two_parts_is_not(tmp_path: Path) -> None:
    same = {"day": MONDAY, "amount": 84.5, "recipient": "r1", "form": "textbook"}
    rows = [
        *QUIET,
        line(90, "a", **same),
        line(91, "b", **same),
        line(92, "a", **(same | {"day": MONDAY + timedelta(1)})),
    ]
    assert found(rows, tmp_path)["same_content"] == [["90", "91"]]


def test_parts_below_the_limit_close_together_are_one_finding(tmp_path: Path) -> None:
    parts = [
        line(90 + number, "a", recipient="boss", day=MONDAY + timedelta(days=number * 3), amount=480.0, form="meal")
        for number in range(3)
    ]
    apart = line(95, "a", recipient="boss", day=MONDAY + timedelta(days=20), amount=900.0, form="meal")
    assert found([*QUIET, *parts, apart], tmp_path)["split"] == [["90", "91", "92"]]
    assert "split" not in found([*QUIET, *parts[:2], apart], tmp_path), "960 yuan is below the limit"
    assert "split" not in found([*QUIET, *parts, apart], tmp_path, Settings(split_days=2))
    assert "split" not in found([*QUIET, line(90, "a", recipient="boss", amount=4000.0)], tmp_path), "one large line"


@pytest.mark.parametrize(
    ("detector", "said"),
    [
        ("round_amounts", {"amount": 300.0}),
        ("off_days", {"form": "meal", "day": MONDAY + timedelta(days=5)}),
        ("night_entries", {"entered_at": EVENING}),
    ],
)
def test_a_habit_is_found_when_it_is_far_beyond_that_of_others(
    detector: str, said: dict[str, Any], tmp_path: Path
) -> None:
    many = [line(number, "abcdefgh"[number % 8], form="meal") for number in range(400)]
    odd = [line(1000 + number, "z", **({"form": "meal"} | said)) for number in range(25)]
    usual = [line(2000 + number, "abcdefgh"[number % 8], **({"form": "meal"} | said)) for number in range(8)]
    assert found([*many, *odd, *usual], tmp_path)[detector] == [[str(1000 + number) for number in range(25)]]
    assert detector not in found([*many, *odd[:10], *usual], tmp_path), "ten lines are no habit yet"


def test_days_off_are_those_that_are_named(tmp_path: Path) -> None:
    many = [line(number, "abcdefgh"[number % 8], form="meal") for number in range(400)]
    odd = [line(1000 + number, "z", form="meal", day=date(2026, 10, 1)) for number in range(25)]
    assert "off_days" in found([*many, *odd], tmp_path, off_days=[date(2026, 10, 1)])
    assert "off_days" not in found([*many, *odd], tmp_path), "a Thursday, as far as anybody said"


def test_places_too_far_apart_on_one_day_are_found_with_their_distance(tmp_path: Path) -> None:
    there = [
        line(90, "a", day=MONDAY, latitude=30.59, longitude=114.31),
        line(91, "a", day=MONDAY, latitude=39.90, longitude=116.41),
        line(92, "b", day=MONDAY, latitude=30.59, longitude=114.31),
        line(93, "b", day=MONDAY, latitude=30.62, longitude=114.25),
    ]
    told = findings(hits_of([*QUIET[5:], *there], tmp_path)).to_pylist()
    assert [(each["named"], each["detector"]) for each in told if "90" in each["named"]] == [
        (["90", "91"], "impossible_days")
    ]
    assert told[0]["measure"] == pytest.approx(1052, abs=5), "Wuhan to Beijing"
    cities = [line(90 + number, "a", day=MONDAY, city=str(number)) for number in range(3)]
    assert found([*QUIET[5:], *cities], tmp_path)["impossible_days"] == [["90", "91", "92"]]
    assert "impossible_days" not in found([*QUIET[5:], *cities[:2]], tmp_path)


def test_a_person_who_spends_on_one_recipient_of_many_is_found(tmp_path: Path) -> None:
    many = [line(number, "z", recipient=f"r{number}") for number in range(20)]
    one = [line(100 + 20 * number, "z", recipient="friend", amount=700.0) for number in range(6)]
    told = findings(hits_of([*QUIET, *many, *one], tmp_path)).to_pylist()
    pairs = [each for each in told if each["detector"] == "unusual_pairs"]
    assert [(each["person"], each["recipient"], each["lines"]) for each in pairs] == [("z", "friend", 6)]


def test_spending_that_value_does_not_explain_is_found(tmp_path: Path) -> None:
    rows = [*QUIET, *(line(200 + number, "abcd"[number % 4], institution="small", amount=900.0) for number in range(8))]
    values = [{"institution": f"i{number}", "value": 1_000_000.0} for number in range(7)]
    told = findings(hits_of(rows, tmp_path, values=[*values, {"institution": "small", "value": 100.0}])).to_pylist()
    odd = [each for each in told if each["detector"] == "spend_against_value"]
    assert [(each["key"], each["lines"]) for each in odd] == [("small", 8)]
    assert odd[0]["measure"] == 7200.0 and odd[0]["expected"] < 200
    worth = [*values, {"institution": "small", "value": 90_000_000.0}]
    assert "spend_against_value" not in found(rows, tmp_path, values=worth)
    assert "spend_against_value" not in found(rows, tmp_path), "without values nothing is compared"


def test_people_whose_invoices_follow_one_another_are_one_ring(tmp_path: Path) -> None:
    ring = [line(100 + number, "xyx"[number % 3], invoice=f"KK{70_000 + number}") for number in range(9)]
    third = [line(200 + number, "yw"[number % 2], invoice=f"QQ{30_000 + number}") for number in range(4)]
    own = [line(300 + number, "v", invoice=f"PP{10_000 + number}") for number in range(9)]
    told = [
        each
        for each in findings(hits_of([*QUIET, *ring, *third, *own], tmp_path)).to_pylist()
        if each["detector"] == "ring"
    ]
    assert [(each["key"], each["lines"]) for each in told] == [("w|x|y", 13)], "y joins both; v has only their own"


def test_a_score_of_a_line_grows_with_its_findings_and_falls_with_the_weight(tmp_path: Path) -> None:
    twice = {"day": MONDAY, "amount": 84.5, "recipient": "r1", "form": "textbook"}
    rows = [
        line(1, "a", invoice="X1", **twice),
        line(2, "b", invoice="X1", **twice),
        line(3, "b", **twice),
        line(4, "c"),
    ]
    hits = hits_of(rows, tmp_path)
    scores = {row["line"]: row["score"] for row in line_scores(hits).to_pylist()}
    assert set(scores) == {"1", "2", "3"} and scores["1"] > 0.98 > scores["3"] == pytest.approx(0.45)
    lighter = {row["line"]: row["score"] for row in line_scores(hits, {"same_content": 0.5}).to_pylist()}
    assert lighter["3"] == pytest.approx(0.225)
    ranked = findings(hits, {"same_invoice": 0.1})
    assert ranked["detector"].to_pylist() == ["same_content", "same_invoice"]


def test_every_detector_has_its_words() -> None:
    assert set(SENTENCES) == set(DETECTORS)
    for name in DETECTORS:
        one = {"detector": name, "measure": 0.5, "expected": None}
        assert sentence(one) and sentence(one, "en") and sentence(one) != sentence(one, "en")


ROWS = [
    *QUIET[:6],
    *(line(90 + number, "a", recipient="x", day=MONDAY, amount=480.0 + number) for number in range(6)),
]


@pytest.fixture(scope="module")
def found_in_order(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return found(ROWS, tmp_path_factory.mktemp("in_order"))


@settings(max_examples=5)
@given(st.permutations(range(12)))
def test_the_order_of_lines_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, found_in_order: dict[str, Any], order: list[int]
) -> None:
    assert found([ROWS[number] for number in order], tmp_path_factory.mktemp("order")) == found_in_order


def test_missing_columns_keep_detectors_silent_and_required_ones_are_named(tmp_path: Path) -> None:
    few = [{name: row[name] for name in ("line", "person", "day", "amount")} for row in QUIET]
    assert found(few, tmp_path) == {}
    pq.write_table(pa.table({"line": ["1"]}), tmp_path / "few.parquet")
    with connected() as connection, pytest.raises(KeyError, match="person"):
        standard_lines(connection.read_parquet(str(tmp_path / "few.parquet")))


def run(*arguments: str) -> Any:
    from typer.testing import CliRunner

    from yaomai.engine.cli import app

    return CliRunner().invoke(app, ["claims", *arguments])


MAP = "line=单号,person=人员,day=日期,amount=金额,invoice=发票"


def test_the_command_writes_findings_with_their_reasons(tmp_path: Path) -> None:
    file, output = tmp_path / "报销.csv", tmp_path / "疑点.csv"
    lines = [
        "单号,人员,日期,金额,发票",
        "1,施丽,2026-03-02,88.5,F1",
        "2,何桂,2026/3/4,90.1,F1",
        "3,何桂,2026年3月5日,12,F3",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    done = run(str(file), "--map", MAP, "-o", str(output), "--language", "zh")
    assert done.exit_code == 0 and "3 行，1 个疑点" in done.output
    text = output.read_text(encoding="utf-8-sig")
    assert "一张发票 2 次报销" in text and "1、2" in text and "same_invoice" in text


@pytest.mark.parametrize(
    ("lines", "mapping", "settings", "says"),
    [
        (["单号,人员,日期,金额,发票", "1,,2026-03-02,88.5,F1"], MAP, "", "第 2 行没有人员"),
        (["单号,人员,日期,金额,发票", "1,a,哪天,88.5,F1"], MAP, "", "哪天"),
        (["单号,人员,日期,金额,发票", "1,a,2026-03-02,88,F1"], "line=单号,person=人员,day=日期", "", "amount"),
        (["单号,人员,日期,金额,发票", "1,a,2026-03-02,88,F1"], f"{MAP},entered_at=发票", "", "F1"),
        (["单号,人员,日期,金额,发票", "1,a,2026-03-02,88,F1"], MAP, "split_limit: -5", "split_limit"),
    ],
)
def test_bad_input_says_where_and_writes_nothing(
    lines: list[str], mapping: str, settings: str, says: str, tmp_path: Path
) -> None:
    file, output, figures = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    figures.write_text(settings, encoding="utf-8")
    done = run(str(file), "--map", mapping, "-o", str(output), "--language", "zh", "--settings", str(figures))
    assert done.exit_code == 1 and says in done.output and not output.exists()
