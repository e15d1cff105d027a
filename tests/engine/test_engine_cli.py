"""The command line, as a stranger uses it: formats, encodings, errors that name the place, nothing half-written."""

import gzip
import os
import re
import shlex
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from yaomai.engine.cli import app
from yaomai.engine.files import read_table, write_table

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", ROOT.parent / "shared" / "data"))
SALES = [
    "客户,日期,金额",
    '甲医院,2026-06-30,"1,200.00"',
    "甲医院,2026/6/1,300",
    "乙药店,2026年5月2日,￥80.5",
    "丙诊所,20260110,20",
    "丙诊所,2026-01-11,-5",
]

Runner = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Run a command line in an empty folder; gives its exit status and what it said."""
    monkeypatch.chdir(tmp_path)

    def command(line: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, shlex.split(line))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return command


def written(lines: list[str], name: str = "sales.csv", encoding: str = "utf-8") -> Path:
    path = Path(name)
    data = ("\n".join(lines) + "\n").encode(encoding)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


RFM = "--customer 客户 --date 日期 --amount 金额"
TIER = "--map customer=客户,date=日期,amount=金额"


@pytest.mark.parametrize(
    ("name", "encoding"), [("sales.csv", "utf-8-sig"), ("sales.csv", "gb18030"), ("sales.csv.gz", "utf-8")]
)
def test_rfm_by_hand(run: Runner, name: str, encoding: str) -> None:
    written(SALES, name, encoding)
    assert run(f"rfm {name} {RFM} --bins 3 -o out.parquet") == (0, "3 个客户，截至 2026-06-30 → out.parquet\n")
    table = read_table("out.parquet")
    rows = {row["customer"]: row for row in table.to_pylist()}
    assert table.column_names == [
        "customer",
        "recency_days",
        "frequency",
        "monetary",
        "r",
        "f",
        "m",
        "rfm_score",
    ]
    assert rows["甲医院"] == {
        "customer": "甲医院",
        "recency_days": 0,
        "frequency": 2,
        "monetary": Decimal("1500.00"),
        "r": 3,
        "f": 3,
        "m": 3,
        "rfm_score": 333,
    }
    assert (rows["丙诊所"]["recency_days"], rows["丙诊所"]["monetary"]) == (171, Decimal("15.00"))
    assert rows["丙诊所"]["rfm_score"] == 111


def test_every_format_gives_the_same(run: Runner) -> None:
    written(SALES)
    write_table(read_table("sales.csv"), "sales.xlsx")
    days = [date(2026, 6, 30), date(2026, 6, 1), date(2026, 5, 2), date(2026, 1, 10), date(2026, 1, 11)]
    typed = pa.table(
        {
            "客户": ["甲医院", "甲医院", "乙药店", "丙诊所", "丙诊所"],
            "日期": pa.array(days, pa.date32()),
            "金额": [1200.0, 300.0, 80.5, 20.0, -5.0],
        }
    )
    parquet.write_table(typed, "sales.parquet")
    texts = []
    for source in ("sales.csv", "sales.xlsx", "sales.parquet"):
        assert run(f"tier {source} {TIER} --scheme four_tiers -o out.csv")[0] == 0
        texts.append(Path("out.csv").read_text(encoding="utf-8"))
    assert texts[0] == texts[1] == texts[2]


def test_tier_writes_the_reason_in_order_of_rank(run: Runner) -> None:
    written(SALES)
    assert run(f"tier sales.csv {TIER} --scheme commercial_abc -o out.xlsx")[0] == 0
    rows = read_table("out.xlsx").to_pylist()
    assert [(row["customer"], row["tier"], row["score"], row["rank"]) for row in rows] == [
        ("甲医院", "a", 75, 1),
        ("乙药店", "b", 50, 2),
        ("丙诊所", "c", 25, 3),
    ]
    assert rows[2]["explanation"].startswith("C类：得分 25，排名 3/3（截至 2026-06-30）。依据：近12个月采购额 ¥15")
    assert "升为B类" in rows[2]["explanation"]


def test_customer_file_adds_attributes_and_customers(run: Runner) -> None:
    written(SALES)
    written(["客户,机构类型,等级别,门店数", "甲医院,医院,三级甲等,", "丁连锁,连锁药店,,66"], "master.csv")
    line = f"tier sales.csv {TIER},grade=等级别 --customers master.csv --scheme four_tiers --language en -o out.csv"
    assert run(line) == (0, "4 customers as of 2026-06-30 → out.csv\n")
    rows = {row["customer"]: row for row in read_table("out.csv").to_pylist()}
    assert set(rows) == {"甲医院", "乙药店", "丙诊所", "丁连锁"}
    assert rows["丁连锁"]["rank"] == "4"
    assert "Type hint: potential (growth of 15 % a month)" not in rows["丁连锁"]["explanation"]


def test_a_scheme_of_ones_own(run: Runner) -> None:
    written(SALES)
    status, text = run("schemes commercial_abc")
    assert status == 0
    Path("mine.yaml").write_text(text.replace("name: commercial_abc", "name: mine"), encoding="utf-8")
    assert run(f"tier sales.csv {TIER} --scheme mine.yaml -o out.csv")[0] == 0
    Path("mine.yaml").write_text(text.replace("share: '0.5'", "share: '0.4'"), encoding="utf-8")
    Path("out.csv").unlink()
    status, said = run(f"tier sales.csv {TIER} --scheme mine.yaml -o out.csv")
    assert status == 1
    assert "commercial_abc：各级占比合计为 90%，应为 100%" in said
    assert not Path("out.csv").exists()
    Path("mine.yaml").write_text("name: [", encoding="utf-8")
    assert "mine.yaml：第 1 行第 8 列不是合法的 YAML" in run(f"tier sales.csv {TIER} --scheme mine.yaml -o out.csv")[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 5000, "第 1 行第 101 列不是合法的 YAML"),
        ("label: {a: 1}\nname: 2026-99-99", "第 2 行第 7 列不是合法的 YAML"),
        ("name: " + "9" * 5000, "第 1 行第 7 列不是合法的 YAML"),
        ("tiers: []\nname: a\nname: b", "第 3 行第 1 列不是合法的 YAML"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nname: [*b, *b]", "name 应为文字"),
        ("&a [*a]", "应写成“名称: 值”"),
        ("!!map [a]", "第 1 行第 1 列不是合法的 YAML"),
    ],
)
def test_a_scheme_that_no_yaml_can_say(run: Runner, text: str, said: str) -> None:
    written(SALES)
    Path("mine.yaml").write_text(text, encoding="utf-8")
    status, output = run(f"tier sales.csv {TIER} --scheme mine.yaml -o out.csv")
    assert status == 1 and said in output


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["客户,日期,金额", "甲,2026-06-30,1", "乙,2026-13-01,2"], "sales.csv 第 3 行“日期”列的值“2026-13-01”不是日期"),
        (["客户,日期,金额", "甲,2026-06-30,一百"], "sales.csv 第 2 行“金额”列的值“一百”不是数字"),
        (["客户,日期,金额", "甲,2026-06-30,1", ",2026-06-30,1"], "sales.csv 第 3 行“客户”列没有值"),
        (["客户,日期,合计", "甲,2026-06-30,1"], "sales.csv 中没有列“金额”。现有列：客户、日期、合计"),
        (["客户,日期,金额"], "没有任何销售记录"),
        (["客户,日期,金额", "甲,2026-06-30,1,2"], "第 2 行有 4 列"),
    ],
)
def test_errors_name_file_row_column_value_and_mend(run: Runner, lines: list[str], said: str) -> None:
    written(lines)
    Path("out.csv").write_text("before", encoding="utf-8")
    status, output = run(f"rfm sales.csv {RFM} -o out.csv")
    assert status == 1
    assert said in output
    assert Path("out.csv").read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in Path().iterdir()) == ["out.csv", "sales.csv"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--map customer=客户,date=日期 --scheme rfm", "映射缺少“amount”"),
        ("--map customer=客户,date=日期,amount=金额,colour=色 --scheme rfm", "映射中的“colour”"),
        ("--map 客户 --scheme rfm", "映射“客户”写法不对"),
        (f"{TIER} --scheme nothing", "没有方案“nothing”"),
        (f"{TIER} --scheme rfm --as-of yesterday", "“yesterday”不是日期"),
        (f"{TIER} --scheme rfm --as-of 2020-01-01", "没有任何销售记录"),
        (f"{TIER} --scheme rfm --customers twice.csv", "twice.csv 第 3 行的客户“甲医院”重复出现"),
        (f"{TIER} --scheme rfm --customers keyless.csv", "keyless.csv 中找不到客户列"),
        (f"{TIER} --scheme rfm --customers counted.csv", "统方"),
        ("--map customer=客户,date=日期,amount=处方量 --scheme rfm", "统方"),
    ],
)
def test_wrong_options_say_what_is_wrong(run: Runner, options: str, said: str) -> None:
    written(SALES)
    written(["客户,tags", "甲医院,", "甲医院,"], "twice.csv")
    written(["名,tags", "甲医院,"], "keyless.csv")
    written(["客户,医生处方量", "甲医院,7"], "counted.csv")
    status, output = run(f"tier sales.csv {options} -o out.csv")
    assert status != 0
    assert said in re.sub(r"\s*│?\n│?\s*", "", output)
    assert not Path("out.csv").exists()


def test_unknown_kind_of_output_is_refused(run: Runner) -> None:
    written(SALES)
    status, output = run(f"rfm sales.csv {RFM} -o out.doc")
    assert status == 1
    assert "不支持的文件类型：out.doc" in output


def test_schemes_are_listed_in_both_languages(run: Runner) -> None:
    assert "客户四级分层: 战略客户 / 核心客户 / 潜力客户 / 普通客户" in run("schemes")[1]
    assert "Four tiers: strategic / core / potential / ordinary" in run("schemes --language en")[1]


def test_a_million_becomes_no_floating_point(run: Runner) -> None:
    written(["客户,日期,金额", *["甲,2026-06-30,0.10"] * 30])
    assert run(f"rfm sales.csv {RFM} -o out.csv")[0] == 0
    assert read_table("out.csv").to_pylist()[0]["monetary"] == "3.00"


def test_real_log_of_a_wholesaler(run: Runner) -> None:
    source = SHARED / "cdnow_sample" / "CDNOW_sample.txt"
    if not source.exists():
        pytest.skip("the CDNOW purchase log is not in the shared data folder")
    days: dict[str, set[str]] = defaultdict(set)
    money: dict[str, Decimal] = defaultdict(Decimal)
    rows = ["customer,date,amount"]
    for line in source.read_text(encoding="utf-8").splitlines():
        _, customer, day, _, amount = line.split()
        days[customer].add(day)
        money[customer] += Decimal(amount)
        rows.append(f"{customer},{day},{amount}")
    written(rows)
    assert run("rfm sales.csv --customer customer --date date --amount amount -o out.parquet")[0] == 0
    result = read_table("out.parquet").to_pylist()
    assert len(result) == 2357
    last = date(1998, 6, 30)
    for row in result:
        newest = max(days[row["customer"]])
        assert row["frequency"] == len(days[row["customer"]])
        assert row["monetary"] == money[row["customer"]]
        assert row["recency_days"] == (last - date(int(newest[:4]), int(newest[4:6]), int(newest[6:]))).days
    for score in ("r", "f", "m"):
        assert {row[score] for row in result} <= {1, 2, 3, 4, 5}
    assert sum(row["m"] == 5 for row in result) == pytest.approx(2357 / 5, abs=2)


def examples(page: str) -> list[Any]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"```(?:csv|yaml|text) ([^\n]+)\n(.*?)```|```sh\n(yaomai engine .*?)```", text, re.DOTALL)


@pytest.mark.parametrize("page", ["engine.md", "engine.en.md"])
def test_examples_of_the_documentation_run(run: Runner, page: str) -> None:
    commands = 0
    days = [(n, date(2025, 1, 1).toordinal() + n % 9 + d * (20 + n)) for n in range(60) for d in range(15 - n % 12)]
    orders = [f"C{n},{date.fromordinal(day)},{100 + day % 7}" for n, day in days if day < date(2026, 7, 1).toordinal()]
    written(["customer,date,amount", *orders], "orders.csv")
    months = [f"{name},{2023 + n // 12}-{n % 12 + 1:02}-01,{100 + n + n % 12}" for name in "AB" for n in range(40)]
    written(["product,month,amount", *months], "months.csv")
    panel = [
        f"H{unit},{2025 + n // 12}-{n % 12 + 1:02}-01,{100 + unit + n % 12},{unit % 2}"
        for unit in range(20)
        for n in range(24)
    ]
    written(["hospital,month,amount,trained", *panel], "panel.csv")
    for name, content, shell in examples(page):
        if name:
            Path(name).write_text(content, encoding="utf-8")
            continue
        for line in shell.replace("\\\n", " ").strip().splitlines():
            command, _, target = line.removeprefix("yaomai engine ").partition(">")
            status, output = run(command)
            assert status == 0, output
            if target:
                Path(target.strip()).write_text(output, encoding="utf-8")
            commands += 1
    assert commands >= 5
