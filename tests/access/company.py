"""A company that has just begun: what `yaomai init` makes, and three more people. The examples of the API expect it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine
from django.test import Client

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
STAFF = (("sales_director", "director"), ("commerce_manager", "commerce"), ("compliance_officer", "compliance"))
REPORT = "00000000-0000-4000-8000-000000000001"
"""The anonymous report of the examples: no operation makes one."""
TOKEN = "0" * 32
"""Of the form: any will do when cookie and header agree."""


@contextmanager
def begun() -> Iterator[None]:
    """Begin the company in the present database; it is 18 November 2026 then."""
    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Person, Role, Territory
    from yaomai.organization.services import holding_start, person_create, position_create
    from yaomai.server.cli.init import found_company

    with time_machine.travel(NOW, tick=True):
        found_company("安衡药业")
        common: dict[str, Any] = {"actor": system_actor("test", "staff"), "now": NOW}
        with acting(common["actor"]):
            for code, username in STAFF:
                role = Role.unscoped.get(code=code)
                seat = position_create(
                    **common, code=code, title=role.name, role=role, territory=Territory.unscoped.get(),
                    valid_from=NOW.date(),
                )  # fmt: skip
                person = person_create(**common, username=username, name=role.name)
                holding_start(**common, position_id=seat.pk, person_id=person.pk, valid_from=NOW.date())
        _reviewed(common["actor"])
        _foreseen(common["actor"])
        _watched(common["actor"])
        _pre_approved()
        _signed(common["actor"])
        _approved(9001)
        _asked(9001)
        Person.unscoped.update(must_change_password=False)
        yield


def _evaluated() -> None:
    """Leave an evaluation with problems at each of their steps."""
    from yaomai.insights.models import Evaluation, Improvement, ImprovementCheck
    from yaomai.organization.models import Person, Territory

    place, person = Territory.unscoped.get(), Person.unscoped.get(username="director")
    made = Evaluation.unscoped.create(
        pk=9001, territory=place, level="month", begins_on=NOW.date().replace(month=9, day=1),
        ends_on=NOW.date().replace(month=10, day=1), owner=person, created_at=NOW, updated_at=NOW,
        figures={"as_of": str(NOW.date()), "rows": [], "needs": [], "studies": [], "inputs": {"sales_flow": ""}},
    )  # fmt: skip
    found = {"value": 1000, "before": 1500, "year": 1400, "from": "2026-09-01", "to": "2026-10-01"}
    answer = {"cause": "supply", "kind": "supply", "action": "换配送商", "responsible": person}
    for pk, state in ((9001, "no_action"), (9002, "planned"), (9003, "done"), (9004, "done")):
        Improvement.unscoped.create(
            pk=pk, evaluation=made, territory=place, trigger="by_hand", problem="配送常迟到", found=found, state=state,
            owner=person, due_on=NOW.date(), recheck_on=NOW.date(), created_at=NOW, updated_at=NOW, **answer,
        )  # fmt: skip
    ImprovementCheck.unscoped.create(
        improvement_id=9004, checked_on=NOW.date(), verdict="better", result=found, action="换配送商"
    )


def _reviewed(actor: Any) -> None:
    """Leave what only the monthly review and published runs make: no operation of the API does.

    The customers stand beyond the ids that the examples give away.
    """
    from yaomai.customers.models import Institution, Professional
    from yaomai.engagement.models import Device, NextStep, Visit
    from yaomai.insights.models import EffectCheck, EffectStudy, PolicyEvent, PolicyImpact, PurchaseSignal
    from yaomai.organization.models import Person, Territory
    from yaomai.segmentation.models import TierAssignment, TierChange, TierMeeting, TierSignal, TypeProposal
    from yaomai.segmentation.services import tiers_compute, tiers_publish

    hospital = Institution.unscoped.create(pk=9001, name="江城市第九医院", created_at=NOW, updated_at=NOW)
    person = Professional.unscoped.create(
        pk=9001, name="周宁", institution=hospital, created_at=NOW, updated_at=NOW
    )  # fmt: skip
    visit = Visit.unscoped.create(
        pk=9001, institution=hospital, started_at=NOW, on=NOW.date(), content_type="relationship", content="约了随访",
        reported_at=NOW, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    Device.unscoped.create(
        pk=9001, uuid="0b6a3e0e-6f0f-4a51-9c43-5a3f6a1f9001", person=Person.unscoped.get(username="director"), name="Safari",
        key="AA==", created_at=NOW, seen_at=NOW,
    )  # fmt: skip
    NextStep.unscoped.create(
        pk=9001, visit=visit, text="送指南", due_on=NOW.date() + timedelta(days=7), created_at=NOW, updated_at=NOW
    )
    other, third = (
        Institution.unscoped.create(pk=pk, name=name, created_at=NOW, updated_at=NOW)
        for pk, name in ((9002, "江城市第十医院"), (9003, "江城市第十一医院"))
    )
    PurchaseSignal.unscoped.create(
        pk=9001, institution=hospital, month=NOW.date().replace(month=10, day=1), kind="drop", value=1000, expected=90_000,
        low=40_000, high=150_000, score=7.5, money=89_000, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    event = PolicyEvent.unscoped.create(
        pk=9001, title="第十批集采", kind="vbp", effective_on=NOW.date().replace(month=7, day=1), source="联采办", version=1,
        generic_names="阿托伐他汀", created_at=NOW, updated_at=NOW, assessed_on=NOW.date().replace(month=6),
        inputs={"products": [[1, "阿托伐他汀钙片"]], "ranges": ["-0.6", "-0.4", "0", "0"], "months": []},
    )  # fmt: skip
    PolicyImpact.unscoped.create(
        pk=9001, event=event, institution=hospital, base=90_000, share=1, low=36_000, high=54_000, at_risk=54_000,
        created_at=NOW,
    )  # fmt: skip
    study = EffectStudy.unscoped.create(
        pk=9001, name="药师用药培训", change="training", since=NOW.date().replace(month=6, day=1), selection="参加培训的医院",
        treated=[9001], verdict="few", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    EffectCheck.unscoped.create(
        pk=9001, study=study, as_of=NOW.date(), created_at=NOW,
        result={"verdict": "few", "treated": 1, "pool": 0, "before": 12, "after": 5, "since": 12, "months": [], "left_out": None},
    )  # fmt: skip
    _evaluated()
    before = tiers_compute(actor=actor, as_of=NOW.date() - timedelta(days=1))
    tiers_publish(actor=actor, pk=before.pk, now=NOW)
    TierAssignment.unscoped.all().delete()
    run = tiers_compute(actor=actor, as_of=NOW.date())
    for each in (hospital, other, third):
        TierAssignment.unscoped.create(
            scheme="four_tiers", tier="potential", institution=each, run=run, valid_from=NOW.date()
        )
    signal, *_rest = (
        TierSignal.unscoped.create(
            institution=each, month=NOW.date().replace(day=1), kind="purchases_rose", before=10000, after=32000,
            money=264000, created_at=NOW,
        )
        for each in (hospital, other)
    )  # fmt: skip
    meeting = TierMeeting.unscoped.create(
        territory=Territory.unscoped.order_by("pk")[0], held_on=NOW.date(), quarter="2026-Q1", created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    for each, place in ((hospital, None), (third, meeting)):
        TierChange.unscoped.create(
            institution=each, scheme="four_tiers", tier_before="potential", tier="core", source="signal",
            signal=signal, reason="采购持续上升", proposed_at=NOW, meeting=place,
        )  # fmt: skip
    TypeProposal.unscoped.create(
        professional=person, customer_type="high_influence", scheme="academic_influence", tier="leading", score=61,
        rank=3, run=run, evidence="0", created_at=NOW,
    )  # fmt: skip


def _foreseen(actor: Any) -> None:
    """Leave what only runs make: a run of customer outlooks (the third of all runs), a row of it and an alert."""
    from yaomai.catalog.models import Product
    from yaomai.insights.models import ChurnAlert, Forecast, Outlook, StockSign
    from yaomai.insights.services import outlook_compute

    run = outlook_compute(actor=actor, as_of=NOW.date())
    last = NOW.date() - timedelta(days=120)
    silent = [{"code": "silent", "params": {"days": 120, "usual": 30}}]
    Outlook.unscoped.create(
        pk=9001, institution_id=9001, run=run, orders=9, first_on=last - timedelta(days=300), last_on=last, p_away=0.9,
        days_silent=120, alert="general", reasons=silent,
    )  # fmt: skip
    ChurnAlert.unscoped.create(
        pk=9001, institution_id=9001, run=run, last_on=last, level="general", opened_on=NOW.date(), reasons=silent,
        updated_at=NOW,
    )  # fmt: skip
    Forecast.unscoped.create(
        pk=9001, run=run, next_month=1000, ahead=6000, months=[{"month": "2026-12-01", "mean": 1000.0}], sold=[900.0]
    )
    product = Product.unscoped.create(pk=9001, name="安衡平", generic_name="安氯平片", created_at=NOW, updated_at=NOW)
    StockSign.unscoped.create(
        pk=9001, run=run, institution_id=9001, product=product, kind="run_out", last_on=last, usual_days=30, daily=1,
        bought=0, covered_to=last + timedelta(days=40), money=5000,
    )  # fmt: skip


def _watched(actor: Any) -> None:
    """Leave a case of the watch, which only its sweep opens, and a report, which only the letterbox makes."""
    from datetime import date
    from decimal import Decimal

    from yaomai.integrity.models import Report
    from yaomai.integrity.services import cases_open
    from yaomai.integrity.watching import Found

    day = date(2026, 11, 3)
    found = Found("same_invoice", "FP1", None, None, None, None, day, day, 2, Decimal(960), 2.0, 1.0, 0.98, 0.98, ())
    cases_open(actor=actor, now=NOW, found=[found])
    report = Report(pk=UUID(REPORT), number="R-0EXAMPLE", code="0" * 32, category="expenses", received_on=NOW.date())
    report.save(force_insert=True)


def _approved(pk: int) -> None:
    """Leave a disclosure that others approved; beyond the ids given away."""
    from yaomai.integrity.models import Disclosure

    Disclosure.unscoped.create(
        pk=pk, title="餐费超标", authority="市监局", found_on=NOW.date(), facts="三次", measures="退回", state="approved",
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def _asked(pk: int) -> None:
    """Leave a request to be erased that somebody else took; beyond the ids given away."""
    from yaomai.privacy.models import SubjectRequest

    SubjectRequest.unscoped.create(
        pk=pk, professional_id=9001, kind="delete", received_on=NOW.date(), channel="letter", identity="来信核对",
        due_on=NOW.date() + timedelta(days=20), latest_on=NOW.date() + timedelta(days=30), created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def _signed(actor: Any) -> None:
    """Leave an inspection dossier that is made, which a job does; beyond the ids given away."""
    from yaomai.integrity.models import Dossier
    from yaomai.integrity.services import dossier_make

    Dossier.unscoped.create(
        pk=9001, occasion="routine", authority="市监局", subject="company", first_day=NOW.date(), last_day=NOW.date(),
        created_at=NOW,
    )  # fmt: skip
    dossier_make(actor=actor, now=NOW, pk=9001)


def _pre_approved() -> None:
    """Leave a material that others approved, and those who can approve another; beyond the ids given away."""
    from yaomai.materials.models import Material, MaterialVersion
    from yaomai.organization.models import Holding, Person, Position, Role, Territory

    for pk, code in ((9001, "medical_manager"), (9002, "compliance_officer")):
        person = Person.unscoped.create(pk=pk, username=f"{code}-9", name=code)
        seat = Position.unscoped.create(
            pk=pk, code=f"{code}-9", title=code, role=Role.unscoped.get(code=code), valid_from=NOW.date(),
            territory=Territory.unscoped.order_by("pk")[0],
        )  # fmt: skip
        Holding.unscoped.create(pk=pk, person=person, position=seat, valid_from=NOW.date())
    material = Material.unscoped.create(pk=9001, code="M9001", title="安衡平彩页", created_at=NOW, updated_at=NOW)
    MaterialVersion.unscoped.create(
        pk=9001, material=material, title=material.title, number=1, content="双盲研究", limitations="样本小",
        adverse_reactions="头晕", sponsorship="安衡药业资助", valid_until=NOW.date() + timedelta(days=300),
        state="approved", created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def sign_in(username: str) -> dict[str, str]:
    """Return the cookies of a person who has signed in."""
    from yaomai.organization.models import Person

    client = Client()
    client.force_login(Person.unscoped.get(username=username), backend="yaomai.organization.sign_in.Backend")
    return {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}
