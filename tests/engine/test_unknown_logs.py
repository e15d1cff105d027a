"""Logs that strangers have, scored by the command and by pandas alone: every customer gets the same."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from benchmarks.market import SHARED
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from yaomai.engine.cli import app
from yaomai.engine.schemes import SCHEME_NAMES

from .reference import rfm

Run = Callable[..., Any]
SCORECARDS = ("prescriber_potential", "academic_influence", "decision_power")
"""What judges people by what is recorded of them; a log of purchases says nothing about it."""
MEASURED = [name for name in SCHEME_NAMES if name not in SCORECARDS]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line given as words in an empty folder; a failure raises with what it said."""
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        if result.exit_code:
            raise RuntimeError(result.output)
        return result.output

    return command


def scored(run: Run, file: str, *options: str, columns: tuple[str, str, str] = ("customer", "date", "amount")) -> Any:
    """Run `rfm` and read its result back with pandas."""
    customer, day, amount = columns
    run("rfm", file, "--customer", customer, "--date", day, "--amount", amount, "-o", "out.parquet", *options)
    frame = pd.read_parquet("out.parquet")
    frame["monetary"] = (frame["monetary"].astype(float) * 100).round().astype("int64")
    return frame.set_index("customer").sort_index()


def assert_same(ours: Any, theirs: Any) -> None:
    pd.testing.assert_frame_equal(
        ours.astype("float64"), theirs[list(ours.columns)].astype("float64"), check_index_type=False, check_names=False
    )


def cents(amounts: Any) -> Any:
    return (amounts * 100).round().astype("int64")


def needs(path: Path) -> Path:
    if not path.exists():
        pytest.skip("needs the shared data: set YAOMAI_SHARED_DATA")
    return path


def cdnow() -> Any:
    text = needs(SHARED / "cdnow_sample" / "CDNOW_sample.txt").read_text(encoding="utf-8")
    names = ["index", "customer", "date", "units", "amount"]
    return pd.read_csv(io.StringIO(text), sep=r"\s+", names=names, dtype={"customer": str, "date": str})


@pytest.mark.parametrize("as_of", [None, "1997-09-30"])
def test_cdnow(run: Run, as_of: str | None) -> None:
    log = cdnow()
    log.to_csv("log.csv", index=False)
    ours = scored(run, "log.csv", *(("--as-of", as_of) if as_of else ()))
    log["date"], log["amount"] = pd.to_datetime(log["date"]), cents(log["amount"])
    assert ours.index[0] == "0001"
    assert_same(ours, rfm(log, as_of=as_of))


def test_repeat_purchases_of_cdnow_are_those_published(run: Run) -> None:
    """Fader, Hardie and Lee, Marketing Science 24 (2005): repeat transactions in weeks 1 to 39 of 2,357 customers."""
    cdnow().to_csv("log.csv", index=False)
    repeats = scored(run, "log.csv", "--as-of", "1997-09-30")["frequency"] - 1
    counts = repeats.clip(upper=7).value_counts().sort_index().tolist()
    assert counts == [1411, 439, 214, 100, 62, 38, 29, 64]


@pytest.mark.parametrize("bins", [3, 5, 9])
@pytest.mark.parametrize("form", ["iso", "american", "british", "named"])
def test_online_retail_in_every_form_of_date(run: Run, form: str, bins: int) -> None:
    path = needs(SHARED / "retail_sales" / "online_retail_tenth.csv.gz")
    log = pd.read_csv(path, dtype={"CustomerID": str})
    moments = pd.to_datetime(log["InvoiceDate"])
    forms = {
        "iso": "%Y-%m-%d %H:%M:%S", "american": "%m/%d/%Y %H:%M", "british": "%d/%m/%Y", "named": "%d-%b-%y",
    }  # fmt: skip
    log["Amount"] = (log["Quantity"] * log["UnitPrice"]).round(2)
    log.assign(InvoiceDate=moments.dt.strftime(forms[form])).to_csv("log.csv", index=False, encoding="utf-8-sig")
    ours = scored(run, "log.csv", "--bins", str(bins), columns=("CustomerID", "InvoiceDate", "Amount"))
    frame = pd.DataFrame({"customer": log["CustomerID"], "date": moments, "amount": cents(log["Amount"])})
    assert (frame["amount"] < 0).any()
    assert_same(ours, rfm(frame, bins=bins))


