"""What came into the demo company's letterbox: a report just in, one that is being asked about, one that was closed."""

from datetime import datetime, timedelta
from typing import Any

from yaomai.integrity import letterbox
from yaomai.integrity.models import Report
from yaomai.integrity.services import letterbox_empty, report_accept, report_close, report_reply
from yaomai.kit.access import Actor
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for

LETTERS: tuple[dict[str, Any], ...] = (
    {
        "category": "expenses", "back": 41,
        "text": "上个月两次科室会的餐费发票是同一家店连号开的，其中一次会根本没有开。签到表上的字是补签的。",
        "question": "谢谢您。请问没有开的那一次是哪一天、在哪个科室？", "answer": "十二号，心内科。那天科主任在外地开会。",
        "outcome": "substantiated", "measures": "两笔餐费已退回，当事人书面警告，该片区科室会改为事前报备签到。",
    },
    {
        "category": "promotion", "back": 9,
        "text": "有人给医生看的幻灯不是公司批准的版本，里面写着“优于所有同类产品”。",
        "question": "您手上有照片或截图吗？可以用同一个查询码补充。",
    },
    {"category": "retaliation", "back": 1, "text": "提出不愿意代签之后，我被换到了最远的片区。", "keep_from": ["legal"]},
)  # fmt: skip


def reports_write(*, actor: Actor, now: datetime) -> None:
    """Put letters into the box and empty it as of their days; the compliance officer answers some."""
    for letter in LETTERS:
        then = now - timedelta(days=letter["back"])
        officer = actor_for(Person.unscoped.get(username="compliance"), on=then.date())
        code = letterbox.new_code()
        put: dict[str, Any] = {"code": code, "on": then.date()}
        letterbox.put_in(**put, text=letter["text"], category=letter["category"],
                         keep_from=letter.get("keep_from", ()), is_report=True)  # fmt: skip
        letterbox_empty(actor=actor, now=then)
        report = Report.unscoped.get(code=letterbox.index_of(code))
        if "question" in letter:
            report_accept(actor=officer, pk=report.pk, now=then)
            report_reply(actor=officer, pk=report.pk, text=letter["question"], now=then)
        if "answer" in letter:
            letterbox.put_in(**put, text=letter["answer"], is_report=False)
            letterbox_empty(actor=actor, now=then + timedelta(days=2))
        if "outcome" in letter:
            report_close(actor=officer, pk=report.pk, outcome=letter["outcome"], measures=letter["measures"],
                         now=then + timedelta(days=12))  # fmt: skip
