"""What phones send: once, whatever is sent twice, late, out of order, with a wrong clock, or by somebody hostile."""

import base64
import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yaomai.customers.models import ProfessionalFact
from yaomai.engagement import services
from yaomai.engagement.downloading import bundle
from yaomai.engagement.models import AdverseEvent, CheckInConsent, CoachingNote, Device, NextStep, Visit
from yaomai.engagement.rescuing import NotARescueFile, taken_in
from yaomai.engagement.syncing import KINDS, take
from yaomai.kit.access import acting
from yaomai.materials.models import MaterialVersion

from .acts_examples import picture
from .visits import NOW, actor, doctor, hospital, material, person, product, report

pytestmark = pytest.mark.django_db
API = "/api/v1/engagement/field/"


@pytest.fixture
def place() -> Any:
    return hospital()


@pytest.fixture
def wang(place: Any) -> Any:
    return doctor("王芳", place)


@pytest.fixture
def rep() -> Any:
    return person("赵敏")


def written(
    place: Any, people: list[Any], *, started: datetime = NOW - timedelta(hours=1), key: str = "", **said: Any
) -> dict[str, Any]:
    data = {
        "institution": place.pk, "contacts": [each.pk for each in people], "started_at": started.isoformat(),
        "content_type": "problem", "content": f"讨论{started:%m%d%H%M}老年高血压合并肾病的用药选择",
    }  # fmt: skip
    offset = said.pop("offset_ms", 0)
    return {"uuid": key or str(uuid.uuid4()), "kind": "visit", "offset_ms": offset, "data": data | said}


def send(
    who: Any, *items: dict[str, Any], offset: timedelta = timedelta(0), now: datetime = NOW
) -> list[dict[str, Any]]:
    acting_as = actor(who)
    with acting(acting_as):
        return take(
            [each | {"uuid": uuid.UUID(each["uuid"])} for each in items], actor=acting_as, offset=offset, now=now
        )


def test_each_item_ends_by_itself(rep: Any, place: Any, wang: Any) -> None:
    closed = hospital("无同意医院", consents=False)
    li = doctor("李强", closed)
    good, forbidden, lacking, unknown = (
        written(place, [wang]), written(closed, [li]), written(place, [wang], content=""),
        {"uuid": str(uuid.uuid4()), "kind": "hologram", "offset_ms": None, "data": {}},
    )  # fmt: skip
    results = send(rep, good, forbidden, lacking, unknown)
    assert [each["status"] for each in results] == ["done", "refused", "invalid", "invalid"]
    assert results[0]["validity"] == "valid"
    assert any("第十三条" in each for each in results[1]["citations"])
    assert "content" in results[2]["fields"]
    assert results[3]["code"] == "field_unknown_kind"
    assert Visit.unscoped.count() == 1


def test_everything_sent_twice_is_there_once(rep: Any, place: Any, wang: Any) -> None:
    step = {"uuid": str(uuid.uuid4()), "text": "带亚组数据", "due_on": "2026-11-25"}
    items = [
        written(place, [wang], next_steps=[step]),
        {"uuid": str(uuid.uuid4()), "kind": "adverse", "offset_ms": 0, "data": {
            "product": product().pk, "what": "服药后头晕", "learned_at": NOW.isoformat()}},
        {"uuid": str(uuid.uuid4()), "kind": "consent", "offset_ms": 0, "data": {"given": True, "text": "说明"}},
    ]  # fmt: skip
    close = {"uuid": str(uuid.uuid4()), "kind": "step", "offset_ms": 0, "data": {"step": step["uuid"], "state": "done"}}
    first = send(rep, *items, close)
    again = send(rep, *items, close)
    assert [each["status"] for each in first] == ["done"] * 4
    assert [each["status"] for each in again] == ["known"] * 4
    assert (Visit.unscoped.count(), NextStep.unscoped.count(), AdverseEvent.unscoped.count(), CheckInConsent.unscoped.count()) == (1, 1, 1, 1)  # fmt: skip
    assert NextStep.unscoped.get().state == "done"


