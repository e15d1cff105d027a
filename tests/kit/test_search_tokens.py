"""What a name is found by, and what a typed text asks for."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.kit.search.query import Condition, SearchText, read_query
from yaomai.kit.search.readings import readings
from yaomai.kit.search.tokens import runs, tokens, vector, vectors


def found(text: str, *names: str) -> bool:
    """Evaluate the tsqueries of `text` on the lexemes of `names` as PostgreSQL does."""
    lexemes = tokens(*names)

    def holds(term: str) -> bool:
        word, _, prefix = term.strip().removeprefix("'").partition("'")
        return any(one == word or (prefix == ":*" and one.startswith(word)) for one in lexemes)

    query = read_query(text).anywhere
    python = f"{query.index} & {query.recheck}" if query.recheck else query.index
    for term in sorted({part.strip("() ") for part in python.replace("|", "&").split("&")}, key=len, reverse=True):
        python = python.replace(term, str(holds(term)))
    return bool(eval(python.replace("&", " and ").replace("|", " or ")))


@pytest.mark.parametrize(
    "text",
    [
        "重", "院", "重庆", "医科大学", "附属第一医院", "chongqing", "chongq", "CQ", "cqyk", "cqykdxfsdyyy",
        "yikedaxue", "重庆 附属", "重庆 fs", "重慶", "重庆医科大学附属第一医院", "fushu yiyuan", "yy", "y",
    ],
)  # fmt: skip
def test_any_part_pinyin_and_initials_find_a_name(text: str) -> None:
    assert found(text, "重庆医科大学附属第一医院")


@pytest.mark.parametrize("text", ["北京", "重医", "zhongqing", "cqyd", "医科 北京", "院重", "qc"])
def test_what_is_not_in_the_name_does_not_find_it(text: str) -> None:
    assert not found(text, "重庆医科大学附属第一医院")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("zengli", "曾丽"), ("cengli", "曾丽"), ("zl", "曾丽"), ("shanxiongxin", "单雄信"), ("lvbu", "吕布"),
        ("lubu", "吕布"), ("changsha", "长沙市口腔医院"), ("yinhang", "中国银行职工医院"), ("hang", "杭州"),
        ("901", "解放军第901医院"),
        ("icu", "ICU 中心"), ("h000", "H0001 仁材店"), ("ｈ０００１", "H0001 仁材店"), ("刘", "刘"), ("liu", "刘"),
        ("𠮷", "𠮷野家药房"),
    ],
)  # fmt: skip
def test_heteronyms_letters_and_digits(text: str, name: str) -> None:
    assert found(text, name)


def test_aliases_are_found_like_the_name() -> None:
    assert found("安贞", "首都医科大学附属北京安贞医院", "安贞医院")
    assert "^安贞" in tokens("首都医科大学附属北京安贞医院", "安贞医院")


def test_phrases_decide_between_readings() -> None:
    assert readings("重庆银行") == [("chong",), ("qing",), ("yin",), ("hang",)]


def test_the_lexemes_of_a_name() -> None:
    assert tokens("重庆 H1") == [
        "^icq",
        "^pchongqing",
        "^重庆",
        "icq",
        "iq",
        "pchongqing",
        "pqing",
        "wh1",
        "庆",
        "重庆",
    ]
    assert vector("庆") == "'^iq' '^pqing' '^庆' 'iq' 'pqing' '庆'"
    listed, nothing = vectors([("庆",), ()])
    assert (sorted(listed.split()), nothing) == (sorted(vector("庆").split()), "")


@pytest.mark.parametrize(
    ("text", "anywhere", "beginning"),
    [
        ("人", Condition("'人':*"), Condition("'^人':*")),
        ("人民", Condition("'人民'"), Condition("'^人民'")),
        ("人民医", Condition("'人民' & '民医'"), Condition("'^人民' & '民医'")),
        (
            "市人民医院",
            Condition("'市人' & '人民' & '民医'", "'医院'"),
            Condition("'^市人' & '人民' & '民医'", "'医院'"),
        ),
        ("人民 市立", Condition("'人民' & '市立'"), Condition("'^人民' & '市立'")),
        ("901", Condition("'w901':*"), Condition("'^w901':*")),
        ("xh", Condition("('pxh':* | 'ixh':* | 'wxh':*)"), Condition("('^pxh':* | '^ixh':* | '^wxh':*)")),
        ("", Condition(), Condition()),
        (" '\\&|!()<->:* ", Condition(), Condition()),
    ],
)
def test_the_query_of_a_text(text: str, anywhere: Condition, beginning: Condition) -> None:
    assert read_query(text) == SearchText(anywhere, beginning)


SHARES = {
    "人民": 0.15,
    "民医": 0.14,
    "医院": 0.3,
    "^人民": 0.05,
    "irmy": 0.1,
    "irmyy": 0.2,
    "prenminyiyuan": 0.25,
    "市": 0.01,
}


@pytest.mark.parametrize(
    ("text", "anywhere", "beginning", "share"),
    [
        ("人民医院", Condition("'民医'", "'人民' & '医院'"), Condition("'^人民'", "'民医' & '医院'"), 0.14),
        (
            "市人民医院",
            Condition("'市人'", "'人民' & '民医' & '医院'"),
            Condition("'^市人'", "'人民' & '民医' & '医院'"),
            0.0,
        ),
        ("医院 人民", Condition("'医院' & '人民'"), Condition("'^医院' & '人民'"), 0.045),
        ("医", Condition("'医':*"), Condition("'^医':*"), 0.3),
        ("rmy", Condition("('prmy':* | 'irmy':* | 'wrmy':*)"), Condition("('^prmy':* | '^irmy':* | '^wrmy':*)"), 0.3),
    ],
)
def test_the_index_looks_for_what_is_rarest(text: str, anywhere: Condition, beginning: Condition, share: float) -> None:
    query = read_query(text, SHARES)
    assert (query.anywhere, query.beginning, pytest.approx(query.share)) == (anywhere, beginning, share)


LETTERS = st.characters(categories=("Lo", "Lu", "Ll", "Nd", "Po", "Zs"))


@given(st.text(alphabet=LETTERS, min_size=1, max_size=20), st.data())
def test_every_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    parts = runs(name)
    if parts:
        run = data.draw(st.sampled_from(parts))
        start = data.draw(st.integers(0, len(run) - 1)) if "\u4e00" <= run[0] <= "\u9fff" else 0
        end = data.draw(st.integers(start + 1, len(run)))
        assert found(run[start:end], name)


@given(st.text(max_size=40))
def test_any_text_makes_well_formed_lexemes(text: str) -> None:
    assert all(token and not {"'", "\\", " "} & set(token) for token in tokens(text))


def test_many_threads_ask_for_the_first_reading_at_once() -> None:
    """A process that has just come back is met by all its clients; what one import spoils stays spoilt."""
    program = """
import threading, time
from yaomai.kit.search.readings import readings
said = []
def ask(late):
    time.sleep(late)
    said.append(readings("重庆"))
threads = [threading.Thread(target=ask, args=[number / 100]) for number in range(20)]
[each.start() for each in threads]; [each.join() for each in threads]
assert said == [[("chong",), ("qing",)]] * 20, said
"""
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
