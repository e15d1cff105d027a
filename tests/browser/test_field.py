"""The field app in a real browser: a visit reported in a basement, a flat battery, and everything sent once."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.browser.conftest import Visitor
from tests.engagement import visits as world

from yaomai.engagement.models import AdverseEvent, CoachingNote, Device, Visit
from yaomai.kit.access import acting, system_actor

pytestmark = pytest.mark.django_db(transaction=True)
Visit_ = Callable[..., Visitor]
DATABASE = """async () => {
  const names = (await indexedDB.databases()).map((each) => each.name);
  const opened = (name) => new Promise((done) => { const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result); });
  const all = (store) => new Promise((done) => { const asked = store.getAll(); asked.onsuccess = () => done(asked.result); });
  const found = [];
  for (const name of names) {
    const database = await opened(name);
    for (const store of database.objectStoreNames)
      for (const each of await all(database.transaction(store).objectStore(store)))
        found.push(each?.body ? new TextDecoder().decode(each.body) : each instanceof CryptoKey ? `key ${each.extractable}` : JSON.stringify(each));
    database.close();
  }
  return [names, found];
}"""


@pytest.fixture
def rep() -> Any:
    """Return a representative with a hospital that consented, two doctors, a plan for today and something promised."""
    from yaomai.compliance.services import consent_create
    from yaomai.customers.services import institution_create, professional_create
    from yaomai.engagement.services import visit_report
    from yaomai.planning.models import PlannedVisit

    now = timezone.now()
    common = {"actor": system_actor("test", "set up"), "now": now}
    who = world.person("赵敏", plans=True)
    place = institution_create(**common, name="江城市第一人民医院", territory=world.territory())
    consent_create(**common, institution=place, document="同意函", valid_from=world.SINCE)
    doctors = [professional_create(**common, name=name, institution=place) for name in ("王芳", "李强")]
    PlannedVisit.unscoped.create(
        owner=who, institution=place, professional=doctors[0], day=timezone.localdate(now), activity="academic_visit",
        objective="谈亚组数据", created_at=now, updated_at=now,
    )  # fmt: skip
    actor = world.actor(who)
    with acting(actor):
        visit_report(
            actor=actor, now=now - timedelta(days=8), institution=place, contacts=[doctors[1]], started_at=now - timedelta(days=8),
            content_type="science", content="送去指南摘要，想看亚组数据", next_steps=[{"text": "带亚组原文"}],
        )  # fmt: skip
    return who


def opened(visit: Visit_, rep: Any, **how: Any) -> Visitor:
    visitor = visit(width=390, person=rep, **how)
    page = visitor.page
    page.goto(f"{visitor.address}/field/")
    page.locator("body[data-ready]").wait_for()
    page.get_by_text("谈亚组数据").first.wait_for()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    return visitor


def forgive(visitor: Visitor) -> None:
    """Take what failed for want of a network out of the problems."""
    visitor.problems[:] = [each for each in visitor.problems if "ERR_INTERNET_DISCONNECTED" not in each]


def reported(page: Any) -> int:
    """Report the first planned visit by thumb; return the taps."""
    page.get_by_role("link", name="王芳").click()
    page.get_by_role("link", name="开始拜访").click()
    page.get_by_role("button", name="解决临床问题").click()
    page.locator("#content").tap()
    page.locator("#content").press_sequentially("讨论合并肾病的用药，想看亚组数据", delay=5)
    page.get_by_role("button", name="保存并发送").click()
    return 5


def test_a_visit_is_reported_without_a_network_survives_and_is_sent_once(
    visit: Visit_, rep: Any, figure: Callable[[str, str], None]
) -> None:
    visitor = opened(visit, rep)
    page, before = visitor.page, Visit.unscoped.count()
    visitor.look("field-today")
    page.context.set_offline(True)
    begun = time.monotonic()
    taps = reported(page)
    seconds = time.monotonic() - begun
    expect(page.locator("#status")).to_contain_text("1 份待发送")
    assert taps <= 12
    assert seconds <= 30
    figure("E13", f"a visit reported offline in {taps} taps and {seconds:.1f} s of a machine's typing")
    visitor.look("field-waits")
    begun = time.monotonic()
    page.reload()
    page.locator("body[data-ready]").wait_for()
    cold = time.monotonic() - begun
    expect(page.locator("#status")).to_contain_text("1 份待发送")
    assert Visit.unscoped.count() == before
    figure("E13", f"the app starts offline in {cold * 1000:.0f} ms")
    assert cold <= 2
    page.context.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.goto(f"{visitor.address}/field/#/sent")
    expect(page.get_by_text("已全部发送。")).to_be_visible(timeout=15_000)
    made = Visit.unscoped.latest("pk")
    assert (Visit.unscoped.count(), made.person, made.origin, made.validity) == (before + 1, rep, "field", "valid")
    assert (made.planned.state, made.objective) == ("done", "谈亚组数据")
    page.get_by_role("button", name="立即发送").click()
    page.wait_for_timeout(500)
    assert Visit.unscoped.count() == before + 1
    visitor.look("field-sent")
    forgive(visitor)


def test_what_the_phone_keeps_cannot_be_read_and_is_wiped(visit: Visit_, rep: Any) -> None:
    visitor = opened(visit, rep)
    page = visitor.page
    page.context.set_offline(True)
    reported(page)
    expect(page.locator("#status")).to_contain_text("1 份待发送")
    names, kept = page.evaluate(DATABASE)
    assert names == [f"yaomai-field-{rep.pk}"]
    assert "key false" in kept, "the key is there and cannot be read out"
    assert not any(word in each for each in kept for word in ("亚组", "王芳", "江城"))
    page.context.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.locator("#status")).not_to_contain_text("待发送", timeout=15_000)
    Device.unscoped.update(wiped_at=timezone.now())
    page.goto(f"{visitor.address}/field/#/me")
    page.reload()
    expect(page.get_by_role("link", name="登录")).to_be_visible(timeout=15_000)
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0
    forgive(visitor)


def test_a_session_that_ends_while_away_keeps_the_reports(visit: Visit_, rep: Any) -> None:
    visitor = opened(visit, rep)
    visitor.expects(401)
    page, before = visitor.page, Visit.unscoped.count()
    page.context.set_offline(True)
    reported(page)
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.locator("#status")).to_contain_text("登录已过期：重新登录后自动发送 1 份报告", timeout=15_000)
    assert Visit.unscoped.count() == before
    from tests.browser.conftest import _session

    page.context.add_cookies(
        [{"name": name, "value": value, "url": visitor.address} for name, value in _session(rep).items()]
    )
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.locator("#status")).to_be_empty(timeout=15_000)
    assert Visit.unscoped.count() == before + 1
    forgive(visitor)


def test_a_colleagues_report_is_asked_about_and_joined(visit: Visit_, rep: Any) -> None:
    from yaomai.customers.models import Professional
    from yaomai.engagement.services import visit_report

    visitor = opened(visit, rep)
    page = visitor.page
    colleague = world.actor(world.person("周芷若"))
    wang = Professional.unscoped.get(name="王芳")
    now = timezone.now()
    with acting(colleague):
        theirs = visit_report(actor=colleague, now=now, institution=wang.institution, contacts=[wang], started_at=now,
                              content_type="problem", content="和科里讨论了随访流程")  # fmt: skip
    reported(page)
    expect(page.locator("#status")).to_contain_text("1 条需要您处理", timeout=15_000)
    visitor.look("field-asks")
    page.get_by_role("button", name="我们是一起去的").click()
    expect(page.get_by_text("已全部发送。")).to_be_visible(timeout=15_000)
    assert list(Visit.attendees.through.objects.filter(visit=theirs).values_list("person_id", flat=True)) == [rep.pk]


def test_an_adverse_event_is_reported_without_a_network(visit: Visit_, rep: Any) -> None:
    with acting(system_actor("test", "set up")):
        world.product()
    visitor = opened(visit, rep)
    page = visitor.page
    page.context.set_offline(True)
    page.get_by_role("link", name="上报不良事件").click()
    page.get_by_role("button", name="心血管安衡平").click()
    page.locator("#what").fill("服药后头晕，停药缓解")
    page.get_by_role("button", name="立即上报").click()
    expect(page.locator("#status")).to_contain_text("1 份待发送")
    page.context.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.get_by_text("已全部发送。")).to_be_visible(timeout=15_000)
    assert AdverseEvent.unscoped.get().what == "服药后头晕，停药缓解"
    forgive(visitor)


def test_a_coaching_note_is_written_without_a_network(visit: Visit_, rep: Any) -> None:
    made = Visit.unscoped.get(person=rep)
    boss = world.person("主管", is_filed=False, leaving=())
    made.attendees.add(boss)
    visitor = visit(width=390, person=boss)
    page = visitor.page
    page.goto(f"{visitor.address}/field/")
    page.locator("body[data-ready]").wait_for()
    page.get_by_text("待写的辅导记录").wait_for()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.get_by_role("link", name="赵敏").click()
    page.locator("#coach-text").fill("先听完再说，结尾约下次")
    page.get_by_role("group", name="探寻与聆听").get_by_role("button", name="4").click()
    page.get_by_text("已存为草稿").wait_for()
    visitor.look("field-coach")
    page.reload()
    page.locator("body[data-ready]").wait_for()
    assert page.locator("#coach-text").input_value() == "先听完再说，结尾约下次"
    page.get_by_role("button", name="保存并发送").click()
    expect(page.locator("#status")).to_contain_text("1 份待发送")
    page.context.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.get_by_text("已全部发送。")).to_be_visible(timeout=15_000)
    note = CoachingNote.unscoped.get()
    assert (note.visit, note.author, note.text, note.listening) == (made, boss, "先听完再说，结尾约下次", 4)
    forgive(visitor)


def test_a_draft_survives_a_reload_and_a_photo_is_made_small_and_sent(visit: Visit_, rep: Any, tmp_path: Any) -> None:
    from PIL import Image

    big = tmp_path / "门诊.jpg"
    Image.effect_mandelbrot((3000, 2000), (-2, -1, 1, 1), 60).convert("RGB").save(big, quality=95)
    visitor = opened(visit, rep)
    page = visitor.page
    page.get_by_role("link", name="王芳").click()
    page.get_by_role("link", name="开始拜访").click()
    page.locator("#content").fill("写到一半，电池没电了")
    page.get_by_text("已存为草稿").wait_for()
    page.reload()
    page.locator("body[data-ready]").wait_for()
    assert page.locator("#content").input_value() == "写到一半，电池没电了"
    page.get_by_role("button", name="解决临床问题").click()
    page.get_by_text("更多（选填）").click()
    page.locator("input[type=file]").set_input_files(big)
    page.get_by_role("button", name="使用这张").wait_for()
    box = page.locator("dialog canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 80, steps=6)
    page.mouse.up()
    visitor.look("field-photo")
    page.get_by_role("button", name="使用这张").click()
    page.get_by_text("1 张照片").wait_for()
    page.get_by_role("button", name="保存并发送").click()
    expect(page.get_by_text("已全部发送。")).to_be_visible(timeout=20_000)
    made = Visit.unscoped.latest("pk")
    (photo,) = made.photos(manager="unscoped").select_related("attachment")
    assert photo.attachment.size < 600_000


def test_a_photo_that_is_never_taken_is_asked_about_and_holds_nothing_back(
    visit: Visit_, rep: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    from yaomai.engagement import services
    from yaomai.kit.errors import Invalid

    def refuse(**_arguments: Any) -> Any:
        raise Invalid("文件不是图片。")

    monkeypatch.setattr(services, "photo_add", refuse)
    Image.new("RGB", (300, 200), (40, 90, 160)).save(tmp_path / "门诊.jpg")
    visitor = opened(visit, rep)
    visitor.expects(422)
    page, before = visitor.page, Visit.unscoped.count()
    page.get_by_role("link", name="王芳").click()
    page.get_by_role("link", name="开始拜访").click()
    page.locator("#content").fill("讨论合并肾病的用药，想看亚组数据")
    page.get_by_role("button", name="解决临床问题").click()
    page.get_by_text("更多（选填）").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "门诊.jpg")
    page.get_by_role("button", name="使用这张").click()
    page.get_by_text("1 张照片").wait_for()
    page.get_by_role("button", name="保存并发送").click()
    expect(page.get_by_text("文件不是图片。")).to_be_visible(timeout=20_000)
    expect(page.locator("#status")).to_contain_text("1 条需要您处理")
    assert Visit.unscoped.count() == before + 1, "the report itself has arrived"
    visitor.look("field-photo-refused")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="放弃").click()
    expect(page.get_by_text("已全部发送。")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(visit: Visit_, rep: Any, theme: str) -> None:
    visitor = opened(visit, rep, theme=theme)
    page = visitor.page
    page.emulate_media(color_scheme=theme)
    from yaomai.customers.models import Professional

    with acting(system_actor("test", "look")):
        wang = Professional.unscoped.get(name="王芳")
    for name in ("/", "/customers", f"/brief/{wang.pk}", f"/report/new?contact={wang.pk}", "/sent", "/me", "/adverse"):
        page.goto(f"{visitor.address}/field/#{name}")
        page.wait_for_timeout(250)
        visitor.look(f"field-{theme}-{name.strip('/').replace('/', '-').split('?')[0] or 'today'}")
        visitor.check_accessible("body")
        visitor.check_fits()


def test_the_first_load_is_small_and_every_module_is_kept(
    visit: Visit_, rep: Any, figure: Callable[[str, str], None]
) -> None:
    import gzip

    from django.contrib.staticfiles import finders

    from yaomai.engagement.field_views import FILES

    visitor = visit(width=390, person=rep)
    loaded: dict[str, int] = {}
    visitor.page.on(
        "response",
        lambda answer: loaded.update({answer.url: len(gzip.compress(answer.body()))}) if answer.status == 200 else None,
    )
    visitor.page.goto(f"{visitor.address}/field/")
    visitor.page.locator("body[data-ready]").wait_for()
    visitor.page.wait_for_load_state("networkidle")
    total = sum(size for url, size in loaded.items() if "/api/" not in url) / 1024
    figure("E13", f"first load of the field app: {total:.0f} kB compressed in {len(loaded)} answers")
    assert total <= 250
    modules = {url.split("/static/")[1] for url in loaded if url.endswith(".js") and "/static/" in url}
    assert modules <= set(FILES)
    assert all(finders.find(name) for name in FILES)
