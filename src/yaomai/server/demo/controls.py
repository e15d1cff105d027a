"""The demo company's crisis room, third parties, contracts, risks and audits."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from yaomai.customers.models import Institution
from yaomai.integrity import services
from yaomai.integrity.models import AuditItem
from yaomai.kit.access import Actor, acting
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for

TEXT = (
    "一、反商业贿赂：双方不得给予任何不正当利益，费用与处方量无关。二、服务内容与交付成果以验收单为准。三、甲方有审计权。"
    "四、款项以银行转账支付至乙方对公账户。五、个人信息保护。六、合同的终止与解除。"
)
CHECKS = ["fair_price", "deliverables", "unrelated", "not_tied", "own_account"]
PROVIDERS: tuple[dict[str, Any], ...] = (
    {"name": "江城汇通会务有限公司", "kind": "meeting", "credit_code": "91420100MA4K0000A1", "finding": "cleared", "days": 300,
     "owners": "柏敬业、秦诚", "services": "学术会议会务", "has_capacity": True},
    {"name": "安东医学会", "kind": "society", "credit_code": "51370000MJD00000B2", "finding": "cleared", "days": 20,
     "owners": "（社会团体）", "services": "继续教育项目", "has_capacity": True},
    {"name": "临海众信推广服务部", "kind": "promotion", "credit_code": "92330100MA2L0000C3", "finding": "conditions", "days": 180,
     "owners": "曹众信", "services": "患者教育执行", "is_related": True, "has_capacity": True},
    {"name": "海陵速达咨询工作室", "kind": "promotion", "credit_code": "92460100MA5T0000D4", "finding": "refused", "days": 0,
     "owners": "钱速达", "services": "市场调研", "has_offences": True},
    {"name": "青岚临研科技有限公司", "kind": "research", "credit_code": "91510100MA6C0000E5", "finding": "", "days": 0,
     "owners": "窦研", "services": "真实世界研究数据管理"},
)  # fmt: skip
RISKS: tuple[tuple[str, str, int, int, str, int], ...] = (
    ("promotion", "科室会成为变相宴请", 4, 4, "事前审批、签到、每餐限额，超标自动拦截", -3),
    ("third_party", "推广服务商虚开发票", 3, 5, "尽调、比价、成果验收，付款至对公账户", 40),
    ("patients", "患者援助与处方挂钩", 2, 5, "由基金会独立运作，代表不参与入组", 75),
    ("research", "研究者费用高于公允价值", 2, 3, "公允价值表、伦理批件、按里程碑支付", 120),
    ("data", "医生联系方式被批量导出", 2, 4, "导出留痕，超量须审批", 60),
)
Clock = dict[str, Any]


def controls_record(*, actor: Actor, now: datetime) -> None:
    """Fill every register, let a crisis go on and a drill be over, and look at half a sample."""
    officer = actor_for(Person.unscoped.get(username="compliance"), on=now.date())
    with acting(officer):
        _contracts(officer, now)
        _risks(officer, now)
        _crises(officer, now)
        _audit(officer, now)


def _contracts(actor: Actor, now: datetime) -> None:
    today = now.date()
    providers = []
    for said in PROVIDERS:
        fields = {name: value for name, value in said.items() if name != "days"}
        if said["finding"]:
            fields |= {
                "basis": "营业执照、失信被执行人名单、现场走访、既往业绩",
                "checked_on": today - timedelta(days=30),
            }
        if said["days"]:
            fields["valid_to"] = today + timedelta(days=said["days"])
        providers.append(services.provider_create(actor=actor, now=now, **fields))
    hospital = Institution.unscoped.filter(kind=Institution.Kind.HOSPITAL).order_by("code")[0]
    common = {"actor": actor, "now": now, "begins_on": today + timedelta(days=20), "checks": CHECKS}
    services.contract_ask(
        **common, kind="service", number=f"HT-{now.year}-031", title="年度学术会议会务", provider=providers[0], text=TEXT,
        amount=Decimal(86000), purpose="承办三场区域学术会议的会务", ends_on=today + timedelta(days=200),
    )  # fmt: skip
    services.contract_ask(
        **common, kind="sponsorship", number=f"HT-{now.year}-032", title="继续教育项目赞助", provider=providers[1],
        amount=Decimal(120000), purpose="支持高血压规范诊疗继续教育", is_public=True,
        text="反商业贿赂。赞助款以银行转账支付，公开入账。赞助方不干预内容、讲者和议程。",
    )  # fmt: skip
    services.contract_ask(
        **common, kind="cooperation", number=f"HT-{now.year}-033", title="血压管理示范科室", institution=hospital,
        amount=Decimal(50000), purpose="与医院合作开展血压管理质量改进", text="反商业贿赂。服务内容与验收见附件。按季度支付。",
    )  # fmt: skip


def _risks(actor: Actor, now: datetime) -> None:
    owners = [Person.unscoped.get(username=name) for name in ("marketing", "finance", "medical", "compliance")]
    for number, (area, title, likelihood, impact, controls, days) in enumerate(RISKS):
        services.risk_create(
            actor=actor, now=now, area=area, title=title, likelihood=likelihood, impact=impact, controls=controls,
            owner=owners[number % len(owners)], review_on=now.date() + timedelta(days=days),
        )  # fmt: skip


def _crises(actor: Actor, now: datetime) -> None:
    then = now - timedelta(days=70)
    drill = services.crisis_open(actor=actor, now=then, kind="inquiry", title="上半年演练：飞行检查到场", is_drill=True)
    for number, minutes in enumerate((40, 100, 900, 1500, 4000), 1):
        services.crisis_task_done(actor=actor, now=then + timedelta(minutes=minutes), pk=drill.pk, number=number)
    services.crisis_write(
        actor=actor, now=then + timedelta(hours=2), pk=drill.pk, kind="decision", text="由法务统一对接检查组"
    )
    services.crisis_close(
        actor=actor, now=then + timedelta(days=3), pk=drill.pk,
        review="材料清单 15 小时才列齐：改为使用检查包，目标 2 小时。对接人应设 A、B 角。",
    )  # fmt: skip
    began = now - timedelta(hours=5)
    crisis = services.crisis_open(
        actor=actor, now=began, kind="media", title="自媒体文章称产品“七天根治”",
        description="文章引用了已撤回的旧版彩页，阅读量约 2 万。",
    )  # fmt: skip
    said: Clock = {"actor": actor, "pk": crisis.pk}
    services.crisis_task_done(
        **said, now=began + timedelta(minutes=35), number=1, note="已封存旧版彩页的审批与使用记录"
    )
    services.crisis_write(**said, now=began + timedelta(minutes=50), kind="fact", text="文章配图为旧版彩页第 2 页，该版本已撤回。",
                          source="平台截图与材料使用记录")  # fmt: skip
    services.crisis_write(**said, now=began + timedelta(hours=2), kind="opinion", text="转载 14 家，评论以询问疗效为主。",
                          source="舆情监测")  # fmt: skip
    services.crisis_write(**said, now=began + timedelta(hours=3), kind="statement",
                          text="我公司已关注到相关文章，产品请遵医嘱使用，调查结果将及时公布。")  # fmt: skip
    services.disclosure_create(
        actor=actor, now=now, title="两场科室会餐费超标", authority="江城市市场监督管理局", found_on=now.date() - timedelta(days=6),
        facts="两场科室会人均餐费 182 元，超过当地标准，共涉及 14 人、2,548 元。",
        measures="餐费已退回；当事人书面警告；餐饮类给付改为事前逐级审批。",
    )  # fmt: skip


def _audit(actor: Actor, now: datetime) -> None:
    audit = services.audit_draw(
        actor=actor, now=now, title="三季度报销与给付抽查", start=now.date() - timedelta(days=150),
        end=now.date() - timedelta(days=60), size=20,
    )  # fmt: skip
    looked = AuditItem.unscoped.filter(audit=audit).exclude(person=actor.person_id or 0).order_by("number")
    for place, item in enumerate(looked):
        is_wrong = place == 4
        services.audit_look(
            actor=actor, now=now, pk=audit.pk, number=item.number, result="wrong" if is_wrong else "in_order",
            note="签到表缺三人，按实到人数计算" if is_wrong else "",
            wrong_amount=(item.amount / 4).quantize(Decimal("0.01")) if is_wrong else Decimal(0),
        )  # fmt: skip
    services.audit_draw(
        actor=actor, now=now, title="员工行为排查：每人至少一条", start=now.date() - timedelta(days=60), end=now.date(), size=25,
        method="people",
    )  # fmt: skip
