"""Lists of clinics, of locations and of leave, as hospitals' web sites, maps and personnel offices give them."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from yaomai.kit.access import acting
from yaomai.kit.transfer.command import import_file
from yaomai.planning.models import Absence, Location, WorkingTime

from .acts_examples import BOSS, NOW, doctor, hospital, person

Take = Callable[[str, list[dict[str, str]]], Any]


@pytest.fixture
def take(db: None, tmp_path: Path) -> Take:
    def bring(importer: str, rows: list[dict[str, str]]) -> Any:
        path = tmp_path / f"{importer}.csv"
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        with acting(BOSS):
            return import_file(actor=BOSS, now=NOW, path=path, importer=f"planning.{importer}", source="名单")

    return bring


def moment(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text)).astimezone(UTC)


def test_a_clinic_timetable_is_read_with_the_words_it_uses(take: Take) -> None:
    place = hospital()
    chen = doctor(institution=place)
    rows = [
        {"医院名称": place.name, "医生姓名": "陈明", "星期": "周一", "午别": "上午", "门诊类型": "专家门诊"},
        {"医院名称": place.name, "医生姓名": "陈明", "星期": "星期三", "午别": "下", "门诊类型": "手术日"},
        {"医院名称": place.name, "医生姓名": "", "星期": "2", "午别": "AM", "门诊类型": "接待日"},
        {"医院名称": place.name, "医生姓名": "无此人", "星期": "周五", "午别": "上午", "门诊类型": "门诊"},
        {"医院名称": place.name, "医生姓名": "陈明", "星期": "周四", "午别": "上午", "门诊类型": "接待日"},
        {"医院名称": place.name, "医生姓名": "陈明", "星期": "周九", "午别": "上午", "门诊类型": "门诊"},
    ]
    done = take("working_time", rows)
    assert (done.created_count, done.refused_count) == (3, 3), done.result["problems"]
    held = WorkingTime.unscoped.order_by("weekday").values_list("weekday", "half", "kind", "professional_id")
    assert list(held) == [(1, "am", "clinic", chen.pk), (2, "am", "visiting", None), (3, "pm", "surgery", chen.pk)]
    rows = [rows[0] | {"门诊类型": "查房"}, *rows[1:3]]
    again = take("working_time", rows)
    assert (again.created_count, again.updated_count, again.unchanged_count) == (0, 1, 2)
    assert WorkingTime.unscoped.get(weekday=1).kind == "rounds"


def test_locations_are_entered_corrected_and_bounded(take: Take) -> None:
    place = hospital()
    hospital("安东市中心医院")
    rows = [
        {"机构名称": place.name, "纬度": "30.58123", "经度": "114.29876", "坐标来源": "地图"},
        {"机构名称": "安东市中心医院", "纬度": "95", "经度": "114.3", "坐标来源": "地图"},
        {"机构名称": "没有的医院", "纬度": "30", "经度": "114.3", "坐标来源": "地图"},
    ]
    done = take("location", rows)
    assert (done.created_count, done.refused_count) == (1, 2)
    assert take("location", [rows[0] | {"坐标来源": "现场"}]).updated_count == 1
    assert Location.unscoped.get().source == "现场"


def test_leave_of_a_personnel_office_includes_its_last_day(take: Take) -> None:
    place = hospital()
    rep, chen = person(), doctor(institution=place)
    rows = [
        {"工号": rep.username, "医生姓名": "", "请假类型": "年假", "开始日期": "2026-12-07", "开始时刻": "", "结束日期": "2026-12-09", "结束时刻": "", "事由": "探亲"},
        {"工号": rep.username, "医生姓名": "", "请假类型": "例会", "开始日期": "2026-12-14", "开始时刻": "09:00", "结束日期": "", "结束时刻": "11:30", "事由": ""},
        {"工号": "", "医生姓名": chen.name, "请假类型": "停诊", "开始日期": "2026-12-21", "开始时刻": "", "结束日期": "2026-12-22", "结束时刻": "", "事由": "进修"},
        {"工号": rep.username, "医生姓名": "", "请假类型": "停诊", "开始日期": "2026-12-28", "开始时刻": "", "结束日期": "", "结束时刻": "", "事由": ""},
        {"工号": rep.username, "医生姓名": "", "请假类型": "年假", "开始日期": "2026-12-29", "开始时刻": "25:00", "结束日期": "", "结束时刻": "", "事由": ""},
        {"工号": rep.username, "医生姓名": "", "请假类型": "年假", "开始日期": "2026-12-30", "开始时刻": "", "结束日期": "2026-12-28", "结束时刻": "", "事由": ""},
    ]  # fmt: skip
    done = take("absence", rows)
    assert (done.created_count, done.refused_count) == (3, 3)
    spans = Absence.unscoped.order_by("starts_at").values_list("kind", "starts_at", "ends_at", "person", "professional")
    assert list(spans) == [
        ("leave", moment("2026-12-07"), moment("2026-12-10"), rep.pk, None),
        ("meeting", moment("2026-12-14T09:00"), moment("2026-12-14T11:30"), rep.pk, None),
        ("away", moment("2026-12-21"), moment("2026-12-23"), None, chen.pk),
    ]
    again = take("absence", [rows[0] | {"结束日期": "2026-12-10"}, rows[1]])
    assert (again.updated_count, again.unchanged_count, again.created_count) == (1, 1, 0)
    leave = Absence.unscoped.get(kind="leave")
    assert leave.ends_at - leave.starts_at == timedelta(days=4)


def test_an_absence_of_somebody_who_works_nowhere_is_nobody_elses(take: Take) -> None:
    chen = doctor()
    type(chen).unscoped.filter(pk=chen.pk).update(institution=None)
    done = take("absence", [{"医生姓名": chen.name, "请假类型": "停诊", "开始日期": "2026-12-21"}])
    assert (done.created_count, done.refused_count) == (0, 1)
    assert "没有执业机构" in str(done.result["problems"])
    assert not Absence.unscoped.exists()
