"""Accuracy and speed of name matching on public lists of Chinese hospitals with seeded damage.

python -m benchmarks matching [--names 20000] [--wrong 10] [--profile]

Every damaged name counts, also those whose rest (人民医院) hundreds of hospitals bear. Each is asked four times, by what
its file gives: nothing but the name; the name and the seat of the distributor; a column with the city; one with city and
county. One institution in ten is taken out of the master list: whatever is accepted for it is wrong.
"""

import argparse
import cProfile
import pstats
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from dirty_names import SEED, Institution, Question, load_gazetteer, load_institutions, questions
from figures import Figure, report, share
from rapidfuzz import fuzz, process

from yaomai.engine.matching import Decision, Gazetteer, Master, Match, match_names

NAME, SEAT, CITY, COUNTY = "name alone", "distributor's seat known", "city column", "city and county columns"
SETTINGS = (NAME, SEAT, CITY, COUNTY)
LOCATED = (CITY, COUNTY)
"""Without a place in the file seven names in a hundred lost theirs for good: no order of candidates finds them."""
UNLISTED = "not in the master list"
AMBIGUOUS = "dropped place, > 3 bear the rest"


@dataclass
class Tally:
    """Counts of one kind of damage in one setting."""

    asked: int = 0
    listed: int = 0
    accepted: int = 0
    right: int = 0
    among_three: int = 0

    def add(self, row: int | None, answer: Match) -> None:
        self.asked += 1
        self.listed += row is not None
        self.among_three += row in {candidate.row for candidate in answer.candidates[:3]}
        if answer.decision is Decision.ACCEPT:
            self.accepted += 1
            self.right += answer.row == row

    @property
    def accepted_right(self) -> float:
        return self.right / self.accepted if self.accepted else 1.0

    @property
    def first_three(self) -> float:
        return self.among_three / self.listed if self.listed else 0.0

    def cell(self) -> str:
        right = f"{self.accepted_right:.2%}" if self.accepted else "–"
        found = f"{self.first_three:.1%}" if self.listed else "–"
        return f"{self.accepted / self.asked:.1%} · {right} · {found}"


@dataclass(frozen=True)
class Ground:
    """The master list and the questions; `position` gives the row of an institution that is in the list."""

    institutions: list[Institution]
    listed: list[Institution]
    position: dict[int, int]
    master: Master
    asked: list[Question]
    gazetteer: Gazetteer

    def row(self, question: Question) -> int | None:
        return None if question.row is None else self.position[question.row]

    def answers(self, setting: str) -> list[Match]:
        """Ask every question with what a file of this setting gives."""
        places = {
            CITY: [one.city for one in self.asked],
            COUNTY: [one.city + one.county for one in self.asked],
        }
        regions = [one.distributor for one in self.asked] if setting == SEAT else None
        return match_names([one.name for one in self.asked], self.master, places=places.get(setting), regions=regions)


