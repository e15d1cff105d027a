"""More requests than can be served: the first to come are served in their order, the others are told at once."""

import json
import threading
import time
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from yaomai.server import admission
from yaomai.server.admission import ALWAYS_WAITING, MOST_WAITING, Admission, Turns


@pytest.fixture(autouse=True)
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    made = Turns(running=1)
    monkeypatch.setattr(admission, "turns", made)
    return made


@pytest.fixture
def full(turns: Turns) -> Iterator[Turns]:
    """One runs, and as many wait as may."""
    assert turns.take()
    waiting = [wait(turns) for _number in range(MOST_WAITING)]
    yield turns
    for _number in range(MOST_WAITING + 1):
        turns.give()
    for each in waiting:
        each.join(5)


def wait(turns: Turns, done: list[int] | None = None, number: int = 0) -> threading.Thread:
    """Let somebody wait for a turn; return when they do."""

    def come() -> None:
        if turns.take() and done is not None:
            done.append(number)
            turns.give()

    before = len(turns.queue)
    thread = threading.Thread(target=come, daemon=True)
    thread.start()
    while len(turns.queue) == before:
        time.sleep(0.001)
    return thread


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


def test_who_waits_is_served_in_the_order_of_coming(turns: Turns) -> None:
    assert turns.take()
    done: list[int] = []
    waiting = [wait(turns, done, number) for number in range(6)]
    turns.give()
    for each in waiting:
        each.join(5)
    assert done == list(range(6))
    assert (turns.free, list(turns.queue)) == (1, [])


def test_a_queue_that_moves_slowly_grows_no_longer(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    assert turns.take()
    waiting = [wait(turns) for _number in range(ALWAYS_WAITING)]
    monkeypatch.setattr(admission, "LONGEST_WAIT", 0.0)
    assert not turns.take(), "the first has waited too long for anybody else to join"
    monkeypatch.setattr(admission, "LONGEST_WAIT", 60.0)
    waiting.append(wait(turns))
    for _number in range(len(waiting) + 1):
        turns.give()
    for each in waiting:
        each.join(5)


def test_whoever_waited_in_vain_leaves_no_gap(turns: Turns) -> None:
    assert turns.take()
    assert not turns.take(patience=0.01)
    assert (turns.refused, list(turns.queue)) == (1, [])
    turns.give()
    assert turns.take(patience=0.01)


@pytest.mark.parametrize(("cookie", "words"), [("", "稍后几秒再试"), ("en", "try again in some seconds")])
def test_a_reader_is_told_in_their_language_when_to_come_again(full: Turns, cookie: str, words: str) -> None:
    request = RequestFactory().get("/customers/institutions/")
    request.COOKIES["django_language"] = cookie
    response = Admission(page)(request)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert words in response.content.decode()
    assert full.refused == 1


def test_a_program_is_told_as_a_problem(full: Turns) -> None:
    response = Admission(page)(RequestFactory().get("/api/v1/customers/institutions/"))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert json.loads(response.content)["type"] == "urn:yaomai:error:too_busy"


def test_files_of_the_pages_do_not_wait(full: Turns) -> None:
    assert Admission(page)(RequestFactory().get("/static/ui/yaomai.css")).status_code == 200


def test_a_turn_is_given_back_whatever_happens(turns: Turns) -> None:
    def broken(_request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Admission(broken)(RequestFactory().get("/"))
    assert Admission(page)(RequestFactory().get("/")).status_code == 200
