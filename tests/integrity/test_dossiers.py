"""Inspection dossiers: what is in them, for whom, how they prove themselves, and what cannot be done with them."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.compliance.conftest import Company
from typer.testing import CliRunner

from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.audit import bundles
from yaomai.kit.errors import Invalid, Missing

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BOSS = system_actor("test", "prepare")
ASKED: dict[str, Any] = {
    "occasion": "unannounced", "authority": "江城市市场监督管理局", "reference": "江市监检〔2026〕12号", "subject": "company",
    "first_day": date(2026, 1, 1), "last_day": TODAY,
}  # fmt: skip


@pytest.fixture
def filled(company: Company, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """Return a company with a filing, a consent with its scan, an approved gift, and a claim of somebody else."""
    from django.core.files.storage import FileSystemStorage
    from tests.access.world import picture

    from yaomai.compliance.services import expense_record, transfer_request
    from yaomai.integrity import dossiers
    from yaomai.kit.attachments import store
    from yaomai.kit.attachments.services import attachment_add

    kept = FileSystemStorage(location=tmp_path / "files")
    monkeypatch.setattr(store, "default_storage", kept)
    monkeypatch.setattr(dossiers, "default_storage", kept)
    with acting(BOSS):
        company.file()
        consent = company.agree(activities=["academic"])
        attachment_add(
            actor=BOSS, now=NOW, carrier="compliance.consent", carrier_id=consent.pk, name="同意函 扫描.png",
            content=picture("consent"),
        )  # fmt: skip
        assert company.officer
        with acting(company.actor()):
            gift = transfer_request(
                actor=company.actor(), now=NOW, form="gift", item="academic_book", institution=company.hospital,
                professionals=[company.doctor], on=TODAY, amount=Decimal("45"), purpose="科室学习",
            )  # fmt: skip
        company.decide(gift)
        expense_record(actor=BOSS, now=NOW, claim="BX9", claimant=company.colleague, form="travel", on=TODAY,
                       amount=Decimal(90))  # fmt: skip
    return company


def made(actor: Actor = BOSS, **said: Any) -> Any:
    from yaomai.integrity.services import dossier_ask, dossier_make

    with acting(actor):
        dossier = dossier_ask(actor=actor, now=NOW, **(ASKED | said))
        linked()
        return dossier_make(actor=actor, now=NOW, pk=dossier.pk)


def linked() -> None:
    """Give the entries so far their place in the chain, as committing would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def held(dossier: Any) -> dict[str, bytes]:
    from yaomai.integrity.dossiers import file_of

    with zipfile.ZipFile(file_of(dossier)) as file:
        return {name: file.read(name) for name in file.namelist()}


def rows(files: dict[str, bytes], what: str) -> list[dict[str, str]]:
    name = next(name for name in files if name.endswith(f"{what}.csv"))
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))


@pytest.mark.django_db
def test_a_dossier_holds_lists_decisions_evidence_and_the_trail_and_proves_itself(filled: Company) -> None:
    from yaomai.integrity.dossiers import file_of, fingerprint
    from yaomai.kit.audit.verify import verify

    dossier = made()
    assert dossier.state == "ready" and dossier.flaws == []
    files = held(dossier)
    assert files["00-目录.pdf"].startswith(b"%PDF")
    assert [row["备案号"] for row in rows(files, "代表备案")] == ["备1"]
    assert rows(files, "往来台账")[0]["金额"] in ("45.00", "45")
    assert any("MR1" in row["规则"] for row in rows(files, "现行规则"))
    scans = [name for name in files if name.startswith("附件/compliance.consent")]
    assert len(scans) == 1 == dossier.files and files[scans[0]].startswith(b"\x89PNG")
    decided = rows(files, "审批")
    assert [row["结论"] for row in decided] and decided[0]["审批内容摘要值"] and "科室学习" in str(decided[0])
    links = [json.loads(line) for line in files["trail-001.jsonl"].decode().splitlines()]
    assert len(links) == dossier.entries == len(rows(files, "操作记录")) >= 3
    found = bundles.verify(file_of(dossier), expected=fingerprint())
    assert found.intact and found.entries == dossier.entries and found.about["authority"] == ASKED["authority"]
    linked()
    assert verify().intact


