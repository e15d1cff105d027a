"""Yearly plans of a company as jobs on the queue: half of the reps and all of them, with one worker process and with two.

python -m benchmarks planning_queue [--reps 40] [--seconds 8] [--workers 1,2]

The territories are those of `planning`, as rows: institutions with places and consents, doctors with clinics, duties. Plans are
asked for as the screen does; workers are the processes that `yaomai up` starts, one job at a time each. A plan is done when it is
within 3 % of its bound, or after the seconds.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from figures import Figure, none_of, report
from ground import conditions, installation
from planning import YEAR, territory

from yaomai.engine.planning.problem import Problem

COMPANY = 2000
BEGINS = date(YEAR + 1, 1, 1)
NEAR = 0.03
_TICKS = os.sysconf("SC_CLK_TCK")


def company(reps: int) -> list[Any]:
    """Make reps, each with a filing, a territory and a year of duties; return them."""
    from django.utils import timezone

    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Filing, Holding, Person, Position, Role, Territory
    from yaomai.organization.services import role_sync

    now, actor, made = timezone.now(), system_actor("benchmark", "measuring"), []
    since = date(2020, 1, 1)
    with acting(actor):
        role_sync(actor=actor, now=now)
        role = Role.unscoped.get(code="representative")
        for number in range(1, reps + 1):
            area = Territory.unscoped.create(
                code=f"T{number}", name=f"片区{number}", level="district", path="", valid_from=since
            )
            Territory.unscoped.filter(pk=area.pk).update(path=f"/{area.pk}/")
            seat = Position.unscoped.create(
                code=f"P{number}", title="代表", role=role, territory=area, valid_from=since
            )
            rep = Person.unscoped.create(username=f"rep{number}", name=f"代表{number}")
            Holding.unscoped.create(person=rep, position=seat, valid_from=since)
            Filing.unscoped.create(person=rep, number=f"备{number}", product_scope="心血管", valid_from=since)
            _year(territory(number, 150, 25), rep, area, now)
            made.append(rep)
    return made


def _year(problem: Problem, rep: Any, area: Any, now: datetime) -> None:
    """Write the rows of a problem, a year later."""
    from yaomai.compliance.models import Consent
    from yaomai.customers.models import Institution, Professional
    from yaomai.planning.models import Location, ServiceDuty, WorkingTime

    common = {"created_at": now, "updated_at": now}
    places = Institution.unscoped.bulk_create(
        Institution(name=f"{area.name}{place.name}", territory=area, **common) for place in problem.places
    )
    Location.unscoped.bulk_create(
        Location(institution=place, latitude=30 + spot.y / 111.2, longitude=114 + spot.x / 96.3, **common)
        for place, spot in zip(places, problem.places, strict=True)
    )
    Consent.unscoped.bulk_create(
        Consent(institution=place, document="同意函", activities=["academic"], valid_from=date(2020, 1, 1), **common)
        for place in places
    )
    first = {duty.customer: duty for duty in reversed(problem.duties)}
    doctors = dict(
        zip(
            first,
            Professional.unscoped.bulk_create(
                Professional(name=f"{area.name}医生{name}", institution=places[duty.place], territory=area, **common)
                for name, duty in first.items()
            ),
            strict=True,
        )
    )
    clinics = {(duty.customer, problem.day(slot).weekday(), slot % 2) for duty in problem.duties for slot in duty.slots}
    WorkingTime.unscoped.bulk_create(
        WorkingTime(
            institution_id=doctors[customer].institution_id, professional=doctors[customer], weekday=weekday + 1,
            half=("am", "pm")[half], kind="clinic", source="出诊表", updated_at=now,
        )
        for customer, weekday, half in sorted(clinics)
    )  # fmt: skip
    later = BEGINS - date(YEAR, 1, 1)
    ServiceDuty.unscoped.bulk_create(
        ServiceDuty(
            owner=rep, institution=places[duty.place], professional=doctors[duty.customer],
            activity="academic_visit", window_from=duty.opens + later, window_to=duty.closes + later + timedelta(days=1),
            tier=duty.tier, **common,
        )
        for duty in problem.duties
    )  # fmt: skip


@contextmanager
def workers(folder: Path, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run worker processes, one job at a time each."""
    environment = os.environ | {"YAOMAI_DATA": str(folder)}
    command = [sys.executable, "-m", "yaomai.server.worker", "--concurrency", "1"]
    running = [subprocess.Popen(command, env=environment) for _number in range(count)]
    try:
        yield running
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.wait(60)