LOG = pd.DataFrame(
    {
        "客户": ["00012", "00012", "7", "甲, 医院", "甲, 医院", "乙", "乙"],
        "日期": pd.to_datetime(
            ["2026-06-30", "2026-06-30", "2026-05-02", "2026-01-10", "2026-01-11", "2026-06-30", "2026-03-01"]
        ),
        "金额": [1200.0, 300.5, 80.5, 20.0, -5.0, 0.0, -7.25],
    }
)


def expected(frame: Any = LOG) -> Any:
    return rfm(pd.DataFrame({"customer": frame["客户"], "date": frame["日期"], "amount": cents(frame["金额"])}))


def write(frame: Any, name: str) -> None:
    if name.endswith(".xlsx"):
        frame.to_excel(name, index=False)
    elif name.endswith(".parquet"):
        frame.to_parquet(name)
    elif name.endswith(".gz"):
        Path(name).write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
    else:
        encoding = {"gbk.csv": "gbk", "bom.csv": "utf-8-sig", "wide.txt": "utf-16"}.get(name, "utf-8")
        mark = {"tabs.tsv": "\t", "semicolons.csv": ";", "pipes.txt": "|"}.get(name, ",")
        frame.to_csv(name, index=False, sep=mark, encoding=encoding)


@pytest.mark.parametrize(
    "name",
    ["gbk.csv", "bom.csv", "wide.txt", "tabs.tsv", "semicolons.csv", "pipes.txt", "a.csv.gz", "a.xlsx", "a.parquet"],
)
def test_every_kind_of_file(run: Run, name: str) -> None:
    write(LOG, name)
    assert_same(scored(run, name, columns=("客户", "日期", "金额")), expected())


@pytest.mark.parametrize(
    "kinds",
    [
        {"客户": "category"},
        {"客户": "string"},
        {"客户": "string[pyarrow]", "金额": "float32"},
        {"日期": "datetime64[s, Asia/Shanghai]"},
        {"日期": "datetime64[ms]"},
    ],
)
def test_every_type_of_column_that_data_frames_write(run: Run, kinds: dict[str, str]) -> None:
    frame = LOG.copy()
    if "Asia" in kinds.get("日期", ""):
        frame["日期"] = frame["日期"].dt.tz_localize("Asia/Shanghai") + pd.Timedelta(hours=1)
    else:
        frame = frame.astype(kinds)
    frame.to_parquet("a.parquet")
    assert_same(scored(run, "a.parquet", columns=("客户", "日期", "金额")), expected())


def test_one_row_one_day_and_one_customer(run: Run) -> None:
    for frame in (LOG.head(1), LOG.assign(日期=LOG["日期"].max()), LOG.assign(客户="甲")):
        write(frame, "log.csv")
        assert_same(scored(run, "log.csv", columns=("客户", "日期", "金额")), expected(frame))


def test_a_customer_that_only_returned_has_no_recency_and_the_worst_score(run: Run) -> None:
    write(LOG.assign(金额=[1, 1, -1, 1, 1, 1, 1]), "log.csv")
    row = scored(run, "log.csv", columns=("客户", "日期", "金额")).loc["7"]
    assert pd.isna(row["recency_days"])
    assert (row["frequency"], row["monetary"], row["r"]) == (0, -100, 1)


def test_incomplete_rows_stop_the_command_or_are_left_out_and_counted(run: Run) -> None:
    lines = [
        "客户,日期,金额",
        "甲,2026-06-30,1",
        ",,",
        "",
        "合计,,3",
        ",2026-06-01,2",
        "乙,2026-06-02,",
        "乙,2026-06-02,2",
    ]
    Path("log.csv").write_text("\n".join(lines), encoding="utf-8")
    words = ("rfm", "log.csv", "--customer", "客户", "--date", "日期", "--amount", "金额", "-o", "out.csv")
    with pytest.raises(RuntimeError, match=r"log\.csv 第 6 行“客户”列没有值（共 2 行缺值）.*--skip-incomplete"):
        run(*words)
    assert not Path("out.csv").exists()
    said = run(*words, "--skip-incomplete")
    assert "略过 2 行" in said
    assert "略过 1 行合计和备注" in said
    assert pd.read_csv("out.csv")["customer"].tolist() == ["乙", "甲"]