@pytest.mark.django_db
def test_a_subject_and_chosen_lists_narrow_it(filled: Company) -> None:
    """Nothing of anybody else is in what an inspector of one person or hospital is given."""
    about_one = held(made(subject="person", person=filled.person))
    assert [row["备案号"] for row in rows(about_one, "代表备案")] == ["备1"]
    assert len(rows(about_one, "往来台账")) == 1 and rows(about_one, "报销明细") == []
    assert not any("机构同意" in name for name in about_one)
    at_hospital = held(made(subject="institution", institution=filled.hospital))
    assert len(rows(at_hospital, "往来台账")) == 1 and rows(at_hospital, "报销明细") == []
    assert any(name.startswith("附件/") for name in at_hospital)
    chosen = held(made(sections=["expenses"]))
    assert [row["金额"] for row in rows(chosen, "报销明细")] == ["90.00"]
    assert not any("往来台账" in name or name.startswith("附件/") for name in chosen)
    earlier = made(first_day=date(2025, 1, 1), last_day=date(2025, 6, 30), sections=["transfers", "expenses"])
    assert earlier.rows == earlier.entries == 0


@pytest.mark.django_db
def test_what_its_maker_may_not_see_is_left_out_and_said(filled: Company) -> None:
    from yaomai.integrity.dossiers import Making, index, make

    rights = frozenset({"integrity.dossier:view", "integrity.dossier:create", "compliance.expense:view"})
    auditor = Actor(filled.colleague.pk, filled.colleague.name, grants=(Grant(rights, None, 1, "audit_administrator"),))
    dossier = made(auditor)
    files = held(dossier)
    assert len(rows(files, "报销明细")) == 1 and not any("往来台账" in name for name in files)
    with acting(auditor):
        making: Making = make(dossier, auditor, now=NOW)
        said = str(index(making, NOW).blocks)
    assert "往来台账" in said and "无权查看" in said


@pytest.mark.django_db
def test_evidence_and_entries_that_were_altered_are_named_not_hidden(filled: Company) -> None:
    from yaomai.compliance.models import Consent
    from yaomai.kit.attachments import store
    from yaomai.kit.attachments.models import Attachment
    from yaomai.kit.audit.models import Entry

    scan = Attachment.unscoped.get()
    store.stored(scan.sha256).write_bytes(b"another picture")
    entry = Entry.unscoped.filter(target_type="compliance.consent", target_id=str(Consent.unscoped.get().pk)).earliest(
        "pk"
    )
    linked()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE audit_entry SET content = replace(content, '同意函1', '同意函2') WHERE id = %s", [entry.pk]
        )
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
    dossier = made()
    assert ["entry_changed", str(entry.pk)] in dossier.flaws
    assert [kind for kind, _what in dossier.flaws].count("damaged") == 1 and dossier.files == 0


