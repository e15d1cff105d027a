"""Phones that come back at once, at a small size; `python -m benchmarks field` measures 500 of them."""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from yaomai.kit.audit.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)
PHONES, VISITS = 6, 4


def test_nothing_is_lost_and_nothing_is_there_twice(live_server: Any, figure: Callable[[str, str], None]) -> None:
    if (folder := str(Path(__file__).parents[2] / "benchmarks")) not in sys.path:
        sys.path.insert(0, folder)
    from field import company, found, load, sync_with

    phones = company(PHONES, VISITS)
    # A browser of another test may keep a loop running in this thread.
    with ThreadPoolExecutor(1) as thread:
        heard = thread.submit(
            asyncio.run, load(phones, sync_with(urlsplit(live_server.url).port or 0), seed=7)
        ).result()
    assert heard.cut > PHONES, "the network was no good"
    assert heard.bad == []
    assert found(phones) == (0, 0)
    done = Entry.unscoped.filter(code="engagement.visit:create", outcome="done").count()
    assert done == PHONES * VISITS, "one act, one entry"
    figure(
        "R4",
        f"{PHONES} phones × {VISITS} visits, {heard.cut} connections cut, {len(heard.seconds)} answers: 0 lost, 0 doubled",
    )
