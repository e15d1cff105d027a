"""The demo company's register of processing, consents, requests of data subjects, and an impact assessment."""

from datetime import datetime, timedelta
from typing import Any

from yaomai.customers.models import Professional
from yaomai.kit.access import Actor, acting
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for
from yaomai.privacy import services

PURPOSES: tuple[dict[str, Any], ...] = (
    {"name": "学术拜访与信息传递", "basis": "consent", "kinds": ["identity", "contact", "habits"], "retention": "合作结束后三年",
     "method": "代表拜访时登记，来源逐条注明", "measures": "联系方式加密、按辖区授权、查看留痕",
     "notice": "为安排学术拜访和传递产品信息，我们处理您的姓名、单位、联系方式和关注话题，保存至合作结束后三年。您可随时查阅、更正、删除或撤回同意。"},
    {"name": "学术会议报名与差旅", "basis": "contract", "citation": "会议服务协议", "kinds": ["identity", "contact", "account"],
     "receivers": "江城汇通会务有限公司（受托处理）", "retention": "财务凭证按会计法规保存", "method": "会务表单",
     "measures": "受托方签订数据处理协议", "notice": "为办理会议报名、差旅和劳务费，我们处理您的姓名、联系方式和银行账户。"},
    {"name": "客户分层与评分", "basis": "consent", "kinds": ["identity", "academic", "habits"], "is_automated": True,
     "retention": "当期有效，历史两年", "method": "系统按策略计算，逐项可解释，可人工调整", "measures": "不使用个人处方量；结果可申诉",
     "notice": "我们根据公开学术信息和沟通情况对服务等级进行评分，您可要求说明并由人工复核。"},
    {"name": "不良反应报告", "basis": "duty", "citation": "药品管理法第八十一条", "kinds": ["identity", "contact", "health"],
     "receivers": "国家药品不良反应监测系统", "retention": "按药物警戒规定", "method": "报告人主动提交",
     "measures": "最小范围知悉", "notice": "为履行药品不良反应报告义务，我们处理报告人和患者的必要信息。"},
)  # fmt: skip


def privacy_record(*, actor: Actor, now: datetime) -> None:
    """Enter purposes, ask consents, take requests, and answer some."""
    officer, counsel = (
        actor_for(Person.unscoped.get(username=name), on=now.date()) for name in ("compliance", "legal")
    )
    today = now.date()
    with acting(officer):
        purposes = [services.processing_create(actor=officer, now=now, **said) for said in PURPOSES]
        people = list(Professional.unscoped.filter(archived_at=None).order_by("pk")[:30])
        for number, person in enumerate(people[:24]):
            consent = services.consent_give(
                actor=officer, now=now, professional=person, processing=purposes[number % 3], given_on=today - timedelta(days=number * 9),
                is_separate=number % 3 == 1, evidence=f"知情同意书 {now.year}-{number + 1:03d}",
            )  # fmt: skip
            if number % 11 == 5:
                services.consent_withdraw(actor=officer, now=now, pk=consent.pk)
        services.assessment_ask(
            actor=officer, now=now, processing=purposes[2], assessed_on=today - timedelta(days=3),
            necessity="用于确定学术服务频次，不涉及价格和处方，属实现目的的最小范围。",
            impact="评分偏差可能使个人得到较少的学术信息；不影响其诊疗和权益。",
            measures="逐项可解释、可人工调整、每季评审；个人可要求说明和复核。剩余风险低。",
        )  # fmt: skip
        wanted = (("copy", 3, "我想知道你们存了我哪些信息。"), ("delete", 9, "请删除我的全部信息，不要再联系我。"),
                  ("correct", 20, "我已调到心血管中心，请更正科室。"), ("withdraw", 28, "撤回对会议短信的同意。"))  # fmt: skip
        taken = [
            services.request_take(actor=officer, now=now, professional=people[24 + place], kind=kind, words=words,
                                  received_on=today - timedelta(days=days), channel="phone", identity="回拨登记手机核对")
            for place, (kind, days, words) in enumerate(wanted)
        ]  # fmt: skip
        services.request_withdraw(
            actor=officer, now=now, pk=taken[3].pk, answer="您的同意已全部撤回，不再发送会议通知。"
        )
        services.release_ask(
            actor=officer, now=now, purpose="年会邀请函印制", persons=300, receiver="江城汇通会务有限公司", to_third_party=True,
            separate_consent=True, valid_until=today + timedelta(days=60),
        )  # fmt: skip
    with acting(counsel):
        services.request_take(
            actor=counsel, now=now, professional=people[28], kind="delete", words="我已退休，请删除。", channel="letter",
            received_on=today - timedelta(days=2), identity="来信签名与档案核对",
        )  # fmt: skip
