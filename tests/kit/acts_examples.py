"""One call of each service of kit; see tests/test_acts.py."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image

from yaomai.kit.access import Actor, acting, system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]
NAME = "commerce.intake"


def _policy(service: str, /, **values: Any) -> Call:
    from yaomai.kit.policies import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _approver(name: str = "shenpi") -> Actor:
    """Return a person with a position that may approve policies, known to the directory."""
    from yaomai.organization.models import Holding, Person, Position, Role, Territory
    from yaomai.organization.selectors import actor_for

    since = date(2025, 1, 1)
    company, _new = Territory.unscoped.get_or_create(
        code="C", defaults={"name": "C", "level": "company", "path": "/", "valid_from": since}
    )
    role, _new = Role.unscoped.get_or_create(
        code="approver",
        defaults={"name": "审批", "name_en": "Approver", "reach": "company", "rights": ["policies.version:approve"]},
    )
    person, is_new = Person.unscoped.get_or_create(username=name, defaults={"name": name})
    if is_new:
        position = Position.unscoped.create(code=name, title=name, role=role, territory=company, valid_from=since)
        Holding.unscoped.create(person=person, position=position, valid_from=since)
    return actor_for(person, on=TODAY)


def _proposal(years: int = 9) -> Call:
    _approver()
    return _policy("version_propose", name=NAME, document={"years_back": years}, reason="试行")


def _request(version: Any) -> Any:
    from yaomai.kit.approvals import standing

    return standing(version)


def _approval(service: str, /, version: Any = None, actor: Actor | None = None, **values: Any) -> Call:
    """Return a decision on a version's request."""
    from yaomai.kit.approvals import services

    row = version or _proposal()()
    return lambda: getattr(services, service)(actor=actor or _approver(), pk=_request(row).pk, now=NOW, **values)


def _withdrawal() -> Call:
    from yaomai.kit.policies import services

    author = _approver("zuozhe")
    _approver()
    with acting(BOSS):
        version = services.version_propose(
            actor=replace(BOSS, person_id=author.person_id),
            now=NOW,
            name=NAME,
            document={"years_back": 9},
            reason="试行",
        )
    return _approval("request_withdraw", version, author)


def _delegation() -> Call:
    from yaomai.kit.approvals.services import delegation_create

    chief, deputy = _approver(), _approver("daili").person_id
    assert deputy is not None
    return lambda: delegation_create(
        actor=chief, deputy_id=deputy, valid_from=TODAY, valid_to=TODAY, reason="休假", now=NOW
    )


def _delegation_end() -> Call:
    from yaomai.kit.approvals.services import delegation_end

    row: Any = _delegation()()
    chief = _approver()
    return lambda: delegation_end(actor=chief, pk=row.pk, now=NOW)


def _approved(years: int = 9) -> Any:
    version: Any = _proposal(years)()
    _approval("request_approve", version)()
    return version


def _published(years: int = 9) -> Any:
    version = _approved(years)
    _policy("version_publish", version_id=version.pk, valid_from=TODAY)()
    return version


def publish() -> Call:
    return _policy("version_publish", version_id=_approved().pk, valid_from=TODAY)


def roll_back() -> Call:
    first = _published(9)
    _published(8)
    return _policy("version_roll_back", version_id=first.pk, reason="效果不好")


def withdraw() -> Call:
    version = _approved()
    _policy("version_publish", version_id=version.pk, valid_from=TODAY + timedelta(days=5))()
    return _policy("version_withdraw", version_id=version.pk, reason="暂缓执行")


def _trail(name: str) -> Call:
    from yaomai.kit.audit import services

    return lambda: getattr(services, name)(actor=BOSS)


def _own() -> Actor:
    """Return a person who acts for themselves."""
    from django.contrib.auth import get_user_model

    row = get_user_model()._base_manager.create(username="wangfang", name="王芳")
    return Actor(person_id=row.pk, label=row.name)


def _nudge(service: str, /, **values: Any) -> Call:
    from yaomai.kit.inbox import nudge_upsert, services

    actor = _own()
    nudge = nudge_upsert(
        kind="commerce.review", key="1", title="3 个名称待审核", reason="涉及 2.0万元流向", url="/", now=NOW,
        owner_id=actor.person_id,
    )  # fmt: skip
    return lambda: getattr(services, service)(actor=actor, pk=nudge.pk, now=NOW, **values)