def prepare(count: int) -> Ground:
    """Build the master list, with one institution in ten taken out, and the questions."""
    gazetteer = load_gazetteer()
    institutions = load_institutions(gazetteer)
    missing = set(random.Random(SEED + 1).sample(range(len(institutions)), len(institutions) // 10))
    present = [row for row in range(len(institutions)) if row not in missing]
    listed = [institutions[row] for row in present]
    return Ground(
        institutions,
        listed,
        {row: index for index, row in enumerate(present)},
        Master([one.name for one in listed], places=[one.place for one in listed], gazetteer=gazetteer),
        questions(institutions, count, missing),
        gazetteer,
    )


def measure(ground: Ground, answers: Sequence[Match]) -> dict[str, Tally]:
    """Count by kind of damage, and over all ("all", with names that are not in the list)."""
    tallies: dict[str, Tally] = {}
    for question, answer in zip(ground.asked, answers, strict=True):
        for group in ("all", UNLISTED if question.row is None else question.kind):
            tallies.setdefault(group, Tally()).add(ground.row(question), answer)
    return tallies


def most_possible(ground: Ground, setting: str) -> float:
    """Say how many could be among the first three at best: of k that bear what is left in the place given, 3 of k."""
    listed = [question for question in ground.asked if question.row is not None]
    ambiguous = [question for question in listed if question.kind == AMBIGUOUS]
    chances = len(listed) - len(ambiguous) + sum(min(1.0, 3 / _bearers(ground, one, setting)) for one in ambiguous)
    return chances / len(listed)


def _bearers(ground: Ground, question: Question, setting: str) -> int:
    return sum(
        one.name.endswith(question.name)
        and (setting == NAME or one.city_column == question.city)
        and (setting != COUNTY or one.county == question.county)
        for one in ground.listed
    )


def show(ground: Ground, wrong: int) -> list[Figure]:
    """Print the table of all kinds of damage in all settings; return what must be reached over all of them."""
    answers = {setting: ground.answers(setting) for setting in SETTINGS}
    tallies = {setting: measure(ground, answers[setting]) for setting in SETTINGS}
    print(f"{len(ground.listed):,} institutions; accepted · right of the accepted · right one among the first 3\n")
    print(f"| damage | names | {' | '.join(SETTINGS)} |\n|---|---|{'---|' * len(SETTINGS)}")
    for group, tally in sorted(tallies[NAME].items(), key=lambda item: (item[0] != "all", -item[1].asked)):
        print(f"| {group} | {tally.asked:,} | {' | '.join(tallies[one][group].cell() for one in SETTINGS)} |")
    possible = [f"{most_possible(ground, one):.1%}" if one != SEAT else "–" for one in SETTINGS]
    print(f"| most that can be among the first 3 | | {' | '.join(possible)} |")
    for setting in SETTINGS if wrong else ():
        pairs = zip(ground.asked, answers[setting], strict=True)
        for question, answer in [one for one in pairs if one[1].row not in (None, ground.row(one[0]))][:wrong]:
            row = answer.candidates[0].row
            print(
                f"{setting}: {question} → {ground.listed[row]}", [one.render() for one in answer.candidates[0].reasons]
            )
    every = {setting: tallies[setting]["all"] for setting in SETTINGS}
    size = f"{len(ground.asked):,} damaged names, {len(ground.listed):,} hospitals"
    return [
        *(share(f"{size}, {one}: right of the accepted", every[one].accepted_right, 0.995) for one in SETTINGS),
        *(
            share(f"… {one}: right one among the first three", every[one].first_three, 0.97 if one in LOCATED else None)
            for one in SETTINGS
        ),
    ]


def enlarged(institutions: list[Institution], count: int) -> list[Institution]:
    """Repeat the list with invented districts until it has `count` institutions."""
    marks = "东西南北中新安平宁康和兴"
    found = list(institutions)
    for number in range(count - len(institutions)):
        one = institutions[number % len(institutions)]
        twist = marks[number // len(institutions) % len(marks)] + marks[number % len(marks)]
        found.append(Institution(f"{one.city}{twist}{one.name[-8:]}", one.province, one.city, ""))
    return found


def speed(ground: Ground, profile: bool) -> None:
    """Match 10,000 different dirty names against 30,000 institutions, and compare with rapidfuzz alone."""
    many = enlarged(ground.listed, 30_000)
    started = time.process_time()
    master = Master([one.name for one in many], places=[one.place for one in many], gazetteer=ground.gazetteer)
    built = time.process_time() - started
    dirty = list({one.name: one for one in questions(many, 12_000, set())}.values())[:10_000]
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    started, begun = time.process_time(), time.perf_counter()
    match_names([one.name for one in dirty], master, regions=[one.distributor for one in dirty])
    matched, wall = time.process_time() - started, time.perf_counter() - begun
    profiler.disable()
    sample = [one.name for one in dirty[:200]]
    started = time.process_time()
    process.cdist(sample, [one.name for one in many], scorer=fuzz.ratio)
    every = (time.process_time() - started) * len(dirty) / len(sample)
    print(f"\n{len(dirty):,} different names against {len(many):,} institutions, one core:")
    print(f"prepare the master list {built:.2f} s, match {matched:.2f} s of processor ({wall:.2f} s by the clock);")
    print(f"similarity of all against all by rapidfuzz alone {every:.2f} s: {every / matched:.1f} × as long")
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=20_000)
    parser.add_argument("--wrong", type=int, default=0, help="show so many wrong acceptances per setting")
    parser.add_argument("--profile", action="store_true", help="show where the time of matching goes")
    arguments = parser.parse_args()
    ground = prepare(arguments.names)
    found = show(ground, arguments.wrong)
    speed(ground, arguments.profile)
    sys.exit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
