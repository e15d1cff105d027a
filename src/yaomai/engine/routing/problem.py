"""What is to be routed: customers, days, vehicles; read from the two formats in which the field publishes its instances."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final, cast

import numpy as np
from numpy.typing import NDArray

from yaomai.engine.files.problems import InputProblem

_MOST_CUSTOMERS: Final = 2_000
_MOST_DAYS: Final = 31


class RoutingProblem(InputProblem):
    """An instance that cannot be read or cannot be routed."""

    messages: ClassVar = {
        "number": (
            "{file} 第 {line} 行：“{value}”不是数字",
            "{file}, line {line}: “{value}” is not a number",
        ),
        "short": (
            "{file} 第 {line} 行：应有至少 {expected} 个数，只有 {found} 个",
            "{file}, line {line}: at least {expected} numbers are expected, there are {found}",
        ),
        "ended": (
            "{file} 不完整：应有 {expected} 个客户，只读到 {found} 个",
            "{file} is incomplete: {expected} customers are announced, {found} are there",
        ),
        "kind": (
            "{file}：第一行的类型是 {kind}；只支持 0（单日）和 1（周期）",
            "{file}: the first line says type {kind}; only 0 (one day) and 1 (periodic) are supported",
        ),
        "sections": (
            "{file}：缺少“{section}”部分，不是 Solomon 格式",
            "{file}: the section “{section}” is missing; this is not Solomon's format",
        ),
        "no_vehicles": ("{file}：没有车辆", "{file}: there are no vehicles"),
        "too_large": (
            "{file}：{found} 超过上限 {limit}",
            "{file}: {found} is more than the limit of {limit}",
        ),
        "option": (
            "{file} 第 {line} 行：拜访组合 {value} 不在 {days} 天之内",
            "{file}, line {line}: the combination of days {value} does not lie within {days} days",
        ),
        "window": (
            "{file} 第 {line} 行：时间窗 {ready}–{due} 结束早于开始，或来不及到达",
            "{file}, line {line}: the window {ready}–{due} ends before it begins, or cannot be reached",
        ),
        "demand": (
            "{file} 第 {line} 行：需求 {value} 超过车辆容量 {capacity}",
            "{file}, line {line}: the demand {value} is more than a vehicle holds ({capacity})",
        ),
        "encoding": ("{file} 不是文本文件", "{file} is not a text file"),
        "unserved": (
            "在给定时间内没有找到可行方案（车辆太少或时间太短）：{customers} 个客户未安排",
            "No feasible plan was found in this time (too few vehicles, or too little time): {customers} customers are unserved",
        ),
    }


@dataclass(frozen=True)
class Stop:
    """A customer: place, what it takes, when it may be met."""

    x: float
    y: float
    demand: int
    service: float
    options: tuple[tuple[int, ...], ...]
    """The combinations of days, from 0, of which one must be chosen."""
    ready: float = 0.0
    due: float = float("inf")


@dataclass(frozen=True)
class Instance:
    """Stops around one depot, over days, with as many equal vehicles each day.

    Distances are Euclidean and unrounded; a unit of distance takes a unit of time.
    """

    name: str
    depot: Stop
    stops: tuple[Stop, ...]
    days: int
    vehicles: int
    capacity: int
    longest: float = float("inf")
    """How long a route may take, with service."""

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """Distances between all places; row and column 0 are the depot, the stops follow."""
        places = np.array([(one.x, one.y) for one in (self.depot, *self.stops)])
        difference = places[:, None, :] - places[None, :, :]
        return cast("NDArray[np.float64]", np.hypot(difference[..., 0], difference[..., 1]))

    @property
    def has_windows(self) -> bool:
        """Return whether any stop must be met between two times."""
        return any(stop.due != float("inf") or stop.ready > 0 for stop in (self.depot, *self.stops))

    @property
    def is_interchangeable(self) -> bool:
        """Return whether no stop needs more than one day: then all can be routed in one go."""
        return all(len(option) == 1 for stop in self.stops for option in stop.options)


def read_periodic(path: Path) -> Instance:
    """Read Cordeau's format of periodic routing.

    First line: type, vehicles, customers, days. Then a line per day: longest duration and capacity (0: unlimited). Then the depot
    and the customers: number, x, y, service, demand, frequency, how many combinations, the combinations as binary numbers whose
    highest bit is the first day.

    Raises:
        RoutingProblem: with the line.
    """
    rows = _rows(path)
    kind, vehicles, customers, days = (int(value) for value in _first(rows, 0, 4, path))
    if kind not in (0, 1):
        raise RoutingProblem("kind", file=path, kind=kind)
    days = 1 if kind == 0 else days
    _limit(path, customers, _MOST_CUSTOMERS)
    _limit(path, days, _MOST_DAYS)
    if vehicles < 1 or days < 1:
        raise RoutingProblem("no_vehicles", file=path)
    limits = [_first(rows, 1 + day, 2, path) for day in range(days)]
    longest = min((limit[0] or float("inf")) for limit in limits)
    capacity = int(min((limit[1] or 10**9) for limit in limits))
    held = rows[1 + days :]
    if len(held) < customers + 1:
        raise RoutingProblem("ended", file=path, expected=customers, found=max(0, len(held) - 1))
    depot = _first(held, 0, 3, path)
    stops = tuple(_periodic_stop(held[1 + index], days, capacity, path) for index in range(customers))
    return Instance(
        name=path.stem,
        depot=Stop(x=depot[1], y=depot[2], demand=0, service=0, options=()),
        stops=stops,
        days=days,
        vehicles=vehicles,
        capacity=capacity,
        longest=longest,
    )


def read_windows(path: Path) -> Instance:
    """Read Solomon's format of routing with time windows.

    Raises:
        RoutingProblem: with the line or the section that is missing.
    """
    lines = _lines(path)
    fleet = _after(lines, "VEHICLE", path)
    numbers = _numbers(*_following(lines, fleet, path), path=path)
    if len(numbers) < 2 or numbers[0] < 1:
        raise RoutingProblem("no_vehicles", file=path)
    vehicles, capacity = int(numbers[0]), int(numbers[1])
    begin = _after(lines, "CUSTOMER", path)
    rows = [
        (number, _numbers(number, text, path=path))
        for number, text in lines
        if number > begin and text.strip()[:1].isdigit()
    ]
    _limit(path, len(rows), _MOST_CUSTOMERS)
    if not rows:
        raise RoutingProblem("ended", file=path, expected=1, found=0)
    places = [_window_stop(line, values, capacity, path) for line, values in rows]
    depot, *stops = places
    for (line, _), stop in zip(rows[1:], stops, strict=True):
        reach = float(np.hypot(stop.x - depot.x, stop.y - depot.y))
        back = max(depot.ready + reach, stop.ready) + stop.service + reach
        if depot.ready + reach > stop.due or back > depot.due + 1e-9:
            raise RoutingProblem("window", file=path, line=line, ready=stop.ready, due=stop.due)
    return Instance(name=path.stem, depot=depot, stops=tuple(stops), days=1, vehicles=vehicles, capacity=capacity)


Row = tuple[int, list[float]]


def _periodic_stop(row: Row, days: int, capacity: int, path: Path) -> Stop:
    line, values = row
    _enough(line, values, 7, path)
    _, x, y, service, demand, _frequency, combinations = values[:7]
    _enough(line, values, 7 + int(combinations), path)
    if demand > capacity:
        raise RoutingProblem("demand", file=path, line=line, value=demand, capacity=capacity)
    codes = [int(value) for value in values[7 : 7 + int(combinations)]]
    if not codes and days == 1:
        codes = [1]
    options = []
    for code in codes:
        option = tuple(day for day in range(days) if code >> (days - 1 - day) & 1)
        if not option or code >> days:
            raise RoutingProblem("option", file=path, line=line, value=code, days=days)
        options.append(option)
    if not options:
        raise RoutingProblem("option", file=path, line=line, value="", days=days)
    return Stop(x=x, y=y, demand=int(demand), service=service, options=tuple(options))


def _window_stop(line: int, values: list[float], capacity: int, path: Path) -> Stop:
    _enough(line, values, 7, path)
    _, x, y, demand, ready, due, service = values[:7]
    if due < ready:
        raise RoutingProblem("window", file=path, line=line, ready=ready, due=due)
    if demand > capacity:
        raise RoutingProblem("demand", file=path, line=line, value=demand, capacity=capacity)
    return Stop(x=x, y=y, demand=int(demand), service=service, options=((0,),), ready=ready, due=due)


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise RoutingProblem("encoding", file=path) from problem
    return list(enumerate(text.splitlines(), start=1))


def _rows(path: Path) -> list[Row]:
    return [(number, _numbers(number, line, path=path)) for number, line in _lines(path) if line.strip()]


def _numbers(line: int, text: str, *, path: Path) -> list[float]:
    values = []
    for part in text.split():
        try:
            value = float(part)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise RoutingProblem("number", file=path, line=line, value=part)
        values.append(value)
    return values


def _first(rows: list[Row], index: int, count: int, path: Path) -> list[float]:
    if index >= len(rows):
        raise RoutingProblem("ended", file=path, expected=1, found=0)
    line, values = rows[index]
    _enough(line, values, count, path)
    return values[:count]


def _enough(line: int, values: list[float], count: int, path: Path) -> None:
    if len(values) < count:
        raise RoutingProblem("short", file=path, line=line, expected=count, found=len(values))


def _limit(path: Path, found: int, limit: int) -> None:
    if found > limit:
        raise RoutingProblem("too_large", file=path, found=found, limit=limit)


def _after(lines: list[tuple[int, str]], section: str, path: Path) -> int:
    for number, text in lines:
        if text.strip().upper() == section:
            return number
    raise RoutingProblem("sections", file=path, section=section)


def _following(lines: list[tuple[int, str]], begin: int, path: Path) -> tuple[int, str]:
    for number, text in lines:
        if number > begin and text.strip()[:1].isdigit():
            return number, text
    raise RoutingProblem("no_vehicles", file=path)