def _job(service: str, job: Any) -> Call:
    from yaomai.kit.jobs import services

    return lambda: getattr(services, service)(actor=BOSS, pk=job.pk, now=NOW)


def _cancel() -> Call:
    from yaomai.segmentation.jobs import compute_tiers

    return _job("job_cancel", compute_tiers.defer(actor=BOSS, as_of=TODAY.isoformat()))


def _run(service: str, /, **values: Any) -> Call:
    from yaomai.kit.runs import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _start() -> Call:
    from yaomai.segmentation import KIND

    return _run(
        "run_start", kind=KIND, parameters={}, as_of=TODAY, inputs={}, policies={}, engine_version="1"
    )  # fmt: skip


def _running() -> Any:
    run, _is_new = _start()()  # type: ignore[misc]
    return run


def _list(service: str, /, actor: Actor = BOSS, **values: Any) -> Call:
    from yaomai.kit.surfaces import services

    return lambda: getattr(services, service)(actor=actor, **values)


def _boards(service: str, actor: Actor = BOSS, /, **values: Any) -> Call:
    from yaomai.kit.dashboards import services

    told = {name: value for name, value in ({"now": NOW} | values).items() if value is not None}
    return lambda: getattr(services, service)(actor=actor, **told)


PACK: dict[str, Any] = {"name": "经营周报", "has_start": True, "roles": ["reader"]}


def reader() -> Actor:
    """Return somebody without any right, and a role that packs can be for."""
    from yaomai.organization.models import Person, Role

    Role.unscoped.get_or_create(
        code="reader", defaults={"name": "读者", "name_en": "Reader", "reach": "company", "rights": []}
    )
    person, _new = Person.unscoped.get_or_create(username="reader", defaults={"name": "读者"})
    return Actor(person_id=person.pk, label="读者")


def _pack(actor: Actor = BOSS) -> Any:
    reader()
    return _boards("pack_create", actor, **PACK)()


def _delivery(*, is_made: bool = False) -> int:
    made = _boards("pack_try", reader(), pk=_pack(reader()).pk, day=TODAY, now=None)()
    if is_made:
        _boards("delivery_make", reader(), pk=made.pk)()
    return int(made.pk)


def _board() -> Any:
    return _boards("board_create", name="周一早会", cards=["approvals.waiting"])()


def _save_view(actor: Actor) -> Call:
    return _list(
        "view_save", actor, surface="catalog.product", name="国产药", query="is_own=1", is_shared=False, now=NOW
    )


def delete_view() -> Call:
    actor = _own()
    view: Any = _save_view(actor)()
    return _list("view_delete", actor, pk=view.pk)


def _import(service: str, /, **values: Any) -> Call:
    from yaomai.kit.transfer import services

    return lambda: getattr(services, service)(actor=BOSS, **values)


def _upload() -> Call:
    path = Path(settings.DATA) / "divisions.csv"
    path.write_text("代码,名称\n91,安东省\n", encoding="utf-8")
    return _import("import_upload", importer="catalog.division", path=path, file_name="行政区划.csv", now=NOW)


def _map() -> Call:
    row: Any = _upload()()
    return _import("import_map", pk=row.pk, mapping={"code": 0, "name": 1}, now=NOW)


def _check() -> Call:
    row: Any = _map()()
    return _import("import_check", pk=row.pk, now=NOW)


def _apply() -> Call:
    row: Any = _check()()
    return _import("import_apply", pk=row.pk, now=NOW)


def _undo() -> Call:
    row: Any = _apply()()
    return _import("import_undo", pk=row.pk, now=NOW)


def _in_background(service: str, **values: Any) -> Call:
    """Return the call of a service that ends an import which waits for the worker."""
    row: Any = _check()()
    row.status = row.Status.APPLYING
    row.save(update_fields=["status"])
    return _import(service, pk=row.pk, **values)


def _cancelled() -> Any:
    return _cancel()()


def _take_back() -> Call:
    from yaomai.kit.transfer.service_importer import row_take_back

    return lambda: row_take_back(actor=BOSS, entity="人员", row="王芳", removed=True)


