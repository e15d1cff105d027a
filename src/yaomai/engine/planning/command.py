"""`yaomai engine plan`: a territory in, the visits of its period out."""

import json
import signal
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
import typer
from rich.console import Console

from yaomai.engine.console import Language, say
from yaomai.engine.files import require_place, require_writable, write_document, write_table

from .advice import advise
from .agenda import Visit, agenda
from .flow import place
from .plan import Plan
from .problem import HALVES, Slot
from .replanning import Move, replan
from .solving import Progress, Solved, solve_plan
from .territory import Read, TerritoryProblem, read_territory
from .wording import advice_lines, move_text, provisional_text, replanned_text, summary_text


def plan_file(*, file: Path, output: Path, seconds: float, seed: int, language: Language) -> None:
    """Plan the territory of a file and write its visits; Ctrl-C ends the search with the best plan so far."""
    _require_output(output, (file,))
    read = read_territory(file)
    solved = _solved(read, seconds, seed)
    said = [summary_text(solved.progress, solved.plan.kilometres(), language)]
    _written(read, solved.plan, solved.progress, [], said, output, language)


def replan_file(
    *, file: Path, earlier: Path, today: str | None, output: Path, seconds: float, seed: int, language: Language
) -> None:
    """Plan again after something changed in the territory: visits of the earlier plan stay where they can."""
    _require_output(output, (file, earlier))
    read = read_territory(file)
    problem = read.problem
    first = _first_day(read, today, file)
    begun = time.monotonic()
    found = replan(problem, earlier_slots(read, earlier), first_day=first, seconds=min(seconds, 1.5), seed=seed)
    placed = found.plan.placed
    progress = Progress(
        time.monotonic() - begun, found.plan.points(), place(problem).points, placed, len(problem.duties)
    )
    said = [
        replanned_text(found, progress.seconds, language),
        *(move_text(found, move, language) for move in found.moves),
    ]
    _written(read, found.plan, progress, list(found.moves), said, output, language)


def _require_output(output: Path, inputs: tuple[Path, ...]) -> None:
    if output.suffix.lower() == ".json":
        require_place(output, inputs=inputs)
    else:
        require_writable(output, inputs=inputs)


def _first_day(read: Read, today: str | None, file: Path) -> int:
    try:
        begin = date.fromisoformat(today) if today else read.problem.days[0]
    except ValueError as error:
        raise TerritoryProblem("today", text=today) from error
    found = next((index for index, day in enumerate(read.problem.days) if day >= begin), None)
    if found is None:
        raise TerritoryProblem("over", file=file, day=begin)
    return found


def earlier_slots(read: Read, path: Path) -> list[Slot | None]:
    """Return by duty the half-day of an earlier plan, as `plan` wrote it to .json; None where it had none.

    Raises:
        TerritoryProblem: it is not such a file.
    """
    if not path.is_file():
        raise TerritoryProblem("absent", file=path)
    try:
        visits = json.loads(path.read_text(encoding="utf-8"))["visits"]
        held = {str(one["id"]): (date.fromisoformat(one["date"]), HALVES.index(one["half"])) for one in visits}
    except (ValueError, KeyError, TypeError) as error:
        raise TerritoryProblem("earlier", file=path) from error
    position = {day: index for index, day in enumerate(read.problem.days)}
    found: list[Slot | None] = []
    for duty in read.problem.duties:
        day, half = held.get(duty.id, (None, 0))
        found.append(2 * position[day] + half if day in position else None)
    return found


def _written(
    read: Read, plan: Plan, progress: Progress, moves: list[Move], said: list[str], output: Path, language: Language
) -> None:
    lines = advice_lines(advise(plan), read.problem, language)
    visits = list(agenda(plan))
    if output.suffix.lower() == ".json":
        write_document(_as_json(read, plan, progress, visits, lines, moves), output)
    else:
        write_table(visit_table(read, visits), output)
    if read.provisional:
        provisional = provisional_text(read.provisional, language)
        say(language, provisional, provisional)
    for line in (*said, *lines, f"→ {output}"):
        typer.echo(line, err=True)


def _solved(read: Read, seconds: float, seed: int) -> Solved:
    console = Console(stderr=True)
    is_stopped = False

    def shown(progress: Progress) -> str:
        return f"{progress.seconds:.0f} s  {progress.placed:,}/{progress.duties:,}  {progress.gap:.2%}"

    with console.status("…") as status:

        def told(progress: Progress) -> None:
            status.update(shown(progress))

        def stopped() -> bool:
            return is_stopped

        def stop(*_: object) -> None:
            nonlocal is_stopped
            is_stopped = True

        before = signal.signal(signal.SIGINT, stop)
        try:
            return solve_plan(read.problem, seconds=seconds, seed=seed, on_progress=told, is_stopped=stopped)
        finally:
            signal.signal(signal.SIGINT, before)


def visit_table(read: Read, visits: list[Visit]) -> pa.Table:
    """Lay out visits as rows: day, weekday, half-day, order, times, institution, customer, tier, why."""
    places = read.problem.places
    return pa.table(
        {
            "date": pa.array([one.on for one in visits], pa.date32()),
            "weekday": pa.array([one.on.isoweekday() for one in visits], pa.int64()),
            "half": pa.array([one.half for one in visits], pa.string()),
            "order": pa.array([one.order for one in visits], pa.int64()),
            "begins": pa.array([_clock(one.begins) for one in visits], pa.string()),
            "ends": pa.array([_clock(one.ends) for one in visits], pa.string()),
            "kilometres": pa.array([round(one.kilometres, 1) for one in visits], pa.float64()),
            "institution": pa.array([places[one.duty.place].name for one in visits], pa.string()),
            "professional": pa.array([one.duty.name for one in visits], pa.string()),
            "id": pa.array([one.duty.id for one in visits], pa.string()),
            "tier": pa.array([one.duty.tier for one in visits], pa.string()),
            "opens": pa.array([one.duty.opens for one in visits], pa.date32()),
            "closes": pa.array([one.duty.closes for one in visits], pa.date32()),
        }
    )


def _as_json(
    read: Read, plan: Plan, progress: Progress, visits: list[Visit], lines: list[str], moves: list[Move]
) -> str:
    duties = read.problem.duties
    unplaced = [read.problem.duties[index].id for index, slot in enumerate(plan.slots) if slot is None]
    content = {
        "name": read.territory.name,
        "points": round(progress.points, 3),
        "bound": round(progress.bound, 3),
        "gap": round(progress.gap, 5),
        "seconds": round(progress.seconds, 2),
        "placed": progress.placed,
        "duties": progress.duties,
        "kilometres": round(plan.kilometres(), 1),
        "unplaced": unplaced,
        "advice": lines,
        "moves": [
            {"id": duties[move.duty].id, "before": _shown(read, move.before), "after": _shown(read, move.after)}
            for move in moves
        ],
        "visits": [
            {key: str(value) if key in ("date", "opens", "closes") else value for key, value in row.items()}
            for row in visit_table(read, visits).to_pylist()
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _shown(read: Read, slot: Slot | None) -> str | None:
    return None if slot is None else f"{read.problem.day(slot)} {HALVES[slot % 2]}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