def test_a_consent_that_comes_late_does_not_undo_what_was_said_after_it(rep: Any) -> None:
    def said(given: bool, *instead: str) -> dict[str, Any]:
        data = {"given": given, "text": "说明", "instead": list(instead)}
        return {"uuid": str(uuid.uuid4()), "kind": "consent", "offset_ms": 0, "data": data}

    yes = said(True)
    no = said(False, yes["uuid"])
    assert [each["status"] for each in send(rep, no, yes)] == ["done", "known"], "the first never arrived in time"
    assert services.consent_of(rep.pk) is None
    again = said(True)
    assert [each["status"] for each in send(rep, again, no, yes)] == ["done", "known", "known"]
    assert services.consent_of(rep.pk) is not None


def test_a_step_that_was_closed_otherwise_is_asked_about(rep: Any, place: Any, wang: Any) -> None:
    step = str(uuid.uuid4())
    send(rep, written(place, [wang], next_steps=[{"uuid": step, "text": "带数据"}]))

    def close(state: str) -> dict[str, Any]:
        data = {"step": step, "state": state, "outcome": "客户不要了"}
        return {"uuid": str(uuid.uuid4()), "kind": "step", "offset_ms": 0, "data": data}

    results = send(rep, close("dropped"), close("done"), close("dropped"))
    assert [each["status"] for each in results] == ["done", "conflict", "known"]


def test_a_fault_of_ours_in_one_item_does_not_hold_the_others_back(
    rep: Any, place: Any, wang: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(KINDS, "hologram", broken)
    results = send(rep, {"uuid": str(uuid.uuid4()), "kind": "hologram", "data": {}}, written(place, [wang]))
    assert [each["status"] for each in results] == ["later", "done"]


def test_a_clock_that_is_a_day_ahead_is_put_right_and_said(rep: Any, place: Any, wang: Any) -> None:
    day = timedelta(days=1)
    item = written(place, [wang], started=NOW - timedelta(hours=1) + day, offset_ms=-86_400_000)
    (result,) = send(rep, item, offset=-day)
    visit = Visit.unscoped.get()
    assert (visit.started_at, visit.device_started_at, visit.clock_seconds) == (NOW - timedelta(hours=1), NOW - timedelta(hours=1) + day, -86_400)  # fmt: skip
    assert (result["validity"], any("1440" in each for each in result["findings"])) == ("valid", True)


def test_a_clock_that_was_set_in_between_casts_doubt(rep: Any, place: Any, wang: Any) -> None:
    item = written(place, [wang], started=NOW + timedelta(hours=23), offset_ms=-86_400_000)
    (result,) = send(rep, item)
    assert Visit.unscoped.get().started_at == NOW - timedelta(hours=1)
    assert result["validity"] == "suspicious"


@pytest.mark.parametrize(
    "moment", [None, 7, "gestern", "2026-11-18T10:00:00", "2026-13-45T99:00:00+08:00", "9999-12-31T23:59:59+00:00"]
)
def test_a_moment_that_is_none_is_said(rep: Any, place: Any, wang: Any, moment: Any) -> None:
    item = written(place, [wang])
    item["data"]["started_at"] = moment
    (result,) = send(rep, item)
    assert (result["status"], list(result["fields"])) == ("invalid", ["started_at"])


def test_a_phone_that_was_away_for_a_month_is_taken_in(rep: Any, place: Any, wang: Any) -> None:
    (result,) = send(rep, written(place, [wang], started=NOW - timedelta(days=30)))
    assert result["status"] == "done"
    assert any("30" in each for each in result["findings"])


def test_a_visit_of_a_colleague_becomes_a_question_with_answers(rep: Any, place: Any, wang: Any) -> None:
    first, colleague = report(rep, place, [wang]), person("周芷若")
    item = written(place, [wang])
    (asked,) = send(colleague, item)
    assert (asked["status"], asked["answers"], asked["other"]) == ("conflict", ["join", "separate"], str(first.uuid))
    (joined,) = send(colleague, item | {"data": item["data"] | {"join": asked["other"]}})
    assert (joined["status"], Visit.unscoped.count()) == ("done", 1)
    (other,) = send(person("岳灵珊"), written(place, [wang], is_separate=True))
    assert (other["status"], Visit.unscoped.count()) == ("done", 2)


def test_material_that_was_withdrawn_meanwhile_is_refused_and_the_report_can_be_mended(
    rep: Any, place: Any, wang: Any
) -> None:
    shown = material()
    item = written(place, [wang], materials=[shown.pk])
    MaterialVersion.unscoped.filter(pk=shown.pk).update(state="withdrawn")
    assert send(rep, item)[0]["status"] == "refused"
    assert send(rep, item | {"data": item["data"] | {"materials": []}})[0]["status"] == "done"


def test_forged_and_foreign_things_are_refused_alike(rep: Any, place: Any, wang: Any) -> None:
    from yaomai.customers.services import institution_create

    from . import visits as world

    mine = report(rep, place, [wang])
    far = institution_create(**world.DO, name="远方医院", territory=world.territory("W"))
    stranger = person("周芷若")
    taken = written(place, [wang], key=str(mine.uuid), is_separate=True)
    unknown, hidden = written(place, [wang]), written(place, [wang])
    unknown["data"]["institution"], hidden["data"]["institution"] = 999_999, far.pk
    results = send(stranger, taken, unknown, hidden)
    assert [each["status"] for each in results] == ["invalid", "refused", "refused"]
    assert results[1]["title"] == results[2]["title"], "nobody learns which ids there are"
    assert Visit.unscoped.get(pk=mine.pk).version == mine.version


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=8,
)  # fmt: skip
NAMES = ("institution", "contacts", "department", "products", "materials", "attendees", "content_type", "content", "next_steps",
         "stage", "check_in", "is_separate", "place", "progress", "achieved", "ended_at", "join")  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed=st.dictionaries(st.sampled_from(NAMES), WILD, min_size=1, max_size=3))