@pytest.mark.django_db
def test_the_command_says_in_the_users_language_exactly_what_was_tampered_with(
    filled: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine without a database, keys or a data folder."""
    from yaomai.integrity.dossiers import file_of, fingerprint
    from yaomai.server.cli.audit import app

    monkeypatch.setenv("YAOMAI_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    file = file_of(made())
    whole = CliRunner().invoke(app, ["verify", str(file), "--fingerprint", fingerprint()])
    assert whole.exit_code == 0 and "文件完好" in whole.output
    assert CliRunner().invoke(app, ["verify", str(file), "--fingerprint", "AAAA"]).exit_code == 1
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(forged, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("往来台账.csv"):
                content = content.replace(b"45", b"15")
            if name != "00-目录.pdf":
                new.writestr(name, content)
        new.writestr("说明.txt", "一切正常")
        new.comment = old.comment
    told = CliRunner().invoke(app, ["verify", str(forged)])
    assert told.exit_code == 1
    for words in ("被改动：", "往来台账.csv", "被抽走：00-目录.pdf", "事后增加：说明.txt", "签名不符"):
        assert words in told.output
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.django_db
def test_a_link_of_the_trail_that_does_not_fit_its_hash_is_found_even_under_a_good_signature(
    filled: Company, tmp_path: Path
) -> None:
    """Whoever signs may have changed what they signed."""
    files = held(made())
    lines = files["trail-001.jsonl"].decode().splitlines()
    first = json.loads(lines[0])
    lines[0] = json.dumps(first | {"content": first["content"].replace('"outcome":"done"', '"outcome":"refused"')})
    path = tmp_path / "own.zip"
    bundles.write(path, [("trail-001.jsonl", "\n".join(lines).encode())], about={}, key=bundles.signing_key("x" * 86))
    assert bundles.verify(path).findings == [("entry_changed", "trail-001.jsonl:1")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"subject": "person"}, "person"),
        ({"last_day": TODAY + timedelta(days=1)}, "last_day"),
        ({"first_day": TODAY, "last_day": TODAY - timedelta(days=1)}, ""),
        ({"sections": ["secrets"]}, "sections"),
        ({"authority": ""}, "authority"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(company: Company, said: dict[str, Any], field: str) -> None:
    from yaomai.integrity.models import Dossier
    from yaomai.integrity.services import dossier_ask

    with pytest.raises(Invalid) as refused, acting(BOSS):
        dossier_ask(actor=BOSS, now=NOW, **(ASKED | said))
    assert field in refused.value.fields
    assert not Dossier.unscoped.exists()


@pytest.mark.django_db
def test_taking_it_along_leaves_an_entry_and_its_file_goes_when_its_time_is_over(filled: Company) -> None:
    from yaomai.integrity.dossiers import file_of
    from yaomai.integrity.services import dossier_take, dossiers_delete
    from yaomai.integrity.services.dossiers import NotReady
    from yaomai.kit.audit.models import Entry

    dossier = made()
    with acting(BOSS):
        dossier_take(actor=BOSS, now=NOW, pk=dossier.pk)
        assert Entry.unscoped.filter(code="integrity.dossier:take", target_id=str(dossier.pk)).count() == 1
        assert dossiers_delete(actor=BOSS, now=NOW + timedelta(days=180)) == 0 and file_of(dossier).exists()
        assert dossiers_delete(actor=BOSS, now=NOW + timedelta(days=181)) == 1 and not file_of(dossier).exists()
        dossier.refresh_from_db()
        assert dossier.state == "deleted" and len(dossier.sha256) == 64
        with pytest.raises(NotReady):
            dossier_take(actor=BOSS, now=NOW, pk=dossier.pk)
    stranger = filled.actor(rights=frozenset({"compliance.transfer:view"}))
    with pytest.raises(Missing), acting(stranger):
        dossier_take(actor=stranger, now=NOW, pk=dossier.pk)


@pytest.mark.django_db
def test_a_big_one_grows_in_step_with_what_is_in_it(filled: Company) -> None:
    """Reading is done in chunks: ten times the lines, no more queries than ten times, and no line twice."""
    from django.test.utils import CaptureQueriesContext

    from yaomai.compliance.models import Expense

    def claims(first: int, count: int) -> None:
        Expense.unscoped.bulk_create(
            Expense(claim=f"M{number}", line=1, claimant=filled.colleague, form="travel", on=TODAY, amount=Decimal(10),
                    finding="matched", created_at=NOW, updated_at=NOW)
            for number in range(first, first + count)
        )  # fmt: skip

    claims(0, 200)
    with CaptureQueriesContext(connection) as few:
        made(sections=["expenses"])
    claims(200, 1800)
    with CaptureQueriesContext(connection) as many:
        dossier = made(sections=["expenses"])
    keys = [row["键号"] for row in rows(held(dossier), "报销明细")]
    assert len(keys) == len(set(keys)) == 2001
    assert len(many) <= len(few) + 20
