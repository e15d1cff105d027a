"""What the components write; how it looks is tested in tests/browser."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe

from yaomai.kit.access import Actor, Grant
from yaomai.kit.explain import Contribution, Explanation
from yaomai.kit.ui import guide, icons, views
from yaomai.kit.ui.charts import Chart, Link, Node, Series
from yaomai.kit.ui.context import THEME_COOKIE
from yaomai.kit.ui.tables import Column, Row, Table, Tier

UI = Path(views.__file__).parent
ROOT = UI.parent.parent.parent.parent
HOSTILE = "</script><script>alert(1)</script>\"'&"


def drawn(source: str, **values: Any) -> str:
    with translation.override("en"):
        return Template("{% load i18n ui %}" + source).render(Context(values))


def test_nothing_that_a_user_typed_becomes_markup() -> None:
    table = Table(HOSTILE, [Column("name", HOSTILE), Column("note", "")], [Row((HOSTILE, HOSTILE), note=HOSTILE)])
    chart = Chart("bar", HOSTILE, [HOSTILE], [Series(HOSTILE, [1.0])], note=HOSTILE)
    why = Explanation(sentence=HOSTILE, contributions=(Contribution(label=HOSTILE, value=HOSTILE, share=1.0),))
    html = drawn(
        "{% table table %}{% chart chart %}{% explanation why %}{% chip text %}{% tier text rank=1 of=3 scheme=text %}"
        "{% stat text text reason=text %}{% facts pairs %}{% timeline events %}{% diff changes %}{% copy text %}"
        "{% page_header title=text reason=text %}{{ text }}{% endpage_header %}{% empty title=text %}{% endempty %}",
        table=table,
        chart=chart,
        why=why,
        text=HOSTILE,
        pairs=[(HOSTILE, HOSTILE)],
        events=[{"at": date(2026, 11, 21), "title": HOSTILE, "text": HOSTILE, "who": HOSTILE}],
        changes={HOSTILE: [HOSTILE, HOSTILE]},
    )
    assert "<script>alert" not in html
    assert "alert(1)" in html


def test_no_component_has_inline_code_or_style() -> None:
    for path in UI.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<[^>]*\s(style|on\w+)=", text), path
        for opening in re.findall(r"<script([^>]*)>", text):
            assert "src=" in opening or 'type="application/json"' in opening, path


def test_a_chart_carries_its_data_and_a_table_that_says_the_same() -> None:
    chart = Chart("bar", "Finding", ["Q1", "Q2"], [Series("Sales", [1200.0, None])], unit="money", heading="Quarter")
    html = drawn("{% chart chart %}", chart=chart)
    data = json.loads(re.search(r'application/json" id="[^"]+">(.*)</script>', html).group(1))  # type: ignore[union-attr]
    assert data["series"][0]["values"] == [1200.0, None]
    assert data["language"] == "en"
    assert chart.table() == (["Quarter", "Sales"], [["Q1", 1200.0], ["Q2", None]])
    assert '<th scope="row">Q1</th><td class="ym-cell-number"><data class="ym-num" value="1200.0"' in html


def test_the_table_of_a_flow_names_its_boxes() -> None:
    nodes = [Node("k0", "Key", 2, "left"), Node("s1", "Strategic", 1, "right")]
    plain = Chart("flow", "", nodes=nodes, links=[Link("k0", "s1", 9)])
    with translation.override("en"):
        assert plain.table() == (["From", "To", "Count"], [["Key", "Strategic", 9]])
    priced = Chart("flow", "", nodes=nodes, links=[Link("k0", "s1", 9, 7.4e6)])
    assert priced.table()[1] == [["Key", "Strategic", 9, 7.4e6]]


def test_a_table_pairs_cells_with_columns_and_refuses_ragged_rows() -> None:
    table = Table("Customers", [Column("name", "Name"), Column("amount", "Amount", "money")], [Row(("A",))])
    with pytest.raises(ValueError, match="shorter"):
        drawn("{% table table %}", table=table)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (Column("x", "", "money"), Decimal("1200"), "¥1,200</data>"),
        (Column("x", "", "percent"), 0.5, "50.0%"),
        (Column("x", "", "tier"), Tier("A", 1, 3), '<span class="ym-tier ym-tier-1">'),
        (Column("x", "", "check"), True, 'aria-label="yes"'),
        (Column("x", ""), None, "no value"),
        (Column("x", ""), "<b>", "&lt;b&gt;"),
        (Column("x", ""), mark_safe("<b>bold</b>"), "<b>bold</b>"),
    ],
)
def test_a_cell_is_written_by_the_kind_of_its_column(column: Column, value: Any, expected: str) -> None:
    assert expected in drawn("{{ value|cell:column }}", value=value, column=column)


def test_a_tier_shows_its_rank_by_bars_and_not_by_colour_alone() -> None:
    highest, lowest, unrated = (drawn(f"{{% tier 'T' rank={rank} of=4 %}}") for rank in (1, 4, 0))
    assert (highest.count('class="on"'), lowest.count('class="on"'), unrated.count('class="on"')) == (4, 1, 0)
    assert "ym-tier-1" in highest and "ym-tier-4" in lowest and "ym-tier-0" in unrated


def test_an_explanation_puts_the_three_largest_contributions_first() -> None:
    shares = {"small": 0.05, "large": 0.5, "negative": -0.3, "middle": 0.2}
    parts = tuple(Contribution(label=name, value=1, share=share) for name, share in shares.items())
    html = drawn("{% explanation e %}", e=Explanation(sentence="Because.", contributions=parts))
    order = re.findall(r'contribution-label">(\w+)<', html)
    assert order == ["large", "negative", "middle", "small"]
    assert html.index("1 more") < html.index(">small<")


def test_a_field_names_its_help_and_its_errors() -> None:
    html = drawn("{% form form %}", form=guide.SampleForm({"name": ""}))
    assert 'aria-describedby="id_name_help id_name_errors"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_errors"' in html


def test_progress_asks_again_only_while_the_work_goes_on() -> None:
    running = drawn("{% progress 1 4 poll_url='/jobs/7' %}")
    assert 'hx-get="/jobs/7"' in running and 'aria-valuenow="1"' in running and 'width="25.0%"' in running
    for state in ("done", "failed", "cancelled"):
        assert "hx-get" not in drawn(f"{{% progress 1 4 poll_url='/jobs/7' state='{state}' %}}")


def test_an_unknown_icon_is_an_error_of_the_template() -> None:
    with pytest.raises(ValueError, match="no icon 'unicorn'"):
        drawn("{% icon 'unicorn' %}")
    sprite = (UI / "static/vendor/tabler-icons/icons.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'<symbol id="([^"]+)"', sprite)) == set(icons.NAMES)


def test_the_shipped_front_end_files_are_those_of_the_manifest() -> None:
    script = ROOT / "scripts" / "refresh_vendor.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "static/vendor agrees with vendor.json")


def test_the_vendor_check_names_a_changed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specification = importlib.util.spec_from_file_location("refresh_vendor", ROOT / "scripts" / "refresh_vendor.py")
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "refresh_vendor", module)
    specification.loader.exec_module(module)
    (tmp_path / "a.js").write_text("changed")
    (tmp_path / "new.js").write_text("")
    manifest = tmp_path / "vendor.json"
    manifest.write_text(json.dumps([{"files": {"a.js": "0" * 64, "gone.js": "0" * 64}}]))
    monkeypatch.setattr(module, "VENDOR", tmp_path)
    monkeypatch.setattr(module, "MANIFEST", manifest)
    assert module.differences() == ["missing: gone.js", "not in the manifest: new.js", "changed: a.js"]


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "NaN", "ui:guide"]
)
def test_preferences_never_lead_to_another_site(rf: RequestFactory, wanted: str) -> None:
    answer = views.set_theme(rf.post(reverse("ui:theme"), {"theme": "dark", "next": wanted}))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert answer.cookies[THEME_COOKIE].value == "dark"


def test_preferences_take_known_values_only(rf: RequestFactory) -> None:
    theme = views.set_theme(rf.post(reverse("ui:theme"), {"theme": "<b>", "next": "/customers/"}))
    language = views.set_language(rf.post(reverse("ui:language"), {"language": "xx"}))
    assert theme["Location"] == "/customers/"
    assert not theme.cookies and not language.cookies


def test_the_guide_is_for_administrators(visit: Callable[..., HttpResponse]) -> None:
    stranger = Actor(1, "顾明舒", (Grant(frozenset()),))
    administrator = Actor(2, "沈怀远", (Grant(frozenset({views.GUIDE_RIGHT})),))
    assert visit(None, "/ui/guide/").status_code == 404
    assert visit(stranger, "/ui/guide/").status_code == 404
    assert visit(administrator, "/ui/guide/").status_code == 200
    assert visit(None, "/palette?q=x").status_code == 404


@pytest.mark.parametrize("empty", [None, ""])
def test_nothing_before_or_after_is_neither_struck_out_nor_marked(empty: object) -> None:
    drawn_pair = drawn("{% diff changes %}", changes={"甲": (empty, "新"), "乙": ("旧", empty)})
    assert re.findall("<del>(.*?)</del>|<ins>(.*?)</ins>", drawn_pair) == [("", "新"), ("旧", "")]


def test_a_page_says_only_once_that_fields_are_marked() -> None:
    form = forms.Form({})
    form.fields["name"] = forms.CharField()
    assert "ym-banner" in drawn("{% form form %}", form=form)
    assert "ym-banner" not in drawn("{% form form is_told=True %}", form=form)


def test_an_explanation_names_each_document_once() -> None:
    why = Explanation(sentence="甲", sources=("S1 §二", "维度 S1 §二（采购量）；权重 assumed", "S4 §三", "会议纪要"))
    foot = drawn("{% explanation why %}", why=why).partition("<footer")[2]
    assert "§二 · " in foot and "采购量" not in foot and "§三" in foot and "会议纪要" in foot
    assert not re.search(r"\bS[14]\b", foot)