def test_whatever_a_hostile_phone_sends_is_answered(rep: Any, place: Any, wang: Any, changed: dict[str, Any]) -> None:
    (result,) = send(rep, written(place, [wang]) | {"data": written(place, [wang])["data"] | changed})
    assert result["status"] in ("done", "known", "conflict", "refused", "invalid")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["send", "send", "lose", "twice", "late"])),
        min_size=4,
        max_size=20,
    )
)
def test_nothing_is_lost_or_doubled_whatever_the_network_does(
    rep: Any, place: Any, wang: Any, history: list[tuple[int, str]]
) -> None:
    """A queue as the phone keeps it, against the real service: answers get lost, requests come twice and out of order."""
    base = Visit.unscoped.count()
    items = [
        written(place, [wang], started=NOW - timedelta(days=2 + number, minutes=len(history) * 3))
        for number in range(6)
    ]
    for item in items:
        item["data"]["is_separate"] = True
    queue, late = dict(enumerate(items)), []
    for number, what in history:
        if number not in queue:
            continue
        results = send(rep, queue[number])
        if what == "twice":
            results = send(rep, queue[number])
        if what == "late":
            late.append(queue[number])
        if what != "lose" and results[0]["status"] in ("done", "known"):
            del queue[number]
    for item in [*queue.values(), *late]:
        assert send(rep, item)[0]["status"] in ("done", "known")
    assert Visit.unscoped.count() == base + len(items)


# Over HTTP --------------------------------------------------------------------------------------------------------


@pytest.fixture
def phone(rep: Any) -> Client:
    client = Client()
    client.force_login(rep, backend="yaomai.organization.sign_in.Backend")
    return client


def posted(phone: Client, path: str, body: Any) -> Any:
    return phone.post(API + path, json.dumps(body), content_type="application/json")