def _attached() -> tuple[Any, Call]:
    from yaomai.compliance.services import consent_create
    from yaomai.customers.services import institution_create
    from yaomai.kit.attachments import services

    hospital = institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")
    consent = consent_create(actor=BOSS, now=NOW, institution=hospital, document="同意函1", valid_from=TODAY)
    written = io.BytesIO()
    Image.new("RGB", (4, 4)).save(written, "PNG")
    return services, lambda: services.attachment_add(
        actor=BOSS, now=NOW, carrier="compliance.consent", carrier_id=consent.pk, name="同意函.png",
        content=written.getvalue(),
    )  # fmt: skip


def _taken_away() -> Call:
    services, attach = _attached()
    with acting(BOSS):
        pk = attach().pk  # type: ignore[attr-defined]

    def call() -> object:
        with acting(BOSS):
            return services.attachment_take_away(actor=BOSS, now=NOW, pk=pk, reason="拍错了")

    return call


EXAMPLES: dict[str, Callable[[], Call]] = {
    "attachments.attachment:add": lambda: _attached()[1],
    "attachments.attachment:take_away": _taken_away,
    "transfer.row:take_back": _take_back,
    "policies.version:propose": _proposal,
    "approvals.request:approve": lambda: _approval("request_approve"),
    "approvals.request:reject": lambda: _approval("request_reject", comment="请补充依据"),
    "approvals.request:remark": lambda: _approval("request_remark", comment="请补充依据"),
    "approvals.request:withdraw": _withdrawal,
    "approvals.delegation:create": _delegation,
    "approvals.delegation:end": _delegation_end,
    "policies.version:publish": publish,
    "policies.version:roll_back": roll_back,
    "policies.version:withdraw": withdraw,
    "audit.entry:verify": lambda: _trail("trail_verify"),
    "audit.entry:export": lambda: _trail("trail_export"),
    "inbox.nudge:snooze": lambda: _nudge("nudge_snooze", until=NOW + timedelta(days=1)),
    "inbox.nudge:resolve": lambda: _nudge("nudge_resolve", outcome="已全部审核"),
    "inbox.nudge:dismiss": lambda: _nudge("nudge_dismiss", reason="不是我的片区"),
    "jobs.job:cancel": _cancel,
    "jobs.job:retry": lambda: _job("job_retry", _cancelled()),
    "runs.run:run": _start,
    "runs.run:finish": lambda: _run("run_finish", pk=_running().pk, result={"subjects": {}}),
    "runs.run:fail": lambda: _run("run_fail", pk=_running().pk, error={"msgid": "没有流向"}),
    "dashboards.board:create": lambda: _boards("board_create", name="周一早会", cards=["approvals.waiting"]),
    "dashboards.board:update": lambda: _boards("board_update", pk=_board().pk, changes={"name": "周会"}),
    "dashboards.board:share": lambda: _boards("board_share", pk=_board().pk, roles=[], people=[]),
    "dashboards.board:archive": lambda: _boards("board_archive", pk=_board().pk),
    "dashboards.pack:create": lambda: (reader(), _boards("pack_create", **PACK))[1],
    "dashboards.pack:update": lambda: _boards("pack_update", pk=_pack().pk, changes={"name": "周报"}),
    "dashboards.pack:archive": lambda: _boards("pack_archive", pk=_pack().pk),
    "dashboards.pack:try": lambda: _boards("pack_try", reader(), pk=_pack(reader()).pk, day=TODAY, now=None),
    "dashboards.delivery:make": lambda: _boards("delivery_make", reader(), pk=_delivery()),
    "dashboards.delivery:take": lambda: _boards("delivery_take", reader(), pk=_delivery(is_made=True), suffix="xlsx"),
    "dashboards.card:export": lambda: _boards(
        "export_record", what="待我审批", where="全公司", cards=["approvals.waiting"], now=None
    ),
    "surfaces.savedview:save": lambda: _save_view(_own()),
    "surfaces.savedview:delete": delete_view,
    "surfaces.list:export": lambda: _list(
        "export_record", right="catalog.product:export", entity="产品", rows=3, query="", columns=["code", "name"]
    ),
    "surfaces.list:bulk": lambda: _list("bulk_run", entity="产品", action="归档", work=lambda: 3),
    "transfer.import:upload": _upload,
    "transfer.import:map": _map,
    "transfer.import:check": _check,
    "transfer.import:apply": _apply,
    "transfer.import:undo": _undo,
    "transfer.import:finish": lambda: _in_background("import_finish", now=NOW, progress=lambda _done, _total: None),
    "transfer.import:fail": lambda: _in_background("import_fail", reason="文件已不在"),
}
