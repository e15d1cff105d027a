"""Dirty names find their institution; what contradicts is never accepted."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from yaomai.engine import cli as engine_cli
from yaomai.engine.files import read_table, write_table
from yaomai.engine.matching import Decision, Gazetteer, Master, MatchPolicy, alias_key, match_names, sentence

DIVISIONS = Gazetteer(
    [
        ("32", "江苏省", ""), ("3201", "南京市", "32"), ("320106", "鼓楼区", "3201"), ("3204", "常州市", "32"),
        ("11", "北京市", ""), ("1101", "市辖区", "11"), ("110101", "东城区", "1101"), ("110105", "朝阳区", "1101"),
        ("41", "河南省", ""), ("4113", "南阳市", "41"), ("411329", "新野县", "4113"), ("411321", "南召县", "4113"),
        ("41", "河南省", ""), ("4107", "新乡市", "41"), ("410721", "新乡县", "4107"),
        ("42", "湖北省", ""), ("4201", "武汉市", "42"), ("51", "四川省", ""), ("5101", "成都市", "51"),
        ("21", "辽宁省", ""), ("2113", "朝阳市", "21"), ("211321", "朝阳县", "2113"),
    ]
)  # fmt: skip
HOSPITALS = [
    ("南京市第一医院", "江苏省南京市"),
    ("常州市第一人民医院", "江苏省常州市"),
    ("常州市第二人民医院", "江苏省常州市"),
    ("江苏省人民医院", "江苏省南京市"),
    ("新野县人民医院", "河南省南阳市"),
    ("南京同仁医院", "江苏省南京市"),
    ("首都医科大学附属北京同仁医院", "北京市-东城区"),
    ("四川大学华西医院", "四川省成都市"),
    ("华中科技大学同济医学院附属协和医院（武汉协和医院）", "湖北省武汉市"),
    ("南京鼓楼医院", "江苏省南京市"),
    ("新野县妇幼保健院", "河南省南阳市"),
    ("郑州大学附属第一医院", "河南省郑州市"),
    ("朝阳市第二医院", "辽宁省朝阳市"),
    ("中国人民解放军第九〇一医院", ""),
    ("苏州工业园区星海医院西院", ""),
]
MASTER = Master([name for name, _ in HOSPITALS], places=[place for _, place in HOSPITALS], gazetteer=DIVISIONS)


def ask(name: str, place: str | None = None) -> tuple[str, str | None, str]:
    answer = match_names([name], MASTER, places=[place])[0]
    row = answer.candidates[0].row if answer.candidates else None
    return answer.decision.value, None if row is None else HOSPITALS[row][0], sentence(answer.reasons)


@pytest.mark.parametrize(
    ("dirty", "place", "name"),
    [
        ("南京市第一医院", None, "南京市第一医院"),
        ("南京　市第一醫院", None, "南京市第一医院"),
        ("南京第一医院（民营）", None, "南京市第一医院"),
        ("常州一院", None, "常州市第一人民医院"),
        ("市一院", "常州", "常州市第一人民医院"),
        ("省人医", "江苏", "江苏省人民医院"),
        ("新野人民医院", None, "新野县人民医院"),
        ("新野市人民医院", None, "新野县人民医院"),
        ("新野县人民医院", "河南省南阳市", "新野县人民医院"),
        ("新野妇保院", None, "新野县妇幼保健院"),
        ("新野县妇幼保建院", None, "新野县妇幼保健院"),
        ("新业县人民医院", "河南省南阳市新野县", "新野县人民医院"),
        ("华西医院", "四川", "四川大学华西医院"),
        ("武汉协和医院", None, "华中科技大学同济医学院附属协和医院（武汉协和医院）"),
        ("鼓楼医院", "南京市", "南京鼓楼医院"),
        ("郑大一附院", None, "郑州大学附属第一医院"),
        ("郑州大学第一附属医院", None, "郑州大学附属第一医院"),
        ("解放军第901医院", None, "中国人民解放军第九〇一医院"),
    ],
)
def test_damage_is_seen_through(dirty: str, place: str | None, name: str) -> None:
    if dirty in {"郑大一附院", "解放军第901医院"}:
        assert ask(dirty, place)[1] == name
        return
    assert ask(dirty, place) == ("accept", name, "")


@pytest.mark.parametrize(
    ("dirty", "place", "first", "reason"),
    [
        ("常州市第三人民医院", None, None, "序号不同：3 与"),
        ("苏州市第一医院", None, None, "地区不同"),
        ("南京市第一医院", "河南省南阳市", None, "地区不同"),
        ("四川大学华西医院西院区", None, "四川大学华西医院", "分院或院区不同：西院区 与 无"),
        ("苏州工业园区星海医院", None, "苏州工业园区星海医院西院", "分院或院区不同：无 与 西院"),
        ("北京同仁医院", None, "首都医科大学附属北京同仁医院", "附属"),
        ("郑州大学第一医院", None, "郑州大学附属第一医院", "附属"),
        ("新野县中医院", None, None, "机构类别不同"),
        ("朝阳县第二医院", None, "朝阳市第二医院", "不同"),
        ("新业县人民医院", "南阳市", "新野县人民医院", "地区不同"),
    ],
)
def test_contradictions_go_to_a_person(dirty: str, place: str | None, first: str | None, reason: str) -> None:
    decision, name, why = ask(dirty, place)
    assert decision == "review"
    assert reason in why
    assert first in {None, name}


@pytest.mark.parametrize(
    ("dirty", "reason"),
    [
        ("同仁医院", "名称太短且没有地区"),
        ("第一人民医院", "名称只靠地区区分"),
        ("人民医院", "名称只靠地区区分"),
        ("鼓楼医院", "名称太短且没有地区"),
    ],
)
def test_a_name_without_its_place_is_not_accepted(dirty: str, reason: str) -> None:
    decision, _, why = ask(dirty)
    assert decision == "review"
    assert reason in why


def test_equal_names_in_two_places_are_told_apart_only_by_the_place() -> None:
    master = Master(["协和医院", "协和医院"], places=["北京市", "武汉市"], gazetteer=DIVISIONS)
    undecided, decided = match_names(["协和医院", "协和医院"], master, places=[None, "湖北"])
    assert (undecided.decision, undecided.row) == (Decision.REVIEW, None)
    assert {candidate.row for candidate in undecided.candidates} == {0, 1}
    assert (decided.decision, decided.row) == (Decision.ACCEPT, 1)


def test_nothing_near_and_nothing_written() -> None:
    assert ask("ZZ qq") == ("none", None, "没有相近的机构")
    assert ask("") == ("none", None, "没有相近的机构")
    assert ask("（）") == ("none", None, "没有相近的机构")
    assert match_names(["市一院"], Master([]))[0].decision is Decision.NONE
    assert match_names([], MASTER) == []


def test_a_remembered_alias_wins_over_everything() -> None:
    remembered = {alias_key("常州市第三人民医院"): 2}
    answer = match_names(["常州市 第三人民医院"], MASTER, remembered=remembered)[0]
    assert (answer.decision, answer.row) == (Decision.ACCEPT, 2)
    assert sentence(answer.candidates[0].reasons) == "已记住的别名"


def test_aliases_of_the_master_list_match() -> None:
    master = Master(["北京大学第三医院"], aliases=[["北医三院", "海淀某某肿瘤研究医院"]], gazetteer=DIVISIONS)
    assert [answer.row for answer in match_names(["北医三院", "海淀某某肿瘤研究医院"], master)] == [0, 0]


def test_reasons_read_in_both_languages() -> None:
    answer = match_names(["常州市第三人民医院"], MASTER)[0]
    assert sentence(answer.reasons, "en").startswith("other ordinals: 3 and ")
    assert "同一" not in sentence(answer.candidates[0].reasons, "en")


def test_a_stricter_policy_accepts_less() -> None:
    assert match_names(["常州一院"], MASTER, policy=MatchPolicy(accept_score=1.0))[0].decision is Decision.REVIEW


def test_the_shipped_divisions_know_provinces_and_prefectures() -> None:
    master = Master(["徐州市中心医院", "莱州市人民医院"], places=["江苏省徐州市", "山东省烟台市"])
    answers = match_names(["徐州中心医院", "莱州市人民医院", "莱阳市人民医院"], master)
    assert [answer.decision.value for answer in answers] == ["accept", "accept", "review"]


ORDINALS = "一二三四五六七八九"


@given(st.sampled_from(ORDINALS), st.sampled_from(ORDINALS), st.sampled_from(["第{}人民医院", "{}院", "第{}附属医院"]))
def test_another_ordinal_is_never_accepted(own: str, other: str, pattern: str) -> None:
    master = Master(["南京市" + pattern.format(own)], gazetteer=DIVISIONS)
    answer = match_names(["南京市" + pattern.format(other)], master)[0]
    assert (answer.decision is Decision.ACCEPT) == (own == other)


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_text_gets_an_answer(name: str, place: str) -> None:
    answer = match_names([name], MASTER, places=[place])[0]
    assert all(0 <= candidate.row < len(HOSPITALS) and 0 <= candidate.score <= 1 for candidate in answer.candidates)


def test_the_command_writes_an_answer_per_name(tmp_path: Path) -> None:
    write_table(pa.table({"医院": ["常州一院", None, "第一医院"], "城市": ["常州", None, None]}), tmp_path / "n.xlsx")
    master = pa.table({"医院": [name for name, _ in HOSPITALS], "城市": [place for _, place in HOSPITALS]})
    write_table(master, tmp_path / "m.csv")
    app = engine_cli.app
    files = [
        "match",
        str(tmp_path / "n.xlsx"),
        "--against",
        str(tmp_path / "m.csv"),
        "-o",
        str(tmp_path / "out.parquet"),
    ]
    result = CliRunner().invoke(app, [*files, "--name", "医院", "--place", "城市"])
    assert result.exit_code == 0, result.output
    assert "3 个名称：自动确认 1，待审核 1，无匹配 1" in result.output
    out = read_table(tmp_path / "out.parquet").to_pydict()
    assert out["name"] == ["常州一院", "", "第一医院"]
    assert out["match"][:2] == ["常州市第一人民医院", None]
    assert out["row"][:2] == [2, None]
    assert out["decision"] == ["accept", "none", "review"]
    assert out["score"][0] >= 0.82
    assert "名称只靠地区区分" in out["reason"][2]
    wrong = CliRunner().invoke(app, [*files, "--name", "名称"])
    assert wrong.exit_code == 1
    assert "没有列“名称”" in wrong.output


def test_a_name_written_exactly_so_is_certain_beside_a_near_duplicate() -> None:
    master = Master(["南京市第一医院", "南京第一医院"], places=["江苏南京", "江苏南京"])
    answers = match_names(["南京市第一医院", "南京第一医院", "南京市第1医院"], master)
    assert [(answer.decision, answer.row) for answer in answers[:2]] == [("accept", 0), ("accept", 1)]
    assert answers[2].decision == "review", "written otherwise it may be either"
    twice = Master(["南京市第一医院", "南京市第一医院"], places=["江苏南京", "江苏南京"])
    assert match_names(["南京市第一医院"], twice)[0].decision == "review"


def test_what_is_written_exactly_so_comes_first_among_equals() -> None:
    """An abbreviation that is written out makes 中医院 and 中医医院 one; who writes one of them means that one."""
    names = ["蓟县中医院", "蓟县中医医院", "丰都县中医院", "丰都县中医医院"]
    master = Master(names, places=["天津", "天津", "重庆", "重庆"])
    answers = match_names(names, master)
    assert [(answer.decision, answer.row) for answer in answers] == [("accept", row) for row in range(4)]
    both = Master(["蓟县中医院", "蓟县中医院"], places=["天津", "天津"])
    assert match_names(["蓟县中医院"], both)[0].decision == "review", "two of that name are two"


@pytest.mark.parametrize("counter", ["药剂科", "西药房", "门诊", "门诊药房", "住院药房", "药库"])
def test_where_in_a_hospital_goods_arrive_is_no_branch(counter: str) -> None:
    assert ask(f"南京市第一医院（{counter}）") == ("accept", "南京市第一医院", "")


def test_an_outpatient_clinic_may_be_an_institution_of_its_own() -> None:
    assert ask("南京市第一医院（门诊部）")[0] == "review"