def test_a_phone_says_hello_sends_and_is_wiped(phone: Client, rep: Any, place: Any, wang: Any) -> None:
    hello = phone.get(f"{API}hello").json()
    assert (hello["person"], hello["name"], hello["wipe"], hello["protocol"]) == (rep.pk, "赵敏", False, 1)
    made = posted(phone, "devices", {})
    assert made.status_code == 201
    device, key = made.json()["uuid"], made.json()["key"]
    assert len(base64.b64decode(key)) == 32
    assert Device.unscoped.get(uuid=device).key == key
    now = timezone.now()
    body = {
        "protocol": 1,
        "sent_at": now.isoformat(),
        "items": [written(place, [wang], started=now - timedelta(hours=1))],
    }
    body["items"][0]["data"]["content_type"] = "relationship"
    one, two = posted(phone, "sync", body).json(), posted(phone, "sync", body).json()
    assert [each["results"][0]["status"] for each in (one, two)] == ["done", "known"]
    from django.core.files.uploadedfile import SimpleUploadedFile

    key_of_photo = str(uuid.uuid4())
    for _each in range(2):
        file = SimpleUploadedFile("a.png", picture(4), content_type="image/png")
        sent = phone.post(f"{API}photos", {"visit": body["items"][0]["uuid"], "uuid": key_of_photo, "file": file})
        assert sent.status_code == 200, sent.content
    assert Visit.unscoped.get().photos(manager="unscoped").count() == 1
    assert phone.get(f"{API}hello", {"device": device}).json()["wipe"] is False
    posted(phone, f"devices/{device}/wipe", {})
    assert phone.get(f"{API}hello", {"device": device}).json()["wipe"] is True
    assert phone.get(f"{API}hello", {"device": str(uuid.uuid4())}).json()["wipe"] is True, "restored from somewhere"


def test_how_long_a_request_takes_to_arrive_is_no_part_of_the_clock(phone: Client, place: Any, wang: Any) -> None:
    """A phone that is a day ahead sends something that the network holds for two hours; it never knew its clock before."""
    now, day = timezone.now(), timedelta(days=1)
    item = written(place, [wang], started=now - timedelta(hours=5) + day, offset_ms=None)
    sent_at = now - timedelta(hours=2) + day
    body = {"protocol": 1, "sent_at": sent_at.isoformat(), "offset_ms": -86_400_000, "items": [item]}
    assert posted(phone, "sync", body).json()["results"][0]["status"] == "done"
    assert Visit.unscoped.get().started_at == now - timedelta(hours=5)


def test_a_clock_that_was_set_before_something_was_written_is_told_by_when_that_was(
    phone: Client, place: Any, wang: Any
) -> None:
    """The phone heard the server while it was a day behind; somebody put it right; a visit of last week was written."""
    now = timezone.now()
    item = written(place, [wang], started=now - timedelta(days=6), offset_ms=86_400_000)
    item |= {"clock_at": (now - timedelta(minutes=1)).isoformat()}
    posted(phone, "sync", {"protocol": 1, "sent_at": now.isoformat(), "offset_ms": 0, "items": [item]})
    assert Visit.unscoped.get().started_at == now - timedelta(days=6)


def test_a_session_that_is_over_is_said_as_such(place: Any, wang: Any) -> None:
    answer = posted(Client(), "sync", {"protocol": 1, "sent_at": NOW.isoformat(), "items": []})
    assert answer.status_code == 401


def test_an_app_that_is_too_old_is_told_and_a_newer_one_is_understood(phone: Client, place: Any, wang: Any) -> None:
    old = posted(phone, "sync", {"protocol": 0, "sent_at": NOW.isoformat(), "items": []})
    assert (old.status_code, old.json()["code"]) == (409, "field_protocol_too_old")
    item = written(place, [wang]) | {"mood": "cheerful"}
    item["data"]["hologram"] = [1, 2]
    new = posted(phone, "sync", {"protocol": 9, "sent_at": NOW.isoformat(), "items": [item], "battery": 0.4})
    assert new.status_code == 200