def test_long_numbers_and_leading_zeros_come_back_as_they_are(run: Run) -> None:
    keys = ["007", "7", "12345678901234567890", "0", "1e5", "17850.0"]
    write(pd.DataFrame({"客户": keys, "日期": "2026-06-30", "金额": 1}), "log.csv")
    assert set(scored(run, "log.csv", columns=("客户", "日期", "金额")).index) == set(keys)
    pd.DataFrame({"客户": [2**63 - 1, 2**53 + 1], "日期": LOG["日期"][:2], "金额": 1}).to_parquet("log.parquet")
    assert set(scored(run, "log.parquet", columns=("客户", "日期", "金额")).index) == {2**63 - 1, 2**53 + 1}
    run("rfm", "log.parquet", "--customer", "客户", "--date", "日期", "--amount", "金额", "-o", "out.xlsx")
    assert set(pd.read_excel("out.xlsx", dtype=str)["customer"]) == {str(2**63 - 1), str(2**53 + 1)}


def test_customers_and_lines_may_write_their_keys_as_numbers_or_as_text(run: Run) -> None:
    pd.DataFrame({"id": [7, 8], "日期": LOG["日期"][:2], "金额": [1, 2]}).to_excel("log.xlsx", index=False)
    Path("customers.csv").write_text("id,store_count\n7,70\n008,80\n", encoding="utf-8")
    run("tier", "log.xlsx", "--map", "customer=id,date=日期,amount=金额", "--customers", "customers.csv",
        "--scheme", "four_tiers", "-o", "out.csv")  # fmt: skip
    assert set(pd.read_csv("out.csv", dtype=str)["customer"]) == {"7", "8", "008"}


amounts = st.integers(-(10**6), 10**6)
logs = st.lists(st.tuples(st.sampled_from("甲乙丙丁戊己"), st.integers(0, 500), amounts), min_size=1, max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs, st.integers(2, 9))
def test_any_log_is_scored_as_pandas_scores_it(run: Run, rows: list[tuple[str, int, int]], bins: int) -> None:
    frame = pd.DataFrame(rows, columns=["customer", "date", "amount"])
    frame["date"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(frame["date"], unit="D")
    frame.assign(amount=frame["amount"] / 100).to_csv("log.csv", index=False)
    assert_same(scored(run, "log.csv", "--bins", str(bins)), rfm(frame, bins=bins))


@pytest.mark.parametrize("scheme", MEASURED)
def test_every_scheme_works_with_customer_date_and_amount_alone(run: Run, scheme: str) -> None:
    path = needs(SHARED / "retail_sales" / "online_retail_tenth.csv.gz")
    log = pd.read_csv(path, dtype={"CustomerID": str})
    log["Amount"] = (log["Quantity"] * log["UnitPrice"]).round(2)
    log.to_csv("log.csv", index=False)
    mapping = "customer=CustomerID,date=InvoiceDate,amount=Amount"
    run("tier", "log.csv", "--map", mapping, "--scheme", scheme, "-o", "out.csv", "--language", "en")
    result = pd.read_csv("out.csv", dtype={"customer": str})
    assert list(result.columns) == ["customer", "tier", "score", "rank", "explanation"]
    assert len(result) == log["CustomerID"].nunique()
    equals = result.groupby("rank").size().cumsum()
    assert equals.index.tolist() == equals.tolist(), "equals share the last of their ranks"
    assert result["score"].is_monotonic_decreasing
    assert result["score"].between(0, 100).all()
    missing = result["explanation"].str.extract(r"Missing: ([^.]*)\.")[0]
    assert missing.notna().all()
    assert missing.str.contains(r"\((?:taken as average|taken as 0|left out)\)").all()


@pytest.mark.parametrize(
    "scheme", [name for name in MEASURED if name not in ("kol_levels", "strategic_opportunity_base")]
)
def test_shares_of_the_ranked_list_are_those_of_the_scheme(run: Run, scheme: str) -> None:
    shares = {
        "four_tiers": [0.1, 0.2, 0.3, 0.4], "rfm": [0.1, 0.2, 0.3, 0.4], "kam_abc": [0.2, 0.3, 0.5],
        "visit_classes": [0.2, 0.3, 0.5], "commercial_abc": [0.2, 0.3, 0.5],
    }[scheme]  # fmt: skip
    cdnow().to_csv("log.csv", index=False)
    run("tier", "log.csv", "--map", "customer=customer,date=date,amount=amount", "--scheme", scheme, "-o", "out.csv")
    result = pd.read_csv("out.csv")
    ends = [-(-round(sum(shares[: position + 1]) * 10) * 2357 // 10) for position in range(len(shares))]
    by_rank = result["rank"].map(lambda rank: sum(rank > end for end in ends))
    assert result["tier"].tolist() == by_rank.map(dict(enumerate(result["tier"].unique()))).tolist()
    assert (by_rank.value_counts().sort_index().cumsum()[:-1] <= ends[:-1]).all(), "a share is never exceeded"
