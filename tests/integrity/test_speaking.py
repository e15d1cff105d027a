"""The anonymous channel, used as a writer and attacked as everybody else."""

import base64
import logging
import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image
from tests.compliance.conftest import Company

from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.errors import Invalid, Missing

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BOSS = system_actor("test", "prepare")
RIGHTS = frozenset({"integrity.report:view", "integrity.report:edit"})
BROWSER = {
    "HTTP_USER_AGENT": "LeakyBrowser/9.1", "REMOTE_ADDR": "203.0.113.77", "HTTP_REFERER": "http://intranet.example/rep-17",
    "HTTP_X_FORWARDED_FOR": "203.0.113.78", "HTTP_ACCEPT_LANGUAGE": "zh-LEAK", "HTTP_COOKIE": "sessionid=leakysession",
}  # fmt: skip
TRACES = ("LeakyBrowser", "203.0.113", "intranet.example", "zh-LEAK", "leakysession")
TEXT = "科室聚餐拆成两张发票，独角鲸"


def handler(person: Any, role: str = "compliance_officer") -> Actor:
    return Actor(person.pk, person.name, grants=(Grant(RIGHTS, None, 1, role),))


def written(client: Client, **said: Any) -> tuple[str, Any]:
    """Write a report as a browser without script would, and return the code."""
    page = client.get("/speak-up/report", **BROWSER)
    match = re.search(r'name="code" value="([0-9A-Z-]+)"', page.content.decode())
    assert match is not None
    answer = client.post("/speak-up/report", {"category": "expenses", "text": TEXT, "code": match[1]} | said, **BROWSER)
    return match[1], answer


def emptied() -> None:
    from yaomai.integrity.services import letterbox_empty

    letterbox_empty(actor=BOSS, now=NOW)


def picture(**said: Any) -> bytes:
    """Return a photograph that says where, when and with what it was taken."""
    image, output = Image.new("RGB", (40, 30), (200, 30, 30)), BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132], exif[0x8825] = (
        "SecretPhoneMaker",
        "Model X",
        "2026:11:20 21:14:03",
        {1: "N"},
    )
    image.save(output, "JPEG", exif=exif, comment=b"SecretComment", **said)
    return output.getvalue()