def test_too_much_at_once_is_said(phone: Client, place: Any, wang: Any) -> None:
    body = {"protocol": 1, "sent_at": NOW.isoformat(), "items": [written(place, [wang]) for _each in range(51)]}
    assert posted(phone, "sync", body).status_code == 422
    assert not Visit.unscoped.exists()


def test_a_photo_before_its_visit_waits_and_one_of_somebody_else_too(phone: Client, place: Any, wang: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    other = report(person("周芷若"), place, [wang])
    for visit in (str(uuid.uuid4()), str(other.uuid)):
        file = SimpleUploadedFile("a.png", picture(4), content_type="image/png")
        sent = phone.post(f"{API}photos", {"visit": visit, "uuid": str(uuid.uuid4()), "file": file})
        assert (sent.status_code, sent.json()["code"]) == (409, "visit_not_arrived")


def test_what_is_taken_along_is_whole_and_in_scope(rep: Any, place: Any, wang: Any) -> None:
    product(), product("呼安舒", "AH6"), material()
    report(rep, place, [wang], next_steps=[{"text": "带亚组数据"}])
    with acting(actor(rep)):
        found = bundle(actor(rep), now=NOW)
    assert json.loads(json.dumps(found)) == found
    assert [each["professional"] for each in found["briefs"]] == [wang.pk]
    assert {each["name"]: each["in_scope"] for each in found["products"]} == {"心血管安衡平": True, "呼安舒": False}
    assert found["steps"][0]["text"] == "带亚组数据"
    assert {each["category"] for each in found["wording"]} == {"benefit", "off_label", "absolute", "adverse"}


def test_an_answer_for_the_archive_is_written_into_the_profile(rep: Any, place: Any, wang: Any) -> None:
    with acting(actor(rep)):
        report(rep, place, [wang], next_steps=[{"text": "带亚组数据", "due_on": NOW.date() + timedelta(days=9)}])
        (asked,) = (each["questions"] for each in bundle(actor(rep), now=NOW)["briefs"])
    known = {each["code"]: each for each in asked}
    assert {"code", "label", "reason", "hint", "choices", "several"} == set(asked[0])
    choice = next(each for each in asked if each["choices"])
    item = {
        "uuid": str(uuid.uuid4()), "kind": "fact",
        "data": {"professional": wang.pk, "field": choice["code"], "value": [choice["choices"][0]["value"]]},
    }  # fmt: skip
    assert [each["status"] for _time in range(2) for each in send(rep, item)] == ["done", "known"]
    fact = ProfessionalFact.unscoped.get(field=choice["code"])
    assert (fact.professional_id, fact.source, fact.source_kind, fact.recorded_by_id) == (
        wang.pk, "拜访时询问", "customer", rep.pk
    )  # fmt: skip
    with acting(actor(rep)):
        (after,) = (each["questions"] for each in bundle(actor(rep), now=NOW)["briefs"])
    assert choice["code"] not in {each["code"] for each in after} and choice["code"] in known
    text = next(each["code"] for each in asked if not each["choices"])
    counted = item | {
        "uuid": str(uuid.uuid4()),
        "data": {"professional": wang.pk, "field": text, "value": "每月开120盒"},
    }
    assert send(rep, counted)[0]["status"] == "refused"
    assert (
        send(rep, item | {"uuid": str(uuid.uuid4()), "data": item["data"] | {"value": ["?"]}})[0]["status"] == "invalid"
    )


def test_a_coaching_note_is_taken_along_written_and_sent_twice_is_there_once(rep: Any, place: Any, wang: Any) -> None:
    boss, stranger = person("主管", is_filed=False, leaving=()), person("同事")
    report(rep, place, [wang])
    joint = report(rep, place, [wang], started_at=NOW - timedelta(days=2), attendees=[boss])
    with acting(actor(boss)):
        found = bundle(actor(boss), now=NOW)["coachable"]
    assert [each["uuid"] for each in found] == [str(joint.uuid)], "where one was oneself"
    with acting(actor(stranger)):
        assert bundle(actor(stranger), now=NOW)["coachable"] == []
    note = {
        "uuid": str(uuid.uuid4()),
        "kind": "coaching",
        "data": {"visit": str(joint.uuid), "text": "先听完再说", "listening": 4},
    }
    assert [each["status"] for _time in range(2) for each in send(boss, note)] == ["done", "known"]
    later = note | {"uuid": str(uuid.uuid4()), "data": note["data"] | {"text": "先听完再说，再问一句"}}
    assert [each["status"] for each in send(boss, later, note)] == ["done", "known"], "a note that comes late is old"
    (kept,) = CoachingNote.unscoped.all()
    assert (kept.visit, kept.text, kept.listening, kept.concerns) == (joint, "先听完再说，再问一句", 4, None)
    with acting(actor(boss)):
        assert bundle(actor(boss), now=NOW)["coachable"] == []
    wrong = [
        later | {"uuid": str(uuid.uuid4()), "data": later["data"] | each} for each in ({"listening": 9}, {"text": " "})
    ]
    assert [send(boss, each)[0]["status"] for each in wrong] == ["invalid", "invalid"]
    assert send(stranger, note)[0]["status"] == "refused"
    assert send(boss, note | {"data": note["data"] | {"visit": str(uuid.uuid4())}})[0]["status"] == "refused"


# Rescue -----------------------------------------------------------------------------------------------------------


def rescued(device: Any, items: list[dict[str, Any]], **said: Any) -> bytes:
    plain = json.dumps({"protocol": 1, "sent_at": NOW.isoformat(), "items": items} | said).encode()
    iv = b"123456789012"
    body = AESGCM(base64.b64decode(device.key)).encrypt(iv, plain, None)
    return json.dumps(
        {"device": str(device.uuid), "iv": base64.b64encode(iv).decode(), "body": base64.b64encode(body).decode()}
    ).encode()


def test_a_rescue_file_is_taken_in_once(rep: Any, place: Any, wang: Any) -> None:
    who = actor(rep)
    device = services.device_register(actor=who, now=NOW, name="旧手机")
    file = rescued(device, [written(place, [wang])])
    with acting(who):
        assert [each["status"] for each in taken_in(file, actor=who, now=NOW)] == ["done"]
        assert [each["status"] for each in taken_in(file, actor=who, now=NOW)] == ["known"]


def test_what_a_rescue_file_says_of_the_clock_counts_and_not_when_it_comes(rep: Any, place: Any, wang: Any) -> None:
    who, started = actor(rep), NOW - timedelta(hours=1)
    device = services.device_register(actor=who, now=NOW, name="旧手机")
    unknown = written(place, [wang], started=started, offset_ms=None)
    behind = written(place, [wang], started=started - timedelta(days=3), offset_ms=None)
    with acting(who):
        for file in (rescued(device, [unknown]), rescued(device, [behind], offset_ms=86_400_000)):
            taken_in(file, actor=who, now=NOW + timedelta(days=4))
    assert sorted(Visit.unscoped.values_list("started_at", flat=True)) == [started - timedelta(days=2), started]


def test_a_rescue_file_of_another_or_a_damaged_one_is_refused(rep: Any, place: Any, wang: Any) -> None:
    who, other = actor(rep), actor(person("周芷若"))
    device = services.device_register(actor=who, now=NOW, name="旧手机")
    file = rescued(device, [written(place, [wang])])
    spoiled = file.replace(b'"body": "', b'"body": "AAAA')
    for actor_, content in ((other, file), (who, spoiled), (who, b"{}"), (who, b"\x00" * 40), (who, file[:50])):
        with acting(actor_), pytest.raises(NotARescueFile):
            taken_in(content, actor=actor_, now=NOW)
    assert not Visit.unscoped.exists()
