"""Ask every operation of the API with generated requests, as five people (S3): no 5xx, every answer as documented.

The requests are those of schemathesis, half of them valid by the document and half not. They run in this process, each
in a transaction that is rolled back, and are the same in every run.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from tests.access.checks import words_in
from tests.access.crawl import Answer, Crawler, hidden_words
from tests.access.world import FAR, NEAR, World

pytestmark = pytest.mark.timeout(3600)

PEOPLE = ("sales_director", "commerce_manager", "security_administrator", "area_manager", "filed")
EXAMPLES = int(os.environ.get("YAOMAI_FUZZ_EXAMPLES", "52"))
"""For each operation and person; 52 give 20,000 requests, 520 the 200,000 of a release."""
GOAL = 20_000 * EXAMPLES // 52


@dataclass
class Found:
    """What one process found."""

    requests: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    """By operation and kind of problem, the first example."""


@pytest.fixture(scope="module")
def world(own_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    from tests.access.conftest import made_world

    with made_world(tmp_path_factory.mktemp("fuzzing")) as made:
        yield made


def known_keys(world: World, path: str) -> list[int]:
    """Return ids of rows that an address can mean: one of the person's place, and a foreign one."""
    from tests.access.table import API_TABLE

    sample = next(row.sample for row in API_TABLE if f"/api/v1/{row.name}" == path)
    found = world.samples.get(sample, {})
    places = [found[place] for place in (NEAR, FAR, "company", "owner's", "sales_director's") if place in found]
    return [key for each in places for key in each.keys.values() if isinstance(key, int)]


class WithoutToken(WSGIHandler):
    """The site for a program that holds the form token: `test_access.py` shows that nobody does without."""

    def get_response(self, request: Any) -> Any:
        request._dont_enforce_csrf_checks = True
        return super().get_response(request)


def fuzz(world: World, who: str, part: int) -> Found:
    """Ask on behalf of somebody: all even or all odd operations."""
    import schemathesis
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections, connections

    from yaomai.server.api import api

    connections.close_all()
    # A request must not close the connection under the transaction around it.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    crawler, found = Crawler(world, [who]), Found()
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    schema.app = WithoutToken()
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations[part::2]:
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            _ask(crawler, who, operation, mode, found)
    connections.close_all()
    return found


def _ask(crawler: Crawler, who: str, operation: Any, mode: Any, found: Found) -> None:
    from django.db import transaction
    from django.http import HttpResponse
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis import checks
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    session = crawler.clients[who].cookies["sessionid"].value
    words = hidden_words(crawler, who)
    keys = known_keys(crawler.world, operation.path)

    @settings(
        max_examples=EXAMPLES // 2, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        number = case.path_parameters.get("pk") if case.path_parameters else None
        if keys and isinstance(number, int) and number % 4:
            # Three of four ask for a row that there is: no other one has anything to break.
            case.path_parameters["pk"] = keys[number % len(keys)]
        with transaction.atomic():
            response = case.call(cookies={"sessionid": session})
            transaction.set_rollback(True)
        found.requests += 1
        found.statuses[response.status_code] = found.statuses.get(response.status_code, 0) + 1
        answer = Answer(HttpResponse(), response.content, frozenset(), ())
        sent = f"{case.path_parameters} {case.query} {case.body}"
        for word in words_in(answer, words):
            if word not in sent:
                found.problems.setdefault(f"{who} {operation.label}: shows {word}", case.as_curl_command())
        for check in (
            checks.not_a_server_error, status_code_conformance, content_type_conformance,
            response_headers_conformance, response_schema_conformance,
        ):  # fmt: skip
            try:
                case.validate_response(response, checks=[check])
            except (Exception, BaseExceptionGroup) as error:
                text = str(error)
                found.problems.setdefault(f"{operation.label}: {check.__name__}", text[:1500])

    try:
        run()
    except Exception as error:
        name = type(error).__name__
        if name not in {"Unsatisfiable", "SkipTest"}:
            found.problems.setdefault(f"{operation.label}: {name}", str(error)[:1500])


def test_no_request_breaks_anything(world: World, figure: Callable[[str, str], None]) -> None:
    from django.db import connections

    connections.close_all()
    started = time.monotonic()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        parts = pool.starmap(fuzz, [(world, who, part) for who in PEOPLE for part in (0, 1)], chunksize=1)
    requests = sum(part.requests for part in parts)
    statuses: dict[int, int] = {}
    problems = {where: text for part in parts for where, text in part.problems.items()}
    for part in parts:
        for status, count in part.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    figure(
        "S3",
        f"{requests:,} requests by {len(PEOPLE)} people in {time.monotonic() - started:.0f} s, {len(problems)} problems;"
        f" answers {', '.join(f'{status} × {count:,}' for status, count in sorted(statuses.items()))}",
    )
    assert problems == {}, "\n".join(f"{where}\n  {text}" for where, text in problems.items())
    assert requests >= GOAL