def dump() -> str:
    """Return every value of every table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        texts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            texts += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return "\n".join(texts)


@pytest.mark.django_db
def test_a_writer_speaks_and_is_answered_with_a_code_alone(company: Company) -> None:
    from yaomai.integrity import services
    from yaomai.integrity.models import Report

    client = Client()
    code, sent = written(client)
    assert sent.status_code == 200 and code in sent.content.decode()
    waiting = client.post("/speak-up/status", {"code": code.lower().replace("-", " ")}).content.decode()
    assert "在信箱里" in waiting
    emptied()
    report = Report.unscoped.get()
    actor = handler(company.colleague)
    services.report_accept(actor=actor, now=NOW, pk=report.pk)
    services.report_reply(actor=actor, now=NOW, pk=report.pk, text="是哪两天的发票？")
    page = client.post("/speak-up/status", {"code": code}).content.decode()
    assert "是哪两天的发票" in page and "调查中" in page and TEXT in page
    again = client.post("/speak-up/reply", {"code": code, "text": "十二号和十三号"}).content.decode()
    assert "您的消息已投入信箱" in again
    emptied()
    services.report_close(actor=actor, now=NOW, pk=report.pk, outcome="substantiated", measures="两人退款，记过")
    page = client.post("/speak-up/status", {"code": code}).content.decode()
    assert "十二号和十三号" in page and "属实" in page and "记过" not in page
    english = client.post("/speak-up/status?lang=en", {"code": code}).content.decode()
    assert "Substantiated" in english and 'lang="en"' in english


@pytest.mark.django_db
def test_nothing_that_could_name_the_writer_is_kept_anywhere(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = dump()
    client = Client()
    code, sent = written(client, files=[SimpleUploadedFile("施丽的手机照片.jpg", picture(), content_type="image/jpeg")])
    assert sent.status_code == 200
    assert not client.cookies and "Set-Cookie" not in sent.headers and sent.headers["Cache-Control"] == "no-store"
    after = dump()
    for trace in (*TRACES, "独角鲸", code, code.replace("-", ""), "施丽的手机照片", "SecretPhoneMaker"):
        assert trace not in after and trace not in caplog.text, trace
    grown = {line.split(":")[0] for line in set(after.splitlines()) - set(before.splitlines())}
    assert grown == {"integrity_letter"}, "no session, no attempt, no trail, no job"
    emptied()
    kept = dump()
    for trace in (*TRACES, "独角鲸", code.replace("-", ""), "施丽的手机照片", "SecretPhoneMaker"):
        assert trace not in kept, trace


@pytest.mark.django_db
def test_the_pages_carry_no_script_no_form_token_and_no_code_in_an_address(company: Company) -> None:
    client = Client()
    pages = [client.get("/speak-up/"), client.get("/speak-up/report"), written(client)[1]]
    for page in pages:
        text = page.content.decode()
        assert "<script" not in text and "csrf" not in text.lower() and "hx-" not in text
        assert not re.search(r"(?:href|action)=\"[^\"]*[0-9A-HJKMNP-TV-Z]{5}-", text)
    assert client.get("/speak-up/status").status_code == 405, "a code is never part of an address"


@pytest.mark.django_db
def test_whoever_is_signed_in_is_not_known_on_these_pages(company: Company) -> None:
    client = Client()
    client.force_login(company.person, backend="yaomai.organization.sign_in.Backend")
    session = dump()
    _code, sent = written(client)
    assert sent.status_code == 200 and company.person.name not in sent.content.decode()
    grown = {line.split(":")[0] for line in set(dump().splitlines()) - set(session.splitlines())}
    assert grown == {"integrity_letter"}


@pytest.mark.django_db
def test_neither_times_nor_ids_nor_order_tell_who_wrote_first(company: Company) -> None:
    from django.apps import apps
    from django.db import models

    from yaomai.integrity.models import Report

    for name in ("Letter", "Report", "Message", "Enclosure"):
        fields = apps.get_model("integrity", name)._meta.fields
        assert not [each.name for each in fields if isinstance(each, models.DateTimeField | models.TimeField)], name
        assert isinstance(apps.get_model("integrity", name)._meta.pk, models.UUIDField)
    places = []
    for _round in range(12):
        codes = [written(Client(), text=f"来信{number}")[0] for number in range(4)]
        emptied()
        with connection.cursor() as cursor:
            cursor.execute("SELECT code FROM integrity_report ORDER BY ctid")
            stored = [row[0] for row in cursor.fetchall()]
        from yaomai.integrity.letterbox import index_of

        places.append([stored.index(index_of(code)) for code in codes])
        with connection.cursor() as cursor:
            for table in ("enclosure", "message", "report_kept_from", "report"):
                cursor.execute(f"DELETE FROM integrity_{table}")
    assert sum(each == sorted(each) for each in places) <= 6, "one in twenty-four keeps its order by chance"
    assert not Report.unscoped.exists()


@pytest.mark.django_db
def test_the_trail_says_that_the_box_was_emptied_and_no_more(company: Company) -> None:
    from yaomai.kit.audit.models import Entry
    from yaomai.kit.audit.sentences import Line

    written(Client())
    emptied()
    with_one = Entry.unscoped.latest("pk")
    emptied()
    with_none = Entry.unscoped.latest("pk")
    assert with_one.code == with_none.code == "integrity.letterbox:empty"
    assert Line(with_one).sentence == Line(with_none).sentence
    assert with_one.target_id == with_none.target_id and len(with_one.content) == len(with_none.content)


@pytest.mark.django_db
def test_whoever_is_named_and_their_people_never_see_the_report(company: Company, client: Client) -> None:
    from yaomai.integrity.models import Report
    from yaomai.integrity.services import report_accept, report_keep
    from yaomai.organization.models import Holding, Position
    from yaomai.organization.services import person_create

    boss, third = company.person, person_create(actor=BOSS, now=NOW, username="falv", name="法正")
    seat = company.seat(company.colleague, "compliance_officer")
    company.seat(boss, "compliance_officer")
    above = Holding.unscoped.get(person=boss).position
    Position.unscoped.filter(pk=Holding.unscoped.get(person=company.colleague).position_id).update(reports_to=above)
    written(Client(), about=f"{boss.name}（经理）")
    emptied()
    report = Report.unscoped.get()
    for person in (boss, company.colleague):
        with acting(handler(person)):
            assert not Report.objects.exists(), "named, or reporting to whoever is named"
        with pytest.raises(Missing):
            report_accept(actor=handler(person), now=NOW, pk=report.pk)
        client.force_login(person, backend="yaomai.organization.sign_in.Backend")
        assert report.number not in client.get(reverse("integrity:report_list")).content.decode()
        assert client.get(reverse("integrity:report_detail", args=[report.pk])).status_code == 404
        assert report.number not in client.get("/").content.decode(), "nor a nudge"
        assert client.get(f"/api/v1/integrity/reports/{report.pk}").status_code == 404
        assert str(report.pk) not in client.get("/api/v1/integrity/reports/").content.decode()
    assert seat.person_id == company.colleague.pk
    with acting(handler(third, "legal")):
        assert Report.objects.count() == 1
    report_accept(actor=handler(third, "legal"), now=NOW, pk=report.pk)
    with pytest.raises(Invalid):
        report_keep(actor=handler(third, "legal"), now=NOW, pk=report.pk, person=third)


@pytest.mark.django_db
def test_a_department_that_the_writer_does_not_trust_is_left_out_even_with_emergency_power(company: Company) -> None:
    from yaomai.integrity.models import Report

    _code, refused = written(Client(), keep_from=["compliance_officer", "legal", "audit_administrator"])
    assert refused.status_code == 422 and "请至少留一个部门" in refused.content.decode()
    written(Client(), keep_from=["compliance_officer"])
    emptied()
    with acting(handler(company.colleague)):
        assert not Report.objects.exists()
    lent = Actor(company.colleague.pk, "何桂", grants=(Grant(RIGHTS, None),), emergency_id=1)
    with acting(lent):
        assert not Report.objects.exists()
    with acting(handler(company.colleague, "legal")):
        assert Report.objects.count() == 1


@pytest.mark.django_db
def test_administrators_of_the_system_have_no_way_in(company: Company, client: Client) -> None:
    written(Client())
    emptied()
    for role in ("system_administrator", "security_administrator"):
        from yaomai.organization.services import person_create

        person = person_create(actor=BOSS, now=NOW, username=role, name=f"管{role[:3]}")
        company.seat(person, role)
        client.force_login(person, backend="yaomai.organization.sign_in.Backend")
        assert client.get(reverse("integrity:report_list")).status_code in (403, 404)


@pytest.mark.django_db
def test_evidence_is_drawn_anew_and_everything_else_is_refused_with_advice(company: Company) -> None:
    from yaomai.integrity.cleaning import cleaned
    from yaomai.integrity.models import Enclosure

    kept = cleaned(picture())
    assert kept.kind == "image/jpeg"
    for trace in (b"SecretPhoneMaker", b"SecretComment", b"Exif", b"2026:11:20", b"ICC_PROFILE"):
        assert trace not in kept.content
    assert Image.open(BytesIO(kept.content)).size == (40, 30)
    assert cleaned("账单：480".encode("gb18030")).content.decode() == "账单：480"
    for data in (
        b"%PDF-1.7 /Author (Shi Li)",
        b"PK\x03\x04[Content_Types].xml",
        b"\xd0\xcf\x11\xe0",
        b"MZ\x90\x00\x03",
        b"\x00\x01",
    ):
        with pytest.raises(Invalid):
            cleaned(data)
    _code, refused = written(Client(), files=[SimpleUploadedFile("a.pdf", b"%PDF-1.7")])
    assert refused.status_code == 422 and "拍照或截图" in refused.content.decode()
    written(Client(), files=[SimpleUploadedFile("a.jpg", picture()), SimpleUploadedFile("b.txt", "明细".encode())])
    emptied()
    kinds = sorted(Enclosure.unscoped.values_list("kind", flat=True))
    assert kinds == ["image/jpeg", "text/plain"]
    text = next(base64.b64decode(each.sealed) for each in Enclosure.unscoped.all() if each.kind == "text/plain")
    assert text.decode() == "明细"


@pytest.mark.django_db
def test_no_page_makes_a_browser_ask_for_anything_but_static_files(company: Company) -> None:
    """A browser that is not told of an icon asks for one where visitors are known, and is given a cookie."""
    for path in ("/speak-up/", "/speak-up/report"):
        page = Client().get(path).content.decode()
        assert '<link rel="icon"' in page
        wanted = re.findall(r'<(?:link|img|script|iframe)[^>]*(?:href|src)="([^"]*)"', page)
        assert wanted and all(address.startswith("/static/") for address in wanted)


@pytest.mark.django_db
def test_sent_twice_is_one_report_and_a_guessed_code_opens_nothing(company: Company) -> None:
    from yaomai.integrity.letterbox import new_code
    from yaomai.integrity.models import Letter, Report

    code, _sent = written(Client())
    Client().post("/speak-up/report", {"category": "expenses", "text": TEXT, "code": code})
    assert Letter.objects.count() == 1
    emptied()
    Client().post("/speak-up/report", {"category": "expenses", "text": TEXT, "code": code})
    emptied()
    assert Report.unscoped.count() == 1
    for guess in (new_code(), "0" * 20, "x", ""):
        assert Client().post("/speak-up/status", {"code": guess}).status_code == 422
    assert Client().post("/speak-up/reply", {"code": new_code(), "text": "你好"}).status_code == 422
    assert not Letter.objects.exists()
    assert len({new_code() for _number in range(500)}) == 500


@pytest.mark.django_db
def test_the_box_is_bounded_and_a_huge_letter_is_refused_before_it_is_read(company: Company, monkeypatch: Any) -> None:
    from yaomai.integrity import letterbox
    from yaomai.integrity.policies import SpeakUpPolicy

    monkeypatch.setattr(letterbox, "policy_on", lambda *_args, **_said: (SpeakUpPolicy(letters_a_day=1), None))
    assert written(Client())[1].status_code == 200
    full = written(Client())[1]
    assert full.status_code == 422 and "信箱已满" in full.content.decode()
    assert Client().post("/speak-up/report", CONTENT_LENGTH="99999999").status_code == 413


@pytest.mark.django_db
def test_one_person_answers_and_closed_reports_are_deleted_in_time(company: Company) -> None:
    from yaomai.integrity import services
    from yaomai.integrity.models import Enclosure, Message, Report
    from yaomai.integrity.services.reports import NotTaken, ReportClosed

    written(Client(), files=[SimpleUploadedFile("a.jpg", picture())])
    emptied()
    report = Report.unscoped.get()
    common = {"actor": handler(company.colleague), "now": NOW, "pk": report.pk}
    with pytest.raises(NotTaken):
        services.report_reply(**common, text="您好")
    services.report_accept(**common)
    with pytest.raises(NotTaken):
        services.report_close(actor=handler(company.person), now=NOW, pk=report.pk, outcome="partly", measures="无")
    with pytest.raises(Invalid):
        services.report_close(**common, outcome="partly", measures=" ")
    services.report_close(**common, outcome="partly", measures="退款")
    with pytest.raises(ReportClosed):
        services.report_reply(**common, text="再问")
    assert services.reports_delete(actor=BOSS, now=NOW + timedelta(days=90)) == 0
    assert services.reports_delete(actor=BOSS, now=NOW + timedelta(days=92)) == 1
    assert not (Report.unscoped.exists() or Message.unscoped.exists() or Enclosure.unscoped.exists())
