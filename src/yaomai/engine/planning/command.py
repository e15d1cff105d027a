"""`yaomai engine plan`: a territory in, the visits of its period out."""

import json
import signal
from pathlib import Path

import pyarrow as pa
import typer
from rich.console import Console

from yaomai.engine.console import Language, say
from yaomai.engine.files import require_place, require_writable, write_document, write_table

from .advice import advise
from .agenda import Visit, agenda
from .solving import Progress, Solved, solve_plan
from .territory import Read, read_territory
from .wording import advice_lines, provisional_text, summary_text


def plan_file(*, file: Path, output: Path, seconds: float, seed: int, language: Language) -> None:
    """Plan the territory of a file and write its visits; Ctrl-C ends the search with the best plan so far."""
    if output.suffix.lower() == ".json":
        require_place(output, inputs=(file,))
    else:
        require_writable(output, inputs=(file,))
    read = read_territory(file)
    solved = _solved(read, seconds, seed)
    lines = advice_lines(advise(solved.plan), read.problem, language)
    visits = list(agenda(solved.plan))
    if output.suffix.lower() == ".json":
        write_document(_as_json(read, solved, visits, lines), output)
    else:
        write_table(visit_table(read, visits), output)
    if read.provisional:
        said = provisional_text(read.provisional, language)
        say(language, said, said)
    for line in (summary_text(solved.progress, solved.plan.kilometres(), language), *lines, f"→ {output}"):
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


def _as_json(read: Read, solved: Solved, visits: list[Visit], lines: list[str]) -> str:
    progress, plan = solved.progress, solved.plan
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
        "visits": [
            {key: str(value) if key in ("date", "opens", "closes") else value for key, value in row.items()}
            for row in visit_table(read, visits).to_pylist()
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