@dataclass(frozen=True, slots=True)
class Computed:
    """Plans that were asked for: seconds until the last of them, of processors of the workers, and their gaps."""

    seconds: float
    processor: float
    gaps: list[float]
    failed: int


def computed(folder: Path, reps: Sequence[Any], processes: int) -> Computed:
    """Have plans of some reps computed by so many workers, from when all are at work."""
    from django.utils import timezone

    from yaomai.kit.access import acting, system_actor
    from yaomai.planning import services
    from yaomai.planning.models import Plan

    actor = system_actor("benchmark", "measuring")

    def asked(some: Sequence[Any]) -> list[int]:
        with acting(actor):
            return [
                services.plan_create(
                    actor=actor, now=timezone.now(), begins_on=BEGINS, ends_on=BEGINS + timedelta(days=365), owner=rep
                ).pk
                for rep in some
            ]

    def settled(plans: Sequence[int]) -> None:
        while Plan.unscoped.filter(pk__in=plans, state=Plan.State.COMPUTING).exists():
            time.sleep(0.2)

    with workers(folder, processes) as running:
        settled(asked(reps[:processes]))  # everything is loaded before the clock starts
        before = sum(map(_processor, running))
        begun = time.perf_counter()
        plans = asked(reps)
        settled(plans)
        taken, used = time.perf_counter() - begun, sum(map(_processor, running)) - before
    done = [plan.figures["gap"] for plan in Plan.unscoped.filter(pk__in=plans, state=Plan.State.DRAFT)]
    return Computed(taken, used, done, len(plans) - len(done))


def _processor(process: subprocess.Popen[bytes]) -> float:
    parts = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / _TICKS


def _within(seconds: int) -> None:
    """Let the policy of days say how long a plan takes at most, and when it is good enough."""
    from django.utils import timezone

    from yaomai.kit.policies.models import Version
    from yaomai.planning.policies import DayPolicy

    document = DayPolicy(seconds=seconds, near=Decimal(str(NEAR))).model_dump(mode="json")
    Version.unscoped.create(
        name=DayPolicy.name, number=1, document=document, status=Version.Status.PUBLISHED, valid_from=date(2020, 1, 1),
        reason="benchmark", created_at=timezone.now(),
    )  # fmt: skip


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reps", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--workers", default="1,2")
    options = parser.parse_args()
    counts = [int(text) for text in options.workers.split(",")]
    found: dict[tuple[int, int], Computed] = {}
    with installation() as folder:
        reps = company(options.reps)
        _within(options.seconds)
        for processes in counts:
            for some in (reps[: options.reps // 2], reps):
                each = found[processes, len(some)] = computed(folder, some, processes)
                print(
                    f"{len(some)} reps, {processes} worker processes: {each.seconds:.0f} s ({each.processor:.0f} s of their"
                    f" processors), {each.seconds / len(some):.2f} s each; {COMPANY:,} in"
                    f" {each.seconds / len(some) * COMPANY / 60:.0f} min; the widest gap {max(each.gaps):.2%}; {conditions()}",
                    flush=True,
                )
    half, whole = options.reps // 2, options.reps
    linear = max(found[count, whole].seconds / found[count, half].seconds * half / whole for count in counts)
    used = max(found[count, whole].processor / found[count, half].processor * half / whole for count in counts)
    fast, one = found[counts[-1], whole], found[counts[0], whole]
    held = report([
        none_of(f"yearly plans of {whole} reps as jobs that failed", sum(each.failed for each in found.values())),
        Figure("… gap to their bounds, the widest", f"{max(max(each.gaps) for each in found.values()):.2%}", f"≤ {NEAR:.0%}",
               max(max(each.gaps) for each in found.values()) <= NEAR),
        Figure("… time against that of half of them, for each, the worst", f"{linear:.2f} × ({used:.2f} × of processor time)", "linear"),
        Figure(f"… with {counts[-1]} worker processes against {counts[0]}", f"{fast.seconds / one.seconds:.2f} ×"),
        Figure(f"… {COMPANY:,} reps with {counts[-1]} worker processes", f"{fast.seconds / whole * COMPANY / 60:.0f} min"),
    ])  # fmt: skip
    raise SystemExit(not held)


if __name__ == "__main__":
    main()
