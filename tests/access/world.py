"""A company in three places that must not see each other, with somebody in every shipped role.

Everything that lies in one place carries that place's canary in its name: a word that occurs nowhere else, so that
one look at an answer tells whether a foreign row is in it. Made through services only; deterministic.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from PIL import Image

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)
SINCE = date(2025, 1, 1)

NEAR, TEAM, FAR = "near", "team", "far"
CANARIES = {NEAR: "貔貅", TEAM: "饕餮", FAR: "鸑鷟"}
"""near: where the local roles sit; team: the neighbouring area of the same region; far: another region."""
PINYIN = {NEAR: "pixiu", TEAM: "taotie", FAR: "yuezhuo"}
PRIVATE = "獬豸"
"""In what belongs to one person alone."""
PHONES = {NEAR: "13912340001", TEAM: "13912340002", FAR: "13912340003"}
LOTS = {NEAR: "LOTNEAR7", TEAM: "LOTTEAM7", FAR: "LOTFAR7"}
"""Lot numbers stand for business data that a filed representative must not see anywhere."""
LOCAL_PLACES = {"regional_director": "east"}


@dataclass(frozen=True, slots=True)
class Sample:
    """An object to ask for: what fills the address, and who reaches it.

    territory: id, or None for what lies nowhere; owner: person id of what is somebody's own.
    """

    keys: Mapping[str, Any]
    territory: int | None = None
    owner: int | None = None
    place: str = ""


@dataclass
class World:
    """What was made."""

    system: Any
    territories: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    """By role code, or by what is special about them: nobody, expired, filed, far, team, owner, left."""
    samples: dict[str, dict[str, Sample]] = field(default_factory=dict)
    """By kind, then by place ("near", "team", "far"), or "company", "own", "other"."""

    def add(self, kind: str, place: str, keys: Mapping[str, Any] | Any, **reach: Any) -> None:
        if not isinstance(keys, Mapping):
            keys = {"pk": keys.pk}
        if place in CANARIES:
            reach.setdefault("territory", self.territories[place].pk)
        self.samples.setdefault(kind, {})[place] = Sample(keys, place=place, **reach)


def picture(words: str = "") -> bytes:
    """Return a small picture; other words, another picture."""
    written = io.BytesIO()
    Image.new("RGB", (8, 8), (len(words), sum(words.encode()) % 256, 7)).save(written, "PNG")
    return written.getvalue()


def build(data: Path) -> World:
    """Make the world in the present database; `data` is the data folder."""
    from yaomai.kit.access import acting, system_actor
    from yaomai.kit.audit.models import Entry
    from yaomai.kit.dashboards import totals

    world = World(system_actor("准备", "prepare a company"))
    with acting(world.system):
        _organization(world)
        _catalog(world)
        for place in CANARIES:
            _customers(world, place)
        for place in CANARIES:
            _sales(world, place)
            _duplicates(world, place)
            _listing(world, place)
            _influence(world, place)
            _compliance(world, place)
            _ledger(world, place)
        _rules(world)
        _watch(world)
        _materials(world)
        _reports(world)
        _controls(world)
        _privacy(world)
        _dossiers(world)
        _tiers(world)
        for place in CANARIES:
            _planning(world, place)
            _engagement(world, place)
            _support(world, place)
        _insights(world)
        _judgements(world)
        _review(world)
        _policies(world)
        _own(world, data)
        totals.refresh_all(now=NOW)
        world.add("entry", "company", Entry.unscoped.filter(code="customers.institution:create").earliest("pk"))
    return world


# Who we are ------------------------------------------------------------------------------------------------


def _organization(world: World) -> None:
    from yaomai.organization.models import Territory
    from yaomai.organization.roles import ROLES
    from yaomai.organization.services import role_sync, territory_create, territory_plan_change

    role_sync(actor=world.system, now=NOW)
    level = Territory.Level
    for key, name, kind, above in (
        ("company", "安衡药业", level.COMPANY, None),
        ("east", "东大区", level.REGION, "company"),
        ("west", f"{CANARIES[FAR]}大区", level.REGION, "company"),
        (NEAR, f"{CANARIES[NEAR]}区域", level.AREA, "east"),
        (TEAM, f"{CANARIES[TEAM]}区域", level.AREA, "east"),
        (FAR, f"{CANARIES[FAR]}区域", level.AREA, "west"),
    ):
        world.territories[key] = territory_create(
            actor=world.system, now=NOW, code=f"T{len(world.territories)}", name=name, level=kind,
            parent=world.territories.get(above) if above else None, valid_from=SINCE,
        )  # fmt: skip
    for place, canary in CANARIES.items():
        change = territory_plan_change(
            actor=world.system, now=NOW, territory_id=world.territories[place].pk,
            effective_on=TODAY + timedelta(days=100), name=f"{canary}新名",
        )  # fmt: skip
        world.add("territory", place, world.territories[place])
        world.add("change", place, change)
    for role in ROLES:
        where = LOCAL_PLACES.get(role.code, NEAR)
        _person(world, role.code, role.code, "company" if role.is_company_wide else where)
    _person(world, "nobody")
    _person(world, "expired", "sales_director", "company", valid_to=TODAY)
    _person(world, "filed", "key_account_manager", NEAR)
    _person(world, "far", "area_manager", FAR)
    _person(world, "team", "area_manager", TEAM)
    _person(world, "owner")
    # Local administrators exist in no shipped role: only these hold positions outside the places of the crawl.
    for key in ("system_administrator", "security_administrator"):
        _person(world, f"second_{key}", key, "company")
    _filings(world)
    _leaver(world)
    _emergency(world)


def _person(world: World, key: str, role: str = "", where: str = "", *, valid_to: date | None = None) -> None:
    from yaomai.organization.models import Holding, Role
    from yaomai.organization.services import holding_start, person_create, position_create

    person = person_create(
        actor=world.system, now=NOW, username=f"u{len(world.people)}", name=f"员工{len(world.people)}"
    )
    world.people[key] = person
    if not role:
        return
    position = position_create(
        actor=world.system, now=NOW, code=f"P{len(world.people)}", title=f"{CANARIES.get(where, '总部')}岗位{len(world.people)}",
        role=Role.unscoped.get(code=role), territory=world.territories[where], valid_from=SINCE,
    )  # fmt: skip
    holding_start(
        actor=world.system, now=NOW, person_id=person.pk, position_id=position.pk, valid_from=SINCE, valid_to=valid_to
    )
    if key in {"representative", "team", "far"}:
        place = NEAR if key == "representative" else key
        world.add("position", place, position)
        world.add("holding", place, Holding.unscoped.get(person=person))


def _filings(world: World) -> None:
    from yaomai.organization.services import filing_create

    filing = filing_create(
        actor=world.system, now=NOW, person=world.people["filed"], number="备2026000001", product_scope="心血管",
        valid_from=SINCE,
    )  # fmt: skip
    world.add("filing", "company", filing)
    world.add("person", "company", world.people["finance"])


def _emergency(world: World) -> None:
    from yaomai.organization.models import Role
    from yaomai.organization.services import emergency_end, emergency_give

    role, person = Role.unscoped.get(code="system_administrator"), world.people["expired"]
    common = {"actor": world.system, "now": NOW}
    emergency = emergency_give(**common, person=person, role=role, hours=2, reason="系统管理员突发疾病")
    emergency_end(**common, pk=emergency.pk)
    world.add("emergency", "company", emergency, owner=person.pk)
    world.add("duty", "company", role)


def _leaver(world: World) -> None:
    from yaomai.organization.models import Role
    from yaomai.organization.services import person_deactivate

    _person(world, "left", "sales_director", "company")
    person_deactivate(actor=world.system, now=NOW, pk=world.people["left"].pk)
    world.add("left", "company", world.people["left"])
    world.add("role", "company", Role.unscoped.get(code="finance"))


# What we bring ---------------------------------------------------------------------------------------------


def _catalog(world: World) -> None:
    from yaomai.catalog import services

    common = {"actor": world.system, "now": NOW}
    line = services.product_line_create(**common, code="CV", name="心血管线")
    indication = services.indication_create(**common, code="I10", name="原发性高血压")
    department = services.standard_department_create(**common, code="T99", name="试验科")
    province = services.division_create(**common, code="91", name="安东省")
    division = services.division_create(**common, code="9101", name="江城市", parent=province)
    product = services.product_create(
        **common, code="AH1", name="安衡平", generic_name="安氯平片", specification="5mg×28片", product_line=line
    )
    for kind, row in (
        ("productline", line), ("indication", indication), ("standarddepartment", department),
        ("division", division), ("product", product),
    ):  # fmt: skip
        world.add(kind, "company", row)


# Whom we know ----------------------------------------------------------------------------------------------


def _customers(world: World, place: str) -> None:
    from yaomai.catalog.models import Indication
    from yaomai.customers import profile, services

    canary, territory = CANARIES[place], world.territories[place]
    common = {"actor": world.system, "now": NOW}

    def institution(name: str, **fields: Any) -> Any:
        return services.institution_create(**common, name=name, territory=territory, **{"grade": "3A"} | fields)

    hospital = institution(f"江城{canary}医院", phone="021-5550100")
    name = services.institution_name_add(**common, pk=hospital.pk, name=f"{canary}老医院")
    department = services.department_create(**common, institution=hospital, name=f"{canary}内科")
    professional = services.professional_create(
        **common, name=f"{canary}明", institution=hospital, department=department, position=f"{canary}主任"
    )
    affiliation = professional.affiliations.get()
    phone = services.professional_contact_add(**common, pk=professional.pk, kind="mobile", value=PHONES[place])
    desk = services.institution_contact_add(**common, pk=hospital.pk, kind="mobile", value=PHONES[place])
    distributor = institution(f"{canary}医药有限公司", kind="distributor", grade="")
    world.add("institution", place, hospital)
    world.add("professional", place, professional)
    world.add("department", place, department)
    patients = services.patient_population_create(
        **common, department=department, indication=Indication.unscoped.get(code="I10"), patients=900,
        basis="published", source="年报", estimated_on=date(2026, 1, 1),
    )  # fmt: skip
    world.add("patientpopulation", place, patients)
    world.add("affiliation", place, affiliation)
    world.add("name", place, {"pk": hospital.pk, "name": name.pk})
    world.add("institution_entity", place, {"entity": "institution", "pk": hospital.pk})
    world.add("professional_entity", place, {"entity": "professional", "pk": professional.pk})
    for entity, row in (("institution", hospital), ("professional", professional)):
        code = profile.fact_fields(entity)[0].code
        world.add(f"{entity}_fact", place, {"entity": entity, "pk": row.pk, "code": code})
        propose = getattr(services, f"{entity}_change_propose")
        asked = propose(**common, pk=row.pk, field="visit_points", value=f"{canary}上午", source=f"{canary}拜访")
        world.add(f"{entity}_request", place, {"entity": entity, "pk": asked.pk})
    world.add("institution_contact", place, {"entity": "institution", "pk": hospital.pk, "contact": desk.pk})
    world.add("professional_contact", place, {"entity": "professional", "pk": professional.pk, "contact": phone.pk})
    world.add("distributor", place, distributor)


def _listing(world: World, place: str) -> None:
    from yaomai.catalog.models import Product
    from yaomai.customers.models import Institution, Professional
    from yaomai.listing import services

    common = {"actor": world.system, "now": NOW}
    hospital = Institution.unscoped.get(pk=world.samples["institution"][place].keys["pk"])
    person = Professional.unscoped.get(pk=world.samples["professional"][place].keys["pk"])
    committee = services.committee_create(
        **common, institution=hospital, source=f"{CANARIES[place]}公示", next_meeting_on=date(2027, 1, 5)
    )
    held = {"professional": person, "valid_from": date(2026, 1, 1), "source": f"{CANARIES[place]}公示"}
    seat = services.seat_start(**common, committee=committee.pk, role="chair", **held)
    holder = services.holder_start(**common, institution=hospital, stage="pharmacy", **held)
    process = services.process_create(
        **common, institution=hospital, product=Product.unscoped.get(code="AH1"), opened_on=date(2026, 1, 1),
        blocker=f"{CANARIES[place]}缺资料",
    )  # fmt: skip
    services.stance_record(
        **common, process=process.pk, professional=person, value="supports", source=f"{CANARIES[place]}拜访",
        recorded_on=date(2026, 2, 1),
    )  # fmt: skip
    world.add("committee", place, committee)
    world.add("process", place, process)
    world.add("seat", place, {"pk": committee.pk, "seat": seat.pk})
    world.add("stageholder", place, holder)


def _influence(world: World, place: str) -> None:
    from yaomai.customers.models import Professional
    from yaomai.customers.services import professional_create
    from yaomai.influence import services
    from yaomai.influence.models import Authorship, Publication

    common = {"actor": world.system, "now": NOW}
    canary = CANARIES[place]
    person = Professional.unscoped.get(pk=world.samples["professional"][place].keys["pk"])
    told = {"professional": person, "source": f"{canary}公示"}
    since = {"valid_from": date(2026, 1, 1)}
    world.add("office", place, services.office_create(
        **common, **told, **since, society=f"{canary}学会", level="city", role="chair"
    ))  # fmt: skip
    world.add(
        "study", place, services.study_create(**common, **told, **since, title=f"{canary}研究", phase="3", role="sub")
    )
    world.add("guideline", place, services.guideline_create(
        **common, **told, title=f"{canary}指南", role="author", year=2025
    ))  # fmt: skip
    publication = Publication.unscoped.first() or services.publication_create(
        **common, title="公开发表的论文", year=2025, source="PubMed"
    )
    author = services.author_add(**common, publication=publication.pk, professional=person)
    colleague = professional_create(**common, name=f"{canary}同事", institution=person.institution)
    tie = services.tie_create(**common, professional=person, other=colleague, source=f"{canary}拜访", **since)
    world.add("colleague", place, colleague)
    world.add("tie", place, tie)
    if place == NEAR:
        opened = Authorship.unscoped.create(
            publication=publication, name="佚名", link="open", candidates=[[person.pk, 0.3, ["name"]]]
        )
        world.add("open_author", "company", opened)
    world.add("publication", "company", publication)
    world.add("authorship", place, {"pk": publication.pk, "author": author.pk})


def _compliance(world: World, place: str) -> None:
    from yaomai.compliance.models import Check
    from yaomai.compliance.services import consent_create
    from yaomai.customers.models import Institution

    hospital = Institution.unscoped.get(pk=world.samples["institution"][place].keys["pk"])
    consent = consent_create(
        actor=world.system, now=NOW, institution=hospital, document=f"{CANARIES[place]}同意函", valid_from=SINCE
    )
    check = Check.unscoped.create(
        kind="visit", on=TODAY, facts={"days_back": "0"}, outcome="allow", territory=world.territories[place],
        target_label=f"{CANARIES[place]}拜访", created_at=NOW,
    )  # fmt: skip
    world.add("consent", place, consent)
    world.add("check", place, check)


def _materials(world: World) -> None:
    """One that may be used, one that is being written; shown once in each place."""
    from yaomai.customers.models import Institution
    from yaomai.materials.models import MaterialVersion
    from yaomai.materials.services import material_create, material_use, version_draft

    common = {"actor": world.system, "now": NOW}
    texts = {"content": "双盲研究", "limitations": "样本小", "adverse_reactions": "头晕", "sponsorship": "安衡药业资助",
             "valid_until": date(2099, 1, 1)}  # fmt: skip
    material = material_create(**common, code="M1", title="安衡平彩页", kind="medical")
    version = version_draft(**common, material=material.pk, **texts)
    MaterialVersion.unscoped.filter(pk=version.pk).update(state="approved")
    written = material_create(**common, code="M2", title="用药问答", kind="medical")
    draft = version_draft(**common, material=written.pk, **texts | {"valid_until": date(2027, 6, 1)})
    for name, row in (("material", material), ("material_version", version), ("written_material", written),
                      ("material_draft", draft)):  # fmt: skip
        world.add(name, "company", row)
    for place in CANARIES:
        hospital = Institution.unscoped.get(pk=world.samples["institution"][place].keys["pk"])
        world.add("use", place, material_use(**common, used=version, institution=hospital, on=TODAY))


def _ledger(world: World, place: str) -> None:
    from yaomai.compliance.models import Expense, Share, Transfer
    from yaomai.compliance.services import expense_record, transfer_request
    from yaomai.customers.models import Institution, Professional
    from yaomai.kit.attachments.services import attachment_add
    from yaomai.organization.models import Person

    hospital = Institution.unscoped.get(pk=world.samples["institution"][place].keys["pk"])
    doctor = Professional.unscoped.get(pk=world.samples["professional"][place].keys["pk"])
    said = {"form": "gift", "item": "notebook", "amount": Decimal(20), "on": TODAY, "purpose": "学术交流"}
    states = {"transfer": "requested", "approved_transfer": "approved", "dropped_transfer": "requested"}
    for number, (name, state) in enumerate(states.items()):
        made = transfer_request(
            actor=world.system, now=NOW, institution=hospital, professionals=[doctor], description=f"{CANARIES[place]}{number}",
            **said,  # type: ignore[arg-type]
        )  # fmt: skip
        Transfer.unscoped.filter(pk=made.pk).update(state=state)
        world.add(name, place, made)
    proved = world.samples["transfer"][place].keys["pk"]
    proof = attachment_add(
        actor=world.system, now=NOW, carrier="compliance.transfer", carrier_id=proved, name=f"{CANARIES[place]}发票.png",
        content=picture(place),
    )  # fmt: skip
    world.add("carrier", place, {"carrier": "compliance.transfer", "carrier_id": proved})
    world.add("attachment", place, proof)
    world.add("share", place, Share.unscoped.filter(transfer__institution=hospital).earliest("pk"))
    if not Expense.unscoped.exists():
        claimed = expense_record(
            actor=world.system, now=NOW, claim="BX1", claimant=Person.unscoped.earliest("pk"), form="meal", on=TODAY,
            amount=Decimal(90),
        )  # fmt: skip
        world.add("expense", "company", claimed)


def _watch(world: World) -> None:
    from yaomai.integrity.models import Case
    from yaomai.integrity.services import case_close, cases_open
    from yaomai.integrity.watching import Found

    said = {
        "detector": "same_invoice", "person": None, "other": None, "professional": None, "institution": None,
        "first_day": TODAY, "last_day": TODAY, "lines": 2, "amount": Decimal(960), "measure": 2.0, "expected": 1.0,
        "strength": 0.98, "score": 0.98, "named": (),
    }  # fmt: skip
    found = [Found(key=key, **said) for key in ("case", "closed_case")]  # type: ignore[arg-type]
    cases_open(actor=world.system, now=NOW, found=found)
    for each in found:
        case = Case.unscoped.get(key=each.key)
        if each.key == "closed_case":
            case_close(actor=world.system, now=NOW, pk=case.pk, outcome="mistaken", note="录入错误")
        world.add(each.key, "company", case)


def _reports(world: World) -> None:
    from yaomai.integrity import letterbox
    from yaomai.integrity.cleaning import Evidence
    from yaomai.integrity.models import Enclosure, Report
    from yaomai.integrity.services import letterbox_empty

    letterbox.put_in(
        code=letterbox.new_code(), text="聚餐拆成两张发票", on=TODAY, category="expenses", is_report=True,
        files=[Evidence("text/plain", "明细".encode())],
    )  # fmt: skip
    letterbox_empty(actor=world.system, now=NOW)
    report = Report.unscoped.get()
    world.add("report", "company", report)
    world.add("report_file", "company", {"pk": report.pk, "file": Enclosure.unscoped.get().pk})


def _controls(world: World) -> None:
    from yaomai.customers.models import Institution
    from yaomai.integrity import services

    common: dict[str, Any] = {"actor": world.system, "now": NOW}
    world.add("crisis", "company", services.crisis_open(**common, kind="inquiry", title="问询"))
    world.add("disclosure", "company", services.disclosure_create(
        **common, title="超标", authority="市监局", found_on=TODAY, facts="三次", measures="退回"))  # fmt: skip
    world.add("provider", "company", services.provider_create(
        **common, name="会务公司", kind="meeting", credit_code="91420100MA4K000001"))  # fmt: skip
    world.add("contract", "company", services.contract_ask(
        **common, kind="other", number="HT1", title="合同", institution=Institution.unscoped.earliest("pk"), purpose="学术",
        text="反商业贿赂", begins_on=TODAY))  # fmt: skip
    world.add("risk", "company", services.risk_create(
        **common, area="data", title="泄露", likelihood=2, impact=4, review_on=TODAY))  # fmt: skip
    world.add("audit", "company", services.audit_draw(
        **common, title="抽查", start=SINCE, end=TODAY + timedelta(days=90), size=5, method="random"))  # fmt: skip


def _privacy(world: World) -> None:
    from yaomai.customers.models import Professional
    from yaomai.privacy import services

    common: dict[str, Any] = {"actor": world.system, "now": NOW}
    person = Professional.unscoped.get(pk=world.samples["professional"][NEAR].keys["pk"])
    kinds = {"subjectrequest": "access", "request_answer": "explain", "request_refuse": "copy", "request_withdraw": "withdraw",
             "request_restrict": "restrict", "request_erase": "delete"}  # fmt: skip
    for key, kind in kinds.items():
        row = services.request_take(
            **common, professional=person, kind=kind, received_on=TODAY, channel="phone", identity="回拨"
        )
        world.add(key, "company", row)
    processing = services.processing_create(
        **common, name="学术拜访", basis="consent", kinds=["identity"], method="登记", retention="三年", notice="告知"
    )
    world.add("processing", "company", processing)
    world.add("personconsent", "company", services.consent_give(
        **common, professional=person, processing=processing, given_on=TODAY, evidence="签字表"))  # fmt: skip
    world.add("impactassessment", "company", services.assessment_ask(
        **common, processing=processing, necessity="必要", impact="小", measures="加密", assessed_on=TODAY))  # fmt: skip
    for key, owner in (("own", "owner"), ("other", "compliance_officer")):
        released = services.release_ask(
            **common, purpose=f"{PRIVATE}印制", persons=10, valid_until=TODAY + timedelta(days=300)
        )
        type(released).unscoped.filter(pk=released.pk).update(author=world.people[owner])
        world.add("release", key, released, owner=world.people[owner].pk)


def _support(world: World, place: str) -> None:
    from yaomai.customers.models import Institution, Professional
    from yaomai.planning.services import callback_record
    from yaomai.support import services

    common: dict[str, Any] = {"actor": world.system, "now": NOW}
    hospital = Institution.unscoped.get(pk=world.samples["institution"][place].keys["pk"])
    who = Professional.unscoped.get(pk=world.samples["professional"][place].keys["pk"])
    world.add("callback", place, callback_record(
        **common, institution=hospital, professional=who, outcome="wish", words=f"{CANARIES[place]}想要随访表"))  # fmt: skip
    keys = ("servicerequest", *(f"service_{name}" for name in ("start", "wait", "resolve", "confirm", "reopen")))
    for number, key in enumerate(keys):
        row = services.request_take(
            **common | {"now": NOW - timedelta(hours=number)}, institution=hospital, professional=who, kind="product_information",
            words=f"{CANARIES[place]}请寄说明书",
        )  # fmt: skip
        if key in ("service_confirm", "service_reopen"):
            row = services.request_resolve(**common, pk=row.pk, resolution=f"{CANARIES[place]}已寄出")
        world.add(key, place, row)
    services.request_take(
        **common, institution=hospital, kind="order_query", words=f"{CANARIES[place]}批号 {LOTS[place]} 的订单何时到货"
    )


def _dossiers(world: World) -> None:
    from yaomai.integrity.services import dossier_ask, dossier_make

    dossier = dossier_ask(
        actor=world.system, now=NOW, occasion="routine", authority="市监局", subject="company", first_day=SINCE,
        last_day=TODAY, sections=["filings"],
    )  # fmt: skip
    world.add("dossier", "company", dossier_make(actor=world.system, now=NOW, pk=dossier.pk))


def _rules(world: World) -> None:
    from yaomai.compliance.models import Rule
    from yaomai.compliance.services import rule_propose

    proposed = rule_propose(
        actor=world.system, now=NOW, code="AH-1", reason="按年会决议", pack="documents", kinds=["visit"], level="watch",
        text_zh="超过五天才录入", source="公司规定", confidence="H", valid_from=TODAY,
        clauses=[{"fact": "days_back", "operator": "above", "value": "5"}],
    )  # fmt: skip
    world.add("rule", "company", Rule.unscoped.get(code="MR1"))
    world.add("rule_code", "company", {"code": "MR1"})
    world.add("proposed_rule", "company", proposed)


def _duplicates(world: World, place: str) -> None:
    from yaomai.customers import services
    from yaomai.customers.models import InstitutionDuplicate, ProfessionalDuplicate

    canary, territory = CANARIES[place], world.territories[place]
    common = {"actor": world.system, "now": NOW}

    def pair(make: Any, *names: str) -> tuple[Any, Any]:
        first, second = (make(f"{canary}{name}") for name in names)
        return first, second

    def institution(name: str) -> Any:
        return services.institution_create(**common, name=name, territory=territory, kind="clinic")

    def professional(name: str) -> Any:
        hospital = world.samples["institution"][place].keys["pk"]
        from yaomai.customers.models import Institution

        return services.professional_create(**common, name=name, institution=Institution.unscoped.get(pk=hospital))

    for entity, make, model, merge in (
        ("institution", institution, InstitutionDuplicate, services.institution_merge),
        ("professional", professional, ProfessionalDuplicate, services.professional_merge),
    ):
        first, second = pair(make, "甲诊", "甲诊所")
        proposal = model.unscoped.create(first=first, second=second, score=0.9, reasons=[], created_at=NOW)
        kept, gone = pair(make, "乙诊", "乙诊所")
        done = merge(**common, winner=kept.pk, loser=gone.pk)
        world.add(f"{entity}_pair", place, {"entity": entity, "winner": first.pk, "loser": second.pk})
        world.add(f"{entity}_proposal", place, {"entity": entity, "pk": proposal.pk})
        world.add(f"{entity}_merge", place, {"entity": entity, "pk": done.pk})

    origin = institution(f"{canary}丙院")
    ward = services.department_create(**common, institution=origin, name="康复科")
    split = services.institution_split(
        **common, pk=origin.pk, name=f"{canary}丙院东区", day=NOW.date(), departments=[ward.pk]
    )
    world.add("institution_split", place, split)


# What they buy ---------------------------------------------------------------------------------------------


def _sales(world: World, place: str) -> None:
    from yaomai.commerce.lines import SCHEMA
    from yaomai.commerce.models import SalesLine, SourceName
    from yaomai.commerce.services import flow_take_in
    from yaomai.commerce.services.intake import plan_intake

    canary = CANARIES[place]
    buyers = [f"江城{canary}医院"] * 12 + [f"{canary}无名诊所"]
    count = len(buyers)
    columns: dict[str, list[Any]] = {
        "row": list(range(2, count + 2)),
        "sold_on": [date(2025, 12, 5) + timedelta(days=28 * number) for number in range(12)] + [date(2026, 10, 9)],
        "buyer": buyers,
        "place": [""] * count,
        "item": ["安衡平"] * count,
        "specification": ["5mg×28片"] * count,
        "item_code": [""] * count,
        "quantity": [Decimal(10)] * count,
        "amount": [Decimal(1000)] * count,
        "lot": [LOTS[place]] * count,
    }
    table = pa.table({name: pa.array(columns[name], SCHEMA.field(name).type) for name in SCHEMA.names})
    plan = plan_intake(
        actor=world.system, distributor_id=world.samples["distributor"][place].keys["pk"], table=table, today=TODAY
    )
    batch = flow_take_in(actor=world.system, plan=plan, file_name=f"{canary}流向.xlsx", now=NOW)
    hospital = world.samples["institution"][place].keys["pk"]
    world.add("batch", place, batch)
    world.add("line", place, SalesLine.unscoped.filter(batch=batch, institution=hospital).order_by("pk")[0])
    world.add("known_name", place, SourceName.unscoped.get(kind="institution", institution=hospital))
    world.add("unknown_name", place, SourceName.unscoped.get(name=f"{canary}无名诊所"), territory=None)


# Who matters -----------------------------------------------------------------------------------------------


def _judgements(world: World) -> None:
    from yaomai.segmentation.attributes import ATTRIBUTES
    from yaomai.segmentation.services import assessment_record

    for subject in ("institution", "professional"):
        attribute = next(each for each in ATTRIBUTES if subject in each.subjects and each.unit == "points")
        for place, canary in CANARIES.items():
            assessment_record(
                actor=world.system, subject=subject, customer=world.samples[subject][place].keys["pk"],
                attribute=attribute.code, value=50, source=f"{canary}访谈", assessed_on=TODAY, now=NOW,
            )  # fmt: skip


def _tiers(world: World) -> None:
    from yaomai.segmentation.models import TierAssignment
    from yaomai.segmentation.services import tiers_compute, tiers_publish

    run = tiers_compute(actor=world.system, as_of=TODAY)
    tiers_publish(actor=world.system, pk=run.pk, now=NOW)
    world.add("run", "company", run)
    for subject in ("institution", "professional"):
        for place in CANARIES:
            pk = world.samples[subject][place].keys["pk"]
            world.add(f"{subject}_subject", place, {"subject": subject, "pk": pk})
            held = TierAssignment.unscoped.filter(**{f"{subject}_id": pk}, valid_to=None).order_by("scheme").first()
            if held is not None:
                world.add(f"{subject}_tier", place, {"subject": subject, "pk": pk, "scheme": held.scheme})
    scheme = world.samples["institution_tier"][NEAR].keys["scheme"]
    world.add("scheme", "company", {"scheme": scheme})
    world.add("run_scheme", "company", {"pk": run.pk, "scheme": scheme})


def _review(world: World) -> None:
    """A signal, a change on the agenda, a meeting with and without a record, and a proposed type in each place."""
    from yaomai.kit.runs.models import Run
    from yaomai.segmentation.models import TierChange, TierMeeting, TierSignal, TypeProposal

    run = Run.unscoped.get(pk=world.samples["run"]["company"].keys["pk"])
    for place, canary in CANARIES.items():
        institution = world.samples["institution"][place].keys["pk"]
        stamps = {"created_at": NOW, "updated_at": NOW, "territory": world.territories[place]}
        meeting = TierMeeting.unscoped.create(held_on=TODAY, quarter="2026-Q1", minutes=f"{canary}讨论", **stamps)
        closed = TierMeeting.unscoped.create(
            held_on=TODAY, quarter="2025-Q4", state="closed", minutes=f"{canary}讨论", closed_at=NOW,
            record={"meeting": canary, "held_on": "2025-12-20", "minutes": canary, "opened_by": "", "closed_by": "",
                    "run": run.pk, "policies": {}, "changes": []}, digest="0" * 64, **stamps,
        )  # fmt: skip
        signal = TierSignal.unscoped.create(
            institution_id=institution, month=TODAY.replace(day=1), kind="purchases_rose", before=10000, after=30000,
            money=240000, note=f"{canary}招标", created_at=NOW,
        )  # fmt: skip
        change = TierChange.unscoped.create(
            institution_id=institution, scheme="four_tiers", tier_before="ordinary", tier="core", source="request",
            reason=f"{canary}新建院区", meeting=meeting, proposed_at=NOW,
        )  # fmt: skip
        proposal, _is_new = TypeProposal.unscoped.get_or_create(
            professional_id=world.samples["professional"][place].keys["pk"], customer_type="decision_maker", state="open",
            defaults={"scheme": "decision_power", "tier": "decides", "score": 61, "rank": 3, "run": run, "evidence": "0",
                      "created_at": NOW},
        )  # fmt: skip
        world.add("tiermeeting", place, meeting)
        world.add("meeting_record", place, {"pk": closed.pk, "suffix": "xlsx"})
        world.add("tiersignal", place, signal)
        world.add("tierchange", place, change)
        world.add("typeproposal", place, proposal)


def _policies(world: World) -> None:
    from yaomai.kit.policies.schema import registered
    from yaomai.kit.policies.services import version_propose

    name = "segmentation.service"
    document = registered()[name]().model_dump(mode="json") | {"under_served": "0.65"}
    version = version_propose(actor=world.system, name=name, document=document, reason="按年会决议", now=NOW)
    world.add("policy", "company", {"name": name})
    world.add("version", "company", version)
    world.add("api_version", "company", {"version_id": version.pk})


# Who meets whom, and when ------------------------------------------------------------------------------------


def _planning(world: World, place: str) -> None:
    from yaomai.customers.models import Institution, Professional
    from yaomai.planning import services

    common = {"actor": world.system, "now": NOW, "owner": world.people["finance"]}
    hospital = Institution.unscoped.get(pk=world.samples["institution"][place].keys["pk"])
    person = Professional.unscoped.get(pk=world.samples["professional"][place].keys["pk"])
    customer = {"institution": hospital, "professional": person}
    duty = services.duty_create(
        **common, **customer, activity="academic_visit", window_from=TODAY, window_to=TODAY + timedelta(days=30),
        task=f"{CANARIES[place]}带资料",
    )  # fmt: skip
    visit = services.visit_create(
        **common, **customer, activity="academic_visit", day=TODAY + timedelta(days=7), duty=duty.pk,
        objective=f"{CANARIES[place]}随访",
    )  # fmt: skip
    world.add("serviceduty", place, duty)
    world.add("plannedvisit", place, visit)
    _plans(world, place, hospital, person)


def _plans(world: World, place: str, hospital: Any, person: Any) -> None:
    """Add a plan with a line, a proposal, an absence, a location, a goal, a note and a review, each in its place."""
    from yaomai.planning import services
    from yaomai.planning.models import CalendarFeed, Plan, PlanLine, Replan, WorkingTime
    from yaomai.planning.services.feeds import digest_of

    do = {"actor": world.system, "now": NOW}
    owner, territory, canary = world.people["finance"], world.territories[place], CANARIES[place]
    since = {"begins_on": TODAY, "ends_on": TODAY + timedelta(days=28)}
    numbers = {NEAR: 1, TEAM: 2, FAR: 3}
    plan = Plan.unscoped.create(
        owner=owner, territory=territory, number=numbers[place], reason=f"{canary}季度计划", state="draft",
        figures={"placed": 1, "duties": 1, "gap": 0.01, "hours": 2, "places": 1, "estimated": 0, "provisional": []},
        advice={"zh": [f"{canary}排不下"], "en": [f"{canary} no place"]}, created_at=NOW, updated_at=NOW, **since,
    )  # fmt: skip
    PlanLine.unscoped.create(
        plan=plan, institution=hospital, professional=person, activity="academic_visit", day=TODAY, order=1,
        starts_at="09:00", ends_at="09:30", kilometres=1,
    )  # fmt: skip
    replan = Replan.unscoped.create(
        owner=owner, territory=territory, kind="ill", reason=f"{canary}感冒", since=TODAY, until=TODAY, created_at=NOW,
        figures={"seconds": 0.1, "forced": 0, "others": 0, "planned": 1, "share": 0},
    )  # fmt: skip
    absence = services.absence_create(
        **do, institution=hospital, professional=person, kind="away", title=f"{canary}年会", starts_at=NOW,
        ends_at=NOW + timedelta(days=2),
    )  # fmt: skip
    location = services.location_create(
        **do, institution=hospital, latitude=Decimal("30.5"), longitude=Decimal("114.3"), source=f"{canary}地图"
    )
    services.working_times_set(**do, institution=hospital, marks={(1, "am"): "visiting"}, source=f"{canary}医务科")
    goal = services.goal_create(
        **do, level="year", begins_on=TODAY, territory=territory, title=f"{canary}覆盖目标", measure="visits",
        target=Decimal(100), basis="去年完成八十次", relevance="学术覆盖",
    )  # fmt: skip
    note = services.note_create(
        **do, territory=territory, factor="policy", noted_on=TODAY, text=f"{canary}集采", source="公告"
    )
    with_territory = services.review_create(
        **do, owner=owner, level="month" if place != FAR else "quarter", begins_on=date(2026, 9 if place == TEAM else 10, 1),
        lessons=f"{canary}少排", next_steps="核对",
    )  # fmt: skip
    type(with_territory).unscoped.filter(pk=with_territory.pk).update(territory=territory)
    for kind, row in (
        ("plan", plan), ("replan", replan), ("absence", absence), ("location", location), ("goal", goal),
        ("environmentnote", note), ("review", with_territory),
        ("workingtime", WorkingTime.unscoped.get(institution=hospital)),
    ):  # fmt: skip
        world.add(kind, place, row)
    if place == NEAR:
        CalendarFeed.unscoped.create(person=world.people["finance"], digest=digest_of("wrong"), created_at=NOW)
        world.add("feed", "company", {"secret": "unknown"})


# What happens between us -----------------------------------------------------------------------------------


def _engagement(world: World, place: str) -> None:
    from yaomai.customers.models import Institution
    from yaomai.engagement import services

    hospital = Institution.unscoped.get(pk=world.samples["institution"][place].keys["pk"])
    account = services.account_create(
        actor=world.system, now=NOW, institution=hospital, goal=f"{CANARIES[place]}新增准入"
    )
    world.add("keyaccount", place, account)
    _visits(world, place, hospital)


def _visits(world: World, place: str, hospital: Any) -> None:
    """Report a visit that keeps in touch, with what follows from it."""
    from yaomai.customers.models import Professional
    from yaomai.engagement import services
    from yaomai.engagement.models import NextStep, StrategyAlert, VisitAudit

    doctor = Professional.unscoped.get(pk=world.samples["professional"][place].keys["pk"])
    canary = CANARIES[place]
    visit = services.visit_report(
        actor=world.system, now=NOW, institution=hospital, contacts=[doctor], started_at=NOW - timedelta(hours=2),
        content_type="relationship", content=f"{canary}谈了随访的安排", stage="deep", next_steps=[{"text": f"{canary}送指南"}],
    )  # fmt: skip
    common = {"created_at": NOW, "updated_at": NOW}
    audit, _made = VisitAudit.unscoped.get_or_create(visit=visit, defaults={"cause": "sample", **common})
    alert = StrategyAlert.unscoped.create(professional=doctor, contacts=3, opened_on=TODAY, reason=canary, **common)
    world.add("visit", place, visit)
    world.add("nextstep", place, NextStep.unscoped.get(visit=visit))
    world.add("audit", place, audit)
    world.add("strategyalert", place, alert)


# Where to go next ----------------------------------------------------------------------------------------


def _insights(world: World) -> None:
    from yaomai.catalog.models import Division, Product, StandardDepartment
    from yaomai.catalog.services import product_update
    from yaomai.customers.models import Institution
    from yaomai.customers.services import department_update, institution_update
    from yaomai.insights import services
    from yaomai.insights.models import EffectCheck, PolicyImpact, PurchaseSignal, TargetItem
    from yaomai.insights.targets.analysis import Focus

    common = {"actor": world.system, "now": NOW}
    city, target = Division.unscoped.get(code="9101"), StandardDepartment.unscoped.get(code="T99")
    product = Product.unscoped.get(code="AH1")
    product_update(**common, pk=product.pk, changes={"is_own": True, "departments": [target], "class_name": "降压药"})
    figures = [
        services.market_figure_create(
            **common, division=city, kind="market", class_name="降压药", year=year, value=Decimal(value), source="年鉴"
        )
        for year, value in ((2023, 1000), (2025, 2000))
    ]
    world.add("marketfigure", "company", figures[0])
    for place in CANARIES:
        hospital = world.samples["institution"][place].keys["pk"]
        institution_update(**common, pk=hospital, changes={"division": city})
        department_update(**common, pk=world.samples["department"][place].keys["pk"], changes={"standard": target})
    for focus in (Focus(), Focus(product=product)):
        services.quadrants_compute(actor=world.system, focus=focus, as_of=TODAY)
    made = services.target_list_create(**common, name="四季度重点", focus=Focus(product=product))
    world.add("targetlist", "company", made)
    world.add("targetlist_file", "company", {"pk": made.pk, "suffix": "xlsx"})
    for place in CANARIES:
        hospital = Institution.unscoped.get(pk=world.samples["institution"][place].keys["pk"])
        world.add("targetitem", place, TargetItem.unscoped.get(target_list=made, institution=hospital))
    event = services.policy_event_create(
        **common, title="第十一批集采", kind="vbp", effective_on=date(2026, 1, 1), products=[product], source="联采办",
        price_low=Decimal("-0.6"), price_high=Decimal("-0.4"),
    )  # fmt: skip
    services.policy_event_assess(**common, pk=event.pk)
    world.add("policyevent", "company", event)
    world.add("policyevent_file", "company", {"pk": event.pk, "suffix": "xlsx"})
    for place in CANARIES:
        key = world.samples["institution"][place].keys["pk"]
        impact, _made = PolicyImpact.unscoped.get_or_create(
            event=event, institution_id=key,
            defaults={"base": 900, "share": 1, "low": 360, "high": 540, "at_risk": 540, "products": [[product.pk, "900"]],
                      "advice": ["report"], "created_at": NOW},
        )  # fmt: skip
        world.add("policyimpact", place, impact)
        world.add("policyimpact_file", place, {"pk": impact.pk, "suffix": "docx"})
        signal = PurchaseSignal.unscoped.create(
            institution_id=key, month=date(2026, 4, 1), kind="drop", value=10, expected=900, low=400, high=2000, score=7,
            money=890, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        world.add("purchasesignal", place, signal)
    _evaluations(world, common)
    reports, studies = {}, {}
    for key in ("sales_director", "area_manager"):
        from yaomai.organization.selectors import actor_for

        studies[key] = services.effect_study_create(
            actor=actor_for(world.people[key], on=TODAY), now=NOW, name="增加拜访", change="visits", since=date(2026, 3, 1),
            institutions=[world.samples["institution"][NEAR].keys["pk"]], selection="勾选",
        )  # fmt: skip
        services.effect_check_fill(actor=world.system, pk=EffectCheck.unscoped.get(study=studies[key]).pk)

        reports[key] = services.value_report_create(
            actor=actor_for(world.people[key], on=TODAY), now=NOW, title="报告", selection="勾选",
            pks=[world.samples["institution"][NEAR].keys["pk"]],
        )  # fmt: skip
    for key, study in studies.items():
        owner = world.people[key].pk
        world.add("effectstudy", f"{key}'s", study, owner=owner)
        world.add("effectstudy_file", f"{key}'s", {"pk": study.pk, "suffix": "xlsx"}, owner=owner)
    for key, made_report in reports.items():
        owner = world.people[key].pk
        world.add("valuereport", f"{key}'s", made_report, owner=owner)
        world.add("valuereport_file", f"{key}'s", {"pk": made_report.pk, "suffix": "xlsx"}, owner=owner)
    _outlook(world)


def _evaluations(world: World, common: dict[str, Any]) -> None:
    """Put an evaluation with a problem in each territory."""
    from yaomai.insights import services
    from yaomai.insights.models import Evaluation, Improvement
    from yaomai.organization.models import Territory

    for place in CANARIES:
        territory = Territory.unscoped.get(pk=world.samples["territory"][place].keys["pk"])
        made = Evaluation.unscoped.create(
            territory=territory, level="month", begins_on=date(2026, 4, 1), ends_on=date(2026, 5, 1), created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        services.evaluation_compute(**common, pk=made.pk)
        world.add("evaluation", place, made)
        world.add("evaluation_file", place, {"pk": made.pk, "suffix": "docx"})
        problem = Improvement.unscoped.create(
            evaluation=made, territory=territory, trigger="by_hand", problem="配送常迟到", created_at=NOW, updated_at=NOW,
            found={"value": 1, "before": 2, "year": None, "from": "2026-04-01", "to": "2026-05-01"},
        )  # fmt: skip
        world.add("improvement", place, problem)


def _outlook(world: World) -> None:
    """Compute what to expect of the hospitals; too few for chances, so that an alert is put there for each."""
    from yaomai.catalog.models import Product
    from yaomai.insights import services
    from yaomai.insights.models import ChurnAlert, Forecast, Outlook, StockSign

    run = services.outlook_compute(actor=world.system, as_of=TODAY)
    world.add("outlook_run", "company", run)
    product = Product.unscoped.get(code="AH1")
    for place in CANARIES:
        hospital = world.samples["institution"][place].keys["pk"]
        # Where the world is not committed the mirror is empty, and so is the run.
        row, _is_new = Outlook.unscoped.get_or_create(
            institution_id=hospital,
            defaults={"pk": hospital, "run": run, "orders": 1, "first_on": TODAY, "last_on": TODAY, "days_silent": 0},
        )
        world.add("outlook", place, row)
        forecast = Forecast.unscoped.create(
            run=run, territory=world.territories[place], product=product, group="other", next_month=1, ahead=1,
            months=[{"month": "2026-11-01", "mean": 1.0}], sold=[1.0],
        )  # fmt: skip
        world.add("forecast", place, forecast)
        world.add("forecast_file", place, {"pk": forecast.pk, "suffix": "xlsx"})
        sign = StockSign.unscoped.create(
            run=run, institution_id=hospital, product=product, kind="run_out", last_on=date(2026, 9, 1), usual_days=28,
            daily=Decimal("0.5"), bought=10, covered_to=date(2026, 10, 1), money=1000,
        )  # fmt: skip
        world.add("stocksign", place, sign)
        alert = ChurnAlert.unscoped.create(
            institution_id=hospital, last_on=date(2026, 6, 1), level="general", money=Decimal(12000), run=run,
            reasons=[{"code": "silent", "params": {"days": 130, "usual": 28}}], opened_on=TODAY, updated_at=NOW,
        )  # fmt: skip
        world.add("churnalert", place, alert)


# What is one's own -----------------------------------------------------------------------------------------


def _own(world: World, data: Path) -> None:
    """Give `owner` and everybody else a saved view, a nudge, a job and an import."""
    for key, person in world.people.items():
        if key != "left":
            _own_of(world, key, person, data)


def _own_of(world: World, key: str, person: Any, data: Path) -> None:
    from yaomai.kit.approvals.models import Delegation, Request
    from yaomai.kit.dashboards.models import Board, Delivery, Pack
    from yaomai.kit.inbox.models import Nudge
    from yaomai.kit.inbox.registry import kinds
    from yaomai.kit.jobs.models import Job
    from yaomai.kit.phrases import phrase
    from yaomai.kit.surfaces.models import SavedView
    from yaomai.kit.transfer import services as transfer
    from yaomai.organization.models import AccessToken
    from yaomai.organization.selectors import actor_for

    word = PRIVATE if key == "owner" else "自己"
    view = SavedView.objects.create(
        owner=person, surface="customers.institution", name=f"{word}视图", query="q=a", created_at=NOW
    )
    nudge = Nudge.unscoped.create(
        kind=kinds()[0].code, key=f"test:{key}", owner=person, url="/", target_label=f"{word}事",
        title=phrase(f"{word}事项"), reason=phrase(f"{word}理由"), created_at=NOW,
    )  # fmt: skip
    job = Job.unscoped.create(
        name="segmentation.compute", owner=person, actor_label=f"{word}任务", state=Job.State.QUEUED, created_at=NOW
    )
    request = Request.unscoped.create(
        kind="tests.trial", target_type="inbox.nudge", target_id=str(nudge.pk), title=phrase(f"{word}申请"), facts=[],
        digest="0" * 64, reason=f"{word}理由", requested_by=person, requested_by_label=f"{word}人", created_at=NOW,
    )  # fmt: skip
    deputy = world.people["sales_director" if key != "sales_director" else "marketing"]
    delegation = Delegation.unscoped.create(
        person=person, deputy=deputy, valid_from=TODAY - timedelta(days=9), valid_to=TODAY - timedelta(days=9),
        reason=f"{word}休假", created_at=NOW,
    )  # fmt: skip
    token = AccessToken.unscoped.create(
        person=person, name=f"{word}程序", digest=f"{person.pk:064d}", hint="yaomai_", expires_on=TODAY + timedelta(days=9),
        created_at=NOW,
    )  # fmt: skip
    from yaomai.catalog.models import Product
    from yaomai.engagement.models import AdverseEvent, Device

    event = AdverseEvent.unscoped.create(
        person=person, product=Product.unscoped.earliest("pk"), what=f"{word}所见：头晕", learned_at=NOW,
        due_at=NOW + timedelta(hours=24), created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    board = Board.unscoped.create(
        owner=person, name=f"{word}看板", cards=["approvals.waiting"], period="quarter", created_at=NOW, updated_at=NOW
    )
    pack = Pack.unscoped.create(
        owner=person, name=f"{word}周报", has_start=True, roles=["marketing"], created_at=NOW, updated_at=NOW
    )
    delivery = Delivery.unscoped.create(
        pack=pack, name=pack.name, receiver=person, day=TODAY, made_at=NOW, workbook=f"{word}数字".encode()
    )
    world.add("delivery_file", f"{key}'s", {"pk": delivery.pk, "suffix": "xlsx"}, owner=person.pk)
    device = Device.unscoped.create(person=person, name=f"{word}手机", key="AA==", created_at=NOW, seen_at=NOW)
    world.add("device", f"{key}'s", {"uuid": device.uuid}, owner=person.pk)
    world.add("api_device", f"{key}'s", {"device": device.uuid}, owner=person.pk)
    for kind, row in (
        ("view", view), ("nudge", nudge), ("job", job), ("request", request), ("delegation", delegation),
        ("token", token), ("adverseevent", event), ("board", board), ("pack", pack),
    ):  # fmt: skip
        world.add(kind, f"{key}'s", row, owner=person.pk)
    world.add("api_request", f"{key}'s", {"request_id": request.pk}, owner=person.pk)
    world.add("api_delegation", f"{key}'s", {"delegation_id": delegation.pk}, owner=person.pk)
    actor = actor_for(person, on=TODAY)
    uploader = actor if actor.may("transfer.import:import") and actor.may("customers.institution:import") else None
    if uploader is None and key != "owner":
        return
    path = data / f"{key}.csv"
    path.write_text(f"医院名称,等级\n{word}医院,三甲\n", encoding="utf-8")
    row = transfer.import_upload(
        actor=uploader or world.system, now=NOW, importer="customers.institution", path=path, file_name=f"{word}.csv"
    )
    if uploader is None:
        row.person = person
        row.save(update_fields=["person"])
    world.add("import", f"{key}'s", row, owner=person.pk)
