import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.customers import rules


@pytest.mark.parametrize(
    ("text", "name", "others", "former"),
    [
        ("中日友好医院（卫生部中日友好医院）", "中日友好医院", ["卫生部中日友好医院"], []),
        ("甲医院（乙医院、丙卫生院，丁医院）", "甲医院", ["乙医院", "丙卫生院", "丁医院"], []),
        ("省人民医院（原省立医院）", "省人民医院", [], ["省立医院"]),
        ("北京大学第三医院（北医三院）", "北京大学第三医院", ["北医三院"], []),
        ("长宁区同仁医院（仁济医院长宁分院）", "长宁区同仁医院", ["仁济医院长宁分院"], []),
        ("上海瑞金医院（卢湾院区）", "上海瑞金医院（卢湾院区）", [], []),
        ("盐城市第三人民医院(南院区、北院区)", "盐城市第三人民医院(南院区、北院区)", [], []),
        ("西南铝业（集团）有限公司职工医院", "西南铝业（集团）有限公司职工医院", [], []),
        ("市一院（救治定点医院）", "市一院（救治定点医院）", [], []),
        ("（乙医院）", "（乙医院）", [], []),
        ("甲医院（甲 医院）", "甲医院", [], []),
        ("没有括号", "没有括号", [], []),
        ("缺右括号医院（另一医院", "缺右括号医院", ["另一医院"], []),
    ],
)
def test_names_in_brackets_become_other_names(text: str, name: str, others: list[str], former: list[str]) -> None:
    assert rules.split_name(text) == (name, others, former)


@given(st.text(max_size=60))
def test_splitting_never_loses_the_name(text: str) -> None:
    name, others, former = rules.split_name(text)
    assert name or not text.strip()
    assert all(rules.name_key(other) != rules.name_key(name) for other in [*others, *former])


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("三级甲等", "3A"), ("三甲", "3A"), ("三级特等", "3S"), ("二級", "2"), ("二级\xa0", "2"), ("二级综合", "2"),
        ("三级甲等妇产专科医院", "3A"), ("三级医院", "3"), ("一级乙等", "1B"), ("Ⅲ", None), ("III级甲等", "3A"),
        ("3甲", "3A"), ("未定级", "0"), ("未评", "0"), ("", ""), ("市级", None), ("省级", None),
        ("社区卫生服务中心", None), ("三", None),
    ],
)  # fmt: skip
def test_grades(text: str, grade: str | None) -> None:
    assert rules.grade_of(text) == grade


def test_a_grade_in_two_columns() -> None:
    assert [rules.grade_of("三级", "甲等"), rules.grade_of("二级", "合格"), rules.grade_of("一级", "未评")] == [
        "3A",
        "2",
        "1",
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("北京协和医院", "hospital"), ("滨湖区疾病预防控制中心", "public_health"), ("六里屯社区卫生服务中心", "community"),
        ("广华医院（广华社区卫生服务中心）", "community"), ("梅里斯镇卫生院", "township"), ("康民诊所", "clinic"),
        ("某某门诊部", "clinic"), ("仁材第三分店", "chain_store"), ("大参林药房", "pharmacy"), ("国药集团医药有限公司", "distributor"),
        ("县妇幼保健计划生育服务中心", "hospital"), ("市精神卫生中心", "hospital"), ("某某美容", "other"),
    ],
)  # fmt: skip
def test_kind_from_the_name(name: str, kind: str) -> None:
    assert rules.kind_of(name) == kind


@pytest.mark.parametrize(
    ("text", "mobile", "digits"),
    [
        ("136 5305 5719", True, "13653055719"), ("+8613653055719", True, "13653055719"), ("020-81633852", False, "02081633852"),
        ("12345678901", False, "12345678901"), ("400-800-1234", False, "4008001234"),
    ],
)  # fmt: skip
def test_mobile_numbers(text: str, mobile: bool, digits: str) -> None:
    assert (rules.is_mobile(text), rules.phone_digits(text)) == (mobile, digits)
