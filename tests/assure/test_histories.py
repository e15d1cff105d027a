"""R5, R6: whatever happens to phones, networks, clocks and servers, every report arrives once, as it was written.

Each history is a team with a hospital, some phones and a seed. A third of the requests meet the network's fates, phones run out of
battery, space and sessions, their clocks are set, their apps are old; meanwhile processes of the server are killed and
paused. Then everything heals, and what the phones told their people is held against what plain psql reads. Some histories
happen side by side; they share the server and what befalls it, and nothing else.

`YAOMAI_ASSURE_HISTORIES=1000 YAOMAI_ASSURE_ACTS=30` is the whole line; what went wrong says its seed, and
`YAOMAI_ASSURE_SEED=… YAOMAI_ASSURE_HISTORIES=1` lives that one again.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .installation import Installation
from .phones import Item, Phone, Written

HISTORIES = int(os.environ.get("YAOMAI_ASSURE_HISTORIES", "16"))
ACTS = int(os.environ.get("YAOMAI_ASSURE_ACTS", "14"))
"""Acts of one phone in one history."""
SEED = int(os.environ.get("YAOMAI_ASSURE_SEED", "20261128"))
SIDE_BY_SIDE = int(os.environ.get("YAOMAI_ASSURE_SIDE_BY_SIDE", "8"))
PEOPLE, PASSWORD = 5, "a-password-for-the-tests"
ROUNDS = 8
"""Times that everything is sent and answered after healing; whatever waits then waits for ever."""
PATIENCE = 120.0
"""Seconds in which that must be: all phones come at once, and who is asked to come again does."""
TOLERANCE = timedelta(minutes=11)
ARRIVE_SECONDS = 10.0


@dataclass(slots=True)
class Team:
    """People in the field, where they go, and the installation that they report to."""

    running: Installation
    people: list[tuple[int, str]]
    place: dict[str, Any]
    closed: dict[str, Any]
    product: int

    def phone(self, person: int, seed: int) -> Phone:
        pk, username = self.people[person]
        return Phone(self.running.port, pk, username, PASSWORD, seed)

    def column(self, query: str) -> list[str]:
        return [row[0] for row in self.running.psql(query)]


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Team]]:
    with Installation(tmp_path_factory.mktemp("histories") / "data", "--no-demo", "--workers", "2") as running:
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("field_seeding.py")), str(HISTORIES + 1), str(PEOPLE), PASSWORD],
            env=running.environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        made = json.loads(done.stdout.splitlines()[-1])
        yield [Team(running, product=made["product"], **each) for each in made["teams"]]


@pytest.mark.timeout(0)
def test_whatever_happens_everything_arrives_once_and_as_it_was_written(
    teams: list[Team], figure: Callable[[str, str], None]
) -> None:
    total: Counter[str] = Counter()
    wrong: list[str] = []
    begun = time.monotonic()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as beside:
        for first in range(0, HISTORIES, SIDE_BY_SIDE):
            some = [
                History(teams[number], SEED + number) for number in range(first, min(HISTORIES, first + SIDE_BY_SIDE))
            ]
            living = [beside.submit(history.live) for history in some]
            total += disturb(teams[0].running, some, living, random.Random(SEED + first))
            teams[0].running.await_ready(since=time.monotonic())
            for history, error in zip(some, beside.map(History.end, some), strict=True):
                total += history.happened
                wrong += [f"history of seed {history.seed}: {error}"] if error else []
            print(
                f"{first + len(some):,} histories, {time.monotonic() - begun:.0f} s, {total['acts']:,} acts, {wrong or 'all true'}",
                flush=True,
            )
    assert not wrong, "\n".join(wrong)
    happened = ", ".join(f"{what} {count:,}" for what, count in sorted(total.items()) if what not in ("acts", "phones"))
    figure(
        "R5",
        f"{HISTORIES:,} histories of {total['phones']:,} phones with {total['acts']:,} acts in"
        f" {time.monotonic() - begun:.0f} s: 0 lost, 0 doubled, 0 diverged, 0 stuck; {happened}",
    )


def disturb(
    running: Installation, histories: list["History"], living: list[Future[None]], draw: random.Random
) -> Counter[str]:
    """Kill and pause processes of the server while phones live; return what happened.

    How much phones do in between is drawn, not how long it takes: a busy machine must not meet more than it can serve.
    """
    happened: Counter[str] = Counter()
    due = 0
    while not all(each.done() for each in living):
        time.sleep(0.2)
        acts = sum(phone.happened["acts"] for history in histories for phone in history.phones)
        if acts < due:
            continue
        due = acts + draw.randint(30, 250)
        what = draw.choice(["pause", "pause", "web process", "web process", "backend", "worker", "database", ""])
        if what == "pause":
            for pid in running.processes().get("web process", [])[:1]:
                os.kill(pid, signal.SIGSTOP)
                time.sleep(draw.uniform(0.1, 0.8))
                os.kill(pid, signal.SIGCONT)
        elif not what or not running.kill(what, draw):
            continue
        happened[f"{what} of the server" if what == "pause" else f"{what} killed"] += 1
        if what == "database":
            running.await_ready(since=time.monotonic())
    for each in living:
        each.result()
    return happened


class History:
    """Some phones of one team, from the first report to the last answer."""

    def __init__(self, team: Team, seed: int) -> None:
        self.team, self.seed, self.draw = team, seed, random.Random(seed)
        self.happened: Counter[str] = Counter()
        people = self.draw.sample(range(PEOPLE), self.draw.randint(2, 4))
        if self.draw.random() < 0.3:
            people.append(people[0])  # somebody with two phones
        self.phones = [team.phone(person, self.draw.getrandbits(32)) for person in people]
        self.alone = [phone for phone in self.phones if people.count(people[self.phones.index(phone)]) == 1]

    def live(self) -> None:
        """Let every phone do its acts, while the server is disturbed."""
        for phone in self.phones:
            phone.sign_in()
            phone.wire.trouble = 1 / 3
            phone.is_old = phone.draw.random() < 0.2
        with ThreadPoolExecutor(len(self.phones)) as acting:
            list(acting.map(self._live, self.phones))
        self.happened["phones"] = len(self.phones)

    def end(self) -> str:
        """Heal everything and look; return what is wrong."""
        try:
            self._heal()
            self._assert_true("after healing")
            for phone in self.phones:
                phone.wire.deliver_late()
            self._assert_true("after what the network had held back came too")
        except AssertionError as error:
            return str(error)
        finally:
            for phone in self.phones:
                self.happened += Counter({f"request {fate}": count for fate, count in phone.wire.met.items()})
                self.happened += phone.told.shown + phone.happened
        return ""

    # What happens -----------------------------------------------------------------------------------------------

    def _live(self, phone: Phone) -> None:
        kinds = {
            self._report: 10, self._close_step: 3, self._agree: 2, self._adverse: 2, self._restart: 2, self._leave: 4,
            self._set_clock: 2, self._fill: 2, self._lose_session: 1, self._update: 1, self._late: 2, self._settle: 2,
        }  # fmt: skip
        for _number in range(ACTS):
            what = phone.draw.choices(list(kinds), list(kinds.values()))[0]
            what(phone)
            phone.happened["acts"] += 1
            if phone.draw.random() < 0.6:
                phone.happened["sendings that came through"] += phone.send()
            if not phone.cookies and phone.draw.random() < 0.7:
                phone.sign_in()

    def _report(self, phone: Phone) -> None:
        place = self.team.closed if phone.draw.random() < 0.05 else self.team.place
        doctors = phone.draw.sample(place["doctors"], phone.draw.randint(1, 2))
        started = datetime.now(UTC) - timedelta(minutes=phone.draw.randrange(30, 20 * 24 * 60))
        data: dict[str, Any] = {
            "institution": place["institution"], "contacts": doctors, "content_type": "problem",
            "started_at": (started + phone.skew).isoformat(),
            "content": f"讨论{phone.draw.getrandbits(40)}号病区合并肾病患者的用药" if phone.draw.random() > 0.05 else "",
        }  # fmt: skip
        if phone.draw.random() < 0.5:
            data["next_steps"] = [{"uuid": phone.new_key(), "text": f"带数据{phone.draw.getrandbits(20)}"}]
        key = phone.new_key()
        if phone.add(key, "visit", data) and phone.draw.random() < 0.3:
            phone.take_photo(key)

    def _close_step(self, phone: Phone) -> None:
        known = [
            step["uuid"]
            for other in self.phones if other.person == phone.person
            for key, written in list(other.told.written.items())
            if written.kind == "visit" and {"done", "known"} & set(other.told.statuses.get(key, ()))
            for step in written.data.get("next_steps", ())
        ]  # fmt: skip
        if not known:
            return
        step = phone.draw.choice(known)
        state = phone.draw.choice(["done", "dropped"])
        phone.add(phone.new_key(), "step", {"step": step, "state": state, "outcome": f"结果{state}"})

    def _agree(self, phone: Phone) -> None:
        phone.answer(phone.draw.random() < 0.5)

    def _adverse(self, phone: Phone) -> None:
        data = {
            "product": self.team.product, "what": f"服药后头晕{phone.draw.getrandbits(40)}", "severity": "other",
            "learned_at": (phone.clock() - timedelta(minutes=30)).isoformat(),
        }  # fmt: skip
        phone.add(phone.new_key(), "adverse", data)

    def _restart(self, phone: Phone) -> None:
        phone.restart()
        phone.happened["flat batteries"] += 1

    def _leave(self, phone: Phone) -> None:
        phone.wire.is_away = not phone.wire.is_away and phone.draw.random() < 0.7
        phone.happened["away"] += phone.wire.is_away

    def _set_clock(self, phone: Phone) -> None:
        phone.skew = (
            timedelta(seconds=phone.draw.randint(-172_800, 172_800)) if phone.draw.random() < 0.7 else timedelta(0)
        )
        phone.happened["clocks set"] += 1

    def _fill(self, phone: Phone) -> None:
        phone.is_full = not phone.is_full and phone.draw.random() < 0.7
        if not phone.is_full:
            phone.save_again()

    def _lose_session(self, phone: Phone) -> None:
        phone.cookies.clear()
        phone.happened["signed out"] += 1
        if phone.draw.random() < 0.5:
            phone.sign_in()

    def _update(self, phone: Phone) -> None:
        phone.is_old = False
        phone.restart()
        phone.happened["updates"] += 1

    def _late(self, phone: Phone) -> None:
        phone.wire.deliver_late(0.5)

    def _settle(self, phone: Phone) -> None:
        for item in phone.asking():
            self._decide(phone, item)

    def _decide(self, phone: Phone, item: Item) -> None:
        """Do what a person does with a question that the phone shows."""
        answer, key = item["answer"], item["uuid"]
        phone.told.shown[answer["status"]] += 1
        answers = answer.get("answers") or []
        if "separate" in answers:
            if "join" in answers and phone.draw.random() < 0.5:
                phone.add(key, "visit", item["data"] | {"join": answer["other"]})
            else:
                phone.add(key, "visit", item["data"] | {"is_separate": True})
        elif answer["status"] == "invalid" and "content" in answer.get("fields", {}):
            phone.add(key, "visit", item["data"] | {"content": f"补记{phone.draw.getrandbits(40)}号病区用药讨论"})
        elif answer["status"] == "invalid" and "started_at" in answer.get("fields", {}):
            # By the clock as the person reads it now; an app that could not say better leaves it to them.
            at = phone.clock() - timedelta(hours=1)
            phone.add(key, "visit", item["data"] | {"started_at": at.isoformat()}, phone.reading())
        else:
            phone.told.dropped.add(key)
            phone.drop(key)

    # The end ----------------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        for phone in self.phones:
            phone.is_full = phone.wire.is_away = False
            phone.wire.trouble = 0.0
            phone.wire.deliver_late(0.5)
            phone.save_again()
        for phone in self.phones:
            begun, rounds = time.monotonic(), 0
            while rounds < ROUNDS and time.monotonic() - begun < PATIENCE:
                if not ((phone.cookies or phone.sign_in()) and phone.send()):
                    time.sleep(0.5)
                    continue
                rounds += 1
                self._settle(phone)
                if not phone.items:
                    break
            stuck = [(item["kind"], item["answer"], phone.told.statuses.get(item["uuid"])) for item in phone.items]
            assert not stuck, f"{len(stuck)} are stuck after {rounds} rounds: {stuck[:3]}"
            assert not phone.names("photos"), "photos are left over"

    def _assert_true(self, when: str) -> None:
        everything = [(phone, key, written) for phone in self.phones for key, written in phone.told.written.items()]
        self._assert_visits(when, [each for each in everything if each[2].kind == "visit"])
        self._assert_adverse(when, [each for each in everything if each[2].kind == "adverse"])
        self._assert_steps(when)
        for phone in self.alone:
            if phone.told.agreed is not None:
                given = self.team.column(
                    f"SELECT count(*) FROM engagement_checkinconsent WHERE person_id = {phone.person} AND withdrawn_at IS NULL"
                )
                assert given == [str(int(phone.told.agreed))], f"{when}: a consent is not what the person said last"

    def _assert_visits(self, when: str, visits: list[tuple[Phone, str, Any]]) -> None:
        if not visits:
            return
        keys = ", ".join(f"'{key}'" for _phone, key, _written in visits)
        rows = self.team.running.psql(
            "SELECT v.uuid, v.person_id, v.content, extract(epoch FROM v.started_at),"
            " (SELECT count(*) FROM audit_entry e WHERE e.target_id = v.id::text AND e.code = 'engagement.visit:create'"
            " AND e.target_type = 'engagement.visit' AND e.outcome = 'done'),"
            " (SELECT count(*) FROM engagement_nextstep s WHERE s.visit_id = v.id),"
            " (SELECT count(*) FROM engagement_photo p WHERE p.visit_id = v.id),"
            " (SELECT string_agg(a.person_id::text, ',') FROM engagement_visit_attendees a WHERE a.visit_id = v.id)"
            f" FROM engagement_visit v WHERE v.uuid IN ({keys})"
        )
        assert len(rows) == len({row[0] for row in rows}), f"{when}: a visit is there twice"
        there = {row[0]: row[1:] for row in rows}
        photos_of_others = Counter[str]()
        for phone, key, written in visits:
            if key in phone.told.joined:
                photos_of_others[phone.told.joined[key]] += written.photos
        for phone, key, written in visits:
            said = phone.told.statuses.get(key, [])
            if key in phone.told.dropped:
                assert not {"done", "known"} & set(said), f"{when}: what had arrived was dropped"
                continue
            assert {"done", "known"} & set(said), f"{when}: the phone was never told of {key}: {said}"
            if key in phone.told.joined:
                assert key not in there, f"{when}: a visit was joined and reported as well"
                joined = self.team.column(
                    "SELECT 1 FROM engagement_visit v JOIN engagement_visit_attendees a ON a.visit_id = v.id"
                    f" WHERE v.uuid = '{phone.told.joined[key]}' AND a.person_id = {phone.person}"
                )
                assert joined == ["1"], f"{when}: somebody who was there is not said to have been"
                continue
            assert key in there, f"{when}: the report {key} is lost: {said}"
            person, content, started, entries, steps, photos, _attendees = there[key]
            assert int(person) == phone.person
            assert content == written.data["content"], f"{when}: a report says something else"
            assert entries == "1", f"{when}: {entries} entries of the trail for one report"
            assert int(steps) == len(written.data.get("next_steps", ())), f"{when}: {steps} next steps"
            wanted = written.photos + photos_of_others[key]
            assert int(photos) == wanted, f"{when}: {photos} photos of {wanted}"
            self._assert_moment(when, key, written, float(started))

    def _assert_moment(self, when: str, key: str, written: Written, said: float) -> None:
        self.happened["moments of a known clock" if written.is_clock_known else "moments of a clock nobody knows"] += 1
        off = said - written.at.timestamp()
        assert not written.is_clock_known or abs(off) <= TOLERANCE.total_seconds(), (
            f"{when}: the moment of {key} is off by {off:.0f} s; {written.reading}, {written.data}"
        )

    def _assert_adverse(self, when: str, events: list[tuple[Phone, str, Written]]) -> None:
        if events:
            listed = ", ".join(f"'{key}'" for _phone, key, _written in events)
            rows = self.team.running.psql(
                f"SELECT uuid, extract(epoch FROM learned_at) FROM engagement_adverseevent WHERE uuid IN ({listed})"
            )
            wanted = {key for phone, key, _written in events if key not in phone.told.dropped}
            assert sorted(row[0] for row in rows) == sorted(wanted), (
                f"{when}: adverse events are lost, doubled or undead"
            )
            said = {key: float(learned) for key, learned in rows}
            for _phone, key, written in events:
                if key in said:
                    self._assert_moment(when, key, written, said[key])

    def _assert_steps(self, when: str) -> None:
        closed: dict[str, set[str]] = {}
        for phone in self.phones:
            for step, states in phone.told.closed.items():
                closed.setdefault(step, set()).update(states)
        if not closed:
            return
        listed = ", ".join(f"'{step}'" for step in closed)
        rows = self.team.running.psql(
            "SELECT s.uuid, s.state, (SELECT count(*) FROM audit_entry e WHERE e.target_id = s.id::text"
            " AND e.code = 'engagement.nextstep:close' AND e.outcome = 'done')"
            f" FROM engagement_nextstep s WHERE s.uuid IN ({listed})"
        )
        assert {row[0] for row in rows} == set(closed), f"{when}: a next step is lost"
        for step, state, entries in rows:
            assert state in closed[step], f"{when}: a next step is {state}, closed as {closed[step]}"
            assert entries == "1", f"{when}: a next step was closed {entries} times"


@pytest.mark.timeout(0)
def test_a_full_queue_arrives_in_seconds_after_healing(teams: list[Team], figure: Callable[[str, str], None]) -> None:
    team = teams[-1]
    phone, place = team.phone(0, SEED), team.place
    team.running.await_ready(since=time.monotonic())
    assert phone.sign_in() and phone.send()
    phone.wire.is_away = True
    for number in range(200):
        started = datetime.now(UTC) - timedelta(minutes=40 * (number + 2))
        data = {
            "institution": place["institution"], "contacts": [place["doctors"][number % 3]], "content_type": "problem",
            "started_at": started.isoformat(), "content": f"第{number}次讨论合并肾病患者的用药", "is_separate": True,
        }  # fmt: skip
        key = phone.new_key()
        assert phone.add(key, "visit", data)
        if number % 10 == 0:
            phone.take_photo(key)
    assert not phone.send() and len(phone.items) == 200
    phone.wire.is_away = False
    before, begun = team.running.processor_seconds(), time.monotonic()
    assert phone.send()
    seconds, used = time.monotonic() - begun, team.running.processor_seconds() - before
    assert not phone.items and not phone.names("photos")
    keys = ", ".join(f"'{key}'" for key in phone.told.written)
    assert team.column(f"SELECT count(*) FROM engagement_visit WHERE uuid IN ({keys})") == ["200"]
    figure("R6", f"200 reports and 20 photos arrive in {seconds:.1f} s, {used:.1f} s of the server's processors")
    # On a machine that others use as well, what the server takes of its two processors is what counts.
    assert seconds <= ARRIVE_SECONDS or used <= 2 * ARRIVE_SECONDS
