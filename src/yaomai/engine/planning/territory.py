"""A territory as YAML: one person, institutions, professionals, how often each tier is owed a visit, and what stands in the way."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from yaomai.engine.files.documents import parse_yaml
from yaomai.engine.files.problems import InputProblem
from yaomai.workdays import is_provisional, is_workday

from .problem import HALVES, Aims, Capacity, Duty, Place, Problem, Slot

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_DAYS: Final = 800


class TerritoryProblem(InputProblem):
    """A territory file that cannot be used."""

    messages: ClassVar = {
        "absent": ("没有这个文件：{file}", "There is no such file: {file}"),
        "encoding": ("{file} 不是 UTF-8 文本", "{file} is not UTF-8 text"),
        "yaml": (
            "{file} 第 {line} 行第 {column} 列附近不是 YAML：请检查缩进和冒号",
            "{file} is not YAML near line {line}, column {column}: check indentation and colons",
        ),
        "fields": ("{file}：{wrong}", "{file}: {wrong}"),
        "unknown": (
            "{file}：专业人士“{id}”的 {kind} 是“{value}”，文件中没有",
            "{file}: the {kind} of professional “{id}” is “{value}”, which the file does not define",
        ),
        "twice": ("{file}：编号“{id}”重复出现", "{file}: the id “{id}” occurs twice"),
        "period": (
            "{file}：计划期 {begin} 至 {end} 应在 1 到 {days} 天之间",
            "{file}: the period {begin} to {end} must last 1 to {days} days",
        ),
        "agreed": (
            "{file}：已约定的拜访 {id} {on} 不在该客户的任何一次应访之内",
            "{file}: the agreed visit {id} on {on} lies in no window of that customer",
        ),
        "today": ("“{text}”不是日期，请写成 2026-03-31 的形式", "“{text}” is no date; write it like 2026-03-31"),
        "over": ("{file}：计划期在 {day} 之前已经结束", "{file}: the period is over before {day}"),
        "earlier": (
            "{file} 不是 `plan` 写出的 .json 计划",
            "{file} is not a plan that `plan` wrote as .json",
        ),
        "no_days": (
            "{file}：计划期内没有可工作的半天",
            "{file}: the period has no half-day on which anybody works",
        ),
    }


def _half(text: str) -> str:
    day, _, half = text.lower().partition("-")
    if day not in WEEKDAYS or half not in HALVES:
        raise ValueError("write a half-day like mon-am or thu-pm")
    return f"{day}-{half}"


HalfDay = Annotated[str, AfterValidator(_half)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Span(_Strict):
    """From–to, both included, and why."""

    begin: date = Field(alias="from")
    end: date = Field(alias="to")
    reason: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.begin:
            raise ValueError("ends before it begins")
        return self


class Meeting(_Strict):
    """A half-day that is taken."""

    day: date
    half: Literal["am", "pm"]
    reason: str = ""


class WorkingDay(_Strict):
    """What a day holds."""

    morning: tuple[time, time] = (time(8, 30), time(12, 0))
    afternoon: tuple[time, time] = (time(13, 30), time(17, 30))
    visits: int = Field(default=8, ge=1, le=20)
    visits_per_half_day: int = Field(default=5, ge=1, le=10)
    visit_minutes: int = Field(default=25, ge=5, le=240)
    speed: float = Field(default=25, gt=0, le=200)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.morning[0] < self.morning[1] <= self.afternoon[0] < self.afternoon[1]:
            raise ValueError("morning and afternoon must follow each other")
        return self


class Tier(_Strict):
    """What a tier is owed."""

    visits_per_year: float = Field(gt=0, le=260)
    value: float = Field(gt=0, le=1000)
    at_least_days: int | None = Field(default=None, ge=0, le=366)


class Institution(_Strict):
    """Where professionals are met; kilometres east and north."""

    id: str
    name: str = ""
    x: float
    y: float
    visiting: list[HalfDay] | None = None
    closed: list[Span] = []


class Professional(_Strict):
    """Who is met."""

    id: str
    name: str = ""
    institution: str
    tier: str
    clinic: list[HalfDay] | None = None
    surgery: list[HalfDay] = []
    away: list[Span] = []


class Agreed(_Strict):
    """A visit that is agreed already."""

    professional: str
    day: date
    half: Literal["am", "pm"]


class Home(_Strict):
    """Where days begin and end."""

    x: float = 0.0
    y: float = 0.0


class SoftAims(_Strict):
    """What soft aims count, in points; the value of a visit is that of its tier."""

    travel_hour: float = Field(default=Aims.travel_hour, ge=0)
    off_middle: float = Field(default=Aims.off_middle, ge=0)
    crowded: float = Field(default=Aims.crowded, ge=0)
    change: float = Field(default=Aims.change, ge=0)


class Territory(_Strict):
    """The whole file."""

    name: str
    begin: date = Field(alias="from")
    end: date = Field(alias="to")
    home: Home = Home()
    working_day: WorkingDay = WorkingDay()
    days_off: list[date] = []
    days_on: list[date] = []
    leave: list[Span] = []
    meetings: list[Meeting] = []
    tiers: dict[str, Tier] = Field(min_length=1)
    institutions: list[Institution] = Field(min_length=1, max_length=2_000)
    professionals: list[Professional] = Field(min_length=1, max_length=5_000)
    agreed: list[Agreed] = []
    aims: SoftAims = SoftAims()


@dataclass(frozen=True)
class Read:
    """A territory and what it means."""

    territory: Territory
    problem: Problem
    provisional: frozenset[int]
    """Years whose holidays are not announced: only weekends and fixed holidays are known."""


def read_territory(path: Path) -> Read:
    """Read a territory and lay out what is to be planned.

    Raises:
        TerritoryProblem: what is wrong, and where.
    """
    if not path.is_file():
        raise TerritoryProblem("absent", file=path)
    try:
        content = parse_yaml(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise TerritoryProblem("encoding", file=path) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise TerritoryProblem("yaml", file=path, line=line, column=column) from error
    try:
        territory = Territory.model_validate(content)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(_step(one) for one in found['loc'])}: {found['msg']}" for found in error.errors())
        raise TerritoryProblem("fields", file=path, wrong=wrong) from error
    return _laid_out(territory, path)


def _step(step: int | str) -> str:
    return str(step + 1) if isinstance(step, int) else step


def _laid_out(territory: Territory, path: Path) -> Read:
    if not 0 <= (territory.end - territory.begin).days < _MOST_DAYS:
        raise TerritoryProblem("period", file=path, begin=territory.begin, end=territory.end, days=_MOST_DAYS)
    _require_unique(path, (one.id for one in territory.institutions))
    _require_unique(path, (one.id for one in territory.professionals))
    index = {one.id: number for number, one in enumerate(territory.institutions)}
    for one in territory.professionals:
        if one.institution not in index:
            raise TerritoryProblem("unknown", file=path, id=one.id, kind="institution", value=one.institution)
        if one.tier not in territory.tiers:
            raise TerritoryProblem("unknown", file=path, id=one.id, kind="tier", value=one.tier)
    days, provisional = _working_days(territory)
    held = territory.working_day
    open_slots = frozenset(
        2 * number + half
        for number, day in enumerate(days)
        if not _in(territory.leave, day)
        for half in (0, 1)
        if not any(one.day == day and HALVES.index(one.half) == half for one in territory.meetings)
    )
    if not open_slots:
        raise TerritoryProblem("no_days", file=path)
    problem = Problem(
        days=days,
        home=(territory.home.x, territory.home.y),
        places=tuple(Place(one.id, one.name or one.id, one.x, one.y) for one in territory.institutions),
        duties=_with_agreed(tuple(_duties(territory, days, index)), territory, days, path),
        open_slots=open_slots,
        capacity=Capacity(
            per_half=held.visits_per_half_day,
            per_day=held.visits,
            minutes=(_minutes(held.morning), _minutes(held.afternoon)),
            speed=held.speed,
            begins=(_clock(held.morning[0]), _clock(held.afternoon[0])),
        ),
        aims=Aims(**territory.aims.model_dump()),
    )
    return Read(territory, problem, provisional)


def _require_unique(path: Path, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise TerritoryProblem("twice", file=path, id=one)
        seen.add(one)


def _working_days(territory: Territory) -> tuple[tuple[date, ...], frozenset[int]]:
    """Return the days that are worked, and the years whose holidays are not announced."""
    length = (territory.end - territory.begin).days + 1
    span = [territory.begin + timedelta(days=number) for number in range(length)]
    days = [day for day in span if (is_workday(day) or day in territory.days_on) and day not in territory.days_off]
    return tuple(days), frozenset(day.year for day in span if is_provisional(day))


def _duties(territory: Territory, days: tuple[date, ...], index: dict[str, int]) -> Iterable[Duty]:
    length = (territory.end - territory.begin).days + 1
    for one in territory.professionals:
        tier = territory.tiers[one.tier]
        count = min(len(days), max(1, round(tier.visits_per_year * length / 365)))
        place = territory.institutions[index[one.institution]]
        gap = tier.at_least_days if tier.at_least_days is not None else int(0.4 * length / count)
        for number in range(count):
            first, last = round(number * len(days) / count), round((number + 1) * len(days) / count) - 1
            slots, excluded = _slots(one, place, days, first, last)
            yield Duty(
                id=f"{one.id}/{number + 1}",
                customer=one.id,
                name=one.name or one.id,
                place=index[one.institution],
                tier=one.tier,
                value=tier.value,
                opens=days[first],
                closes=days[last],
                minutes=territory.working_day.visit_minutes,
                slots=slots,
                excluded=excluded,
                gap=gap,
            )


def _slots(
    one: Professional, place: Institution, days: tuple[date, ...], first: int, last: int
) -> tuple[tuple[Slot, ...], tuple[tuple[str, int], ...]]:
    found: list[Slot] = []
    excluded: dict[str, int] = {}
    for number in range(first, last + 1):
        for half in (0, 1):
            name = f"{WEEKDAYS[days[number].weekday()]}-{HALVES[half]}"
            reason = _obstacle(one, place, days[number], name)
            if reason is None:
                found.append(2 * number + half)
            else:
                excluded[reason] = excluded.get(reason, 0) + 1
    return tuple(found), tuple(excluded.items())


def _obstacle(one: Professional, place: Institution, day: date, name: str) -> str | None:
    if _in(one.away, day):
        return "away"
    if _in(place.closed, day):
        return "closed"
    if place.visiting is not None and name not in place.visiting:
        return "visiting"
    if name in one.surgery:
        return "surgery"
    return "clinic" if one.clinic is not None and name not in one.clinic else None


def _with_agreed(
    duties: tuple[Duty, ...], territory: Territory, days: tuple[date, ...], path: Path
) -> tuple[Duty, ...]:
    """Mark duties as agreed; several agreed visits of one window each take a duty only once."""
    changed: dict[int, Duty] = {}
    position = {day: number for number, day in enumerate(days)}
    for one in territory.agreed:
        found = next(
            (
                index
                for index, duty in enumerate(duties)
                if duty.customer == one.professional and duty.opens <= one.day <= duty.closes and index not in changed
            ),
            None,
        )
        if found is None or one.day not in position:
            raise TerritoryProblem("agreed", file=path, id=one.professional, on=one.day)
        changed[found] = replace(duties[found], agreed=2 * position[one.day] + HALVES.index(one.half))
    return tuple(changed.get(index, duty) for index, duty in enumerate(duties))


def _in(spans: list[Span], day: date) -> bool:
    return any(span.begin <= day <= span.end for span in spans)


def _clock(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _minutes(span: tuple[time, time]) -> int:
    return _clock(span[1]) - _clock(span[0])
