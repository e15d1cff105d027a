"""One call of each service of this room; see tests/test_acts.py."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import uuid4

from PIL import Image

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.engagement import services

    return lambda: getattr(services, service)(actor=BOSS, **{"now": NOW} | values)


def hospital(name: str = "江城市第一人民医院", **fields: Any) -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name=name, **fields)


def account(**fields: Any) -> Any:
    return _call("account_create", institution=hospital(), **fields)()


def ready_account() -> Any:
    """Return an account that meets what its first stage asks for by default."""
    from yaomai.customers.models import Institution
    from yaomai.customers.services import professional_create

    made = account()
    for name in ("王芳", "李强", "周敏"):
        professional_create(actor=BOSS, now=NOW, name=name, institution=made.institution)
    Institution.unscoped.filter(pk=made.institution_id).update(completeness=70)
    return made


def _moved() -> Call:
    from yaomai.engagement.models import StageMove

    made = ready_account()
    _call("account_move", pk=made.pk, stage="tiering", reason="科室走访完成")()
    return _call("account_undo_move", pk=made.pk, move=StageMove.unscoped.get(account=made).pk)


# Visits ---------------------------------------------------------------------------------------------------------


def _report(service: str, /, **said: Any) -> Call:
    """Return a call by a representative who reported a visit; `said` may be made from both."""
    from tests.engagement import visits

    from yaomai.engagement import services

    rep = visits.person("赵敏")
    place = visits.hospital()
    visit = visits.report(rep, place, [visits.doctor("王芳", place)], next_steps=[{"text": "带肾功能亚组数据"}])
    given = {name: value(visit) if callable(value) else value for name, value in said.items()}
    who = given.pop("by", visits.actor(rep))
    return lambda: getattr(services, service)(**{"actor": who, "now": visits.NOW} | given)


def _new_visit() -> Call:
    from tests.engagement import visits

    rep, place = visits.person("赵敏"), visits.hospital()
    known = visits.doctor("王芳", place)
    return lambda: visits.report(rep, place, [known], uuid=uuid4())


def _joined() -> Call:
    from tests.engagement import visits

    other = visits.person("周芷若")
    return _report("visit_join", uuid=lambda visit: visit.uuid, by=visits.actor(other))


def _audited() -> Call:
    from yaomai.engagement.models import VisitAudit

    def audit(visit: Any) -> int:
        return VisitAudit.unscoped.get_or_create(
            visit=visit, defaults={"cause": "sample", "created_at": NOW, "updated_at": NOW}
        )[0].pk

    return _report("audit_decide", pk=audit, outcome="valid", reason="电话核实", by=BOSS)


def _agreed() -> Call:
    from tests.engagement import visits

    from yaomai.engagement import services

    who = visits.actor(visits.person("赵敏"))
    services.consent_give(actor=who, now=NOW, text="说明")
    return lambda: services.consent_withdraw(actor=who, now=NOW)


def _agree() -> Call:
    from tests.engagement import visits

    from yaomai.engagement import services

    who = visits.actor(visits.person("赵敏"))
    return lambda: services.consent_give(actor=who, now=NOW, text="说明")


def _alert() -> Call:
    from tests.engagement import visits

    from yaomai.engagement.models import StrategyAlert

    made = StrategyAlert.unscoped.create(
        professional=visits.doctor("王芳", visits.hospital()),
        contacts=3,
        opened_on=TODAY,
        created_at=NOW,
        updated_at=NOW,
    )
    return _call("strategy_choose", pk=made.pk, strategy="clinical", reason="他有疑难病例")


def _stage() -> Call:
    from tests.engagement import visits

    return _call(
        "stage_move", professional=visits.doctor("王芳", visits.hospital()), stage="deep", reason="主动问起数据"
    )


def _step_of(visit: Any) -> int:
    from yaomai.engagement.models import NextStep

    return NextStep.unscoped.get(visit=visit).pk


def _photo() -> Call:
    return _report("photo_add", visit=lambda visit: visit.uuid, uuid=uuid4(), name="a.png", content=picture(3))


def picture(seed: int, size: int = 64) -> bytes:
    """Return a picture that looks different for each seed."""
    chance = Random(seed)
    small = Image.new("L", (9, 8))
    small.putdata([chance.randrange(256) for _each in range(72)])
    written = io.BytesIO()
    small.resize((size, size), Image.Resampling.NEAREST).convert("RGB").save(written, "PNG")
    return written.getvalue()


def _adverse(**fields: Any) -> Any:
    from tests.engagement import visits

    return _call("adverse_report", product=visits.product(), what="服药后头晕，停药缓解", learned_at=NOW, **fields)


def _device() -> Call:
    from tests.engagement import visits

    from yaomai.engagement import services

    who = visits.actor(visits.person("赵敏"))
    return lambda: services.device_register(actor=who, now=NOW, name="Safari · iPhone")


def _wiped() -> Call:
    from tests.engagement import visits

    from yaomai.engagement import services

    who = visits.actor(visits.person("赵敏"))
    made = services.device_register(actor=who, now=NOW, name="Safari · iPhone")
    return lambda: services.device_wipe(actor=who, now=NOW, uuid=made.uuid)


def _brought() -> Call:
    from tests.engagement import visits

    place = visits.hospital()
    return _call("visit_bring_in", person=visits.person("赵敏"), institution=place, contacts=[visits.doctor("王芳", place)],
                 started_at=datetime(2024, 3, 4, 1, 0, tzinfo=UTC), content_type="science", content="送去指南摘要")  # fmt: skip


VISIT_EXAMPLES: dict[str, Callable[[], Call]] = {
    "engagement.visit:create": _new_visit,
    "engagement.visit:bring_in": _brought,
    "engagement.visit:update": lambda: _report(
        "visit_update", pk=lambda visit: visit.pk, changes={"place": "门诊三楼"}
    ),
    "engagement.visit:archive": lambda: _report("visit_archive", pk=lambda visit: visit.pk, by=BOSS),
    "engagement.visit:join": _joined,
    "engagement.visit:explain": lambda: _report("visit_explain", pk=lambda visit: visit.pk, text="下雨，在门口谈的"),
    "engagement.visit:coach": lambda: _report("coaching_write", pk=lambda visit: visit.pk, text="先问后说", by=BOSS),
    "engagement.visit:photo": _photo,
    "engagement.audit:decide": _audited,
    "engagement.checkinconsent:give": _agree,
    "engagement.checkinconsent:withdraw": _agreed,
    "engagement.communication:move": _stage,
    "engagement.strategyalert:choose": _alert,
    "engagement.nextstep:create": lambda: _report("step_add", visit=lambda visit: visit.pk, text="送指南", by=BOSS),
    "engagement.nextstep:update": lambda: _report("step_update", pk=_step_of, changes={"text": "送指南"}),
    "engagement.nextstep:close": lambda: _report("step_close", pk=_step_of, state="done"),
    "engagement.adverseevent:create": _adverse,
    "engagement.adverseevent:take_over": lambda: _call("adverse_take_over", pk=_adverse()().pk, reference="PV-2026-1"),
    "engagement.device:create": _device,
    "engagement.device:wipe": _wiped,
}


EXAMPLES: dict[str, Callable[[], Call]] = {
    "engagement.keyaccount:create": lambda: _call("account_create", institution=hospital()),
    "engagement.keyaccount:gather": lambda: _call("accounts_gather"),
    "engagement.keyaccount:update": lambda: _call("account_update", pk=account().pk, changes={"goal": "新增准入"}),
    "engagement.keyaccount:move": lambda: _call(
        "account_move", pk=ready_account().pk, stage="tiering", reason="科室走访完成"
    ),
    "engagement.keyaccount:undo_move": _moved,
    "engagement.keyaccount:archive": lambda: _call("account_archive", pk=account().pk),
    **VISIT_EXAMPLES,
}
