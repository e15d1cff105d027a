"""A program written with a generated client works against the running application (E4).

The client is made by openapi-python-client from `docs/openapi.json` alone; the examples of the API are its first calls.
"""

import importlib
import inspect
import io
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from tests.access.company import TOKEN, begun, sign_in
from tests.access.world import picture

from yaomai.kit.once import middleware
from yaomai.server.document import examples

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
PACKAGE = "yaomai_client"
CALLS = 50


@dataclass
class Program:
    """Calls operations by name through the generated client, and keeps count of the different calls."""

    address: str
    modules: dict[str, Any]
    package: Any
    people: dict[str, Any] = field(default_factory=dict)
    calls: set[str] = field(default_factory=set)

    def client(self, by: str, **headers: str) -> Any:
        """Return the client of a person; "" is nobody."""
        cookies = sign_in(by) if by and by not in self.people else self.people.get(by, {})
        self.people[by] = cookies
        headers = {"X-CSRFToken": TOKEN, "Accept-Language": "en", **headers}
        return self.package.Client(base_url=self.address, cookies=cookies, headers=headers, timeout=60)

    def __call__(self, operation: str, *, by: str = "director", body: Any = None, file: str = "", **said: Any) -> Any:
        """Call an operation; returns the typed response of the client."""
        call = self.modules[operation].sync_detailed
        if "if_match" in get_type_hints(call):
            said = {"if_match": "*", **said}
        if body is not None or file:
            kind = get_type_hints(call)["body"]
            kind = next(each for each in get_args(kind) or (kind,) if hasattr(each, "from_dict"))
            is_picture = file.startswith("<a picture")  # no text that a document could show
            sent, name = (picture(), "a.png") if is_picture else (file.encode(), "a.csv")
            content = {"file": self.package.types.File(io.BytesIO(sent), name)} if file else {}
            said["body"] = kind(**body, **content) if file else kind.from_dict(body)
        self.calls.add(f"{operation} {by} {sorted(said.items(), key=str)}"[:200])
        with self.client(by) as client:
            return call(client=client, **said)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the package that openapi-python-client makes of the committed document."""
    folder = tmp_path_factory.mktemp("client")
    settings = folder / "settings.yaml"
    settings.write_text("post_hooks: []\n")
    made = subprocess.run(
        [Path(sys.executable).with_name("openapi-python-client"), "generate", "--path", DOCUMENT, "--meta", "none",
         "--output-path", folder / PACKAGE, "--config", settings, "--fail-on-warning"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def program(own_database: str, generated: Any) -> Iterator[Program]:
    """Serve the application, and make every example's call with the client."""
    folder = Path(generated.__file__).parent
    importlib.import_module(f"{PACKAGE}.types")
    modules = {
        path.stem: importlib.import_module(".".join([PACKAGE, *path.relative_to(folder).with_suffix("").parts]))
        for path in folder.glob("api/*/*.py")
        if path.stem != "__init__"
    }
    logging.getLogger("django.request").disabled = True
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    with begun():
        server.start()
        server.is_ready.wait()
        assert not server.error, server.error
        made = Program(f"http://127.0.0.1:{server.port}", modules, generated)
        for step in examples():
            said = {name: value for name, value in step.items() if name not in ("do", "by", "body", "query", "file")}
            said |= {
                f"{name}_" if name in ("from", "in") else name: value for name, value in step.get("query", {}).items()
            }
            answer = made(step["do"], by=step["by"], body=step.get("body"), file=step.get("file", ""), **said)
            assert answer.status_code in (200, 201, 202, 204), f"{step}: {answer.content.decode()}"
            assert "problem" not in answer.headers.get("Content-Type", "")
        yield made
    server.terminate()
    logging.getLogger("django.request").disabled = False


def line(program: Program, code: str) -> Any:
    """Make a product line and return the answer."""
    return program("catalog_productline_create", by="commerce", body={"code": code, "name": f"产品线{code}"})


def problem(program: Program, answer: Any, status: int, code: str) -> Any:
    """Check that an answer is a problem of RFC 9457, as the client understands it."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    found = answer.parsed
    assert isinstance(found, program.package.models.Problem)
    assert (found.status, found.code, found.type_) == (status, code, f"urn:yaomai:error:{code}")
    assert found.title
    return found


def test_every_operation_is_called(program: Program, figure: Callable[[str, str], None]) -> None:
    assert {step["do"] for step in examples()} == set(program.modules)
    assert len(program.calls) >= CALLS
    figure("E4", f"{len(program.calls)} different calls by a generated client, {len(program.modules)} operations")


def test_what_is_answered_can_be_sent_again(program: Program) -> None:
    """The names of an answer are those of what is sent."""
    made = program(
        "customers_institution_create", body={"name": "江城市第二人民医院", "division_id": 1, "territory_id": 2}
    ).parsed
    assert (made.division_id, made.territory_id, made.beds, made.version) == (1, 2, None, 1)
    again = program("customers_institution_update", pk=made.id, body={"territory_id": made.territory_id, "beds": 30})
    assert (again.status_code, again.parsed.beds) == (200, 30)


def test_a_change_meanwhile_is_not_overwritten(program: Program) -> None:
    made = line(program, "A1")
    pk, first = made.parsed.id, made.headers["ETag"]
    read = program("catalog_productline_get", by="commerce", pk=pk)
    assert read.headers["ETag"] == first
    changed = program("catalog_productline_update", by="commerce", pk=pk, body={"name": "甲"}, if_match=first)
    assert (changed.status_code, changed.parsed.name) == (200, "甲")
    assert changed.headers["ETag"] != first
    late = program("catalog_productline_update", by="commerce", pk=pk, body={"name": "乙"}, if_match=first)
    problem(program, late, 412, "stale")
    assert program("catalog_productline_get", by="commerce", pk=pk).parsed.name == "甲"
    right = program(
        "catalog_productline_update", by="commerce", pk=pk, body={"name": "乙"}, if_match=changed.headers["ETag"]
    )
    assert (right.status_code, right.parsed.name) == (200, "乙")


def test_a_change_says_which_version_it_is_meant_for(program: Program) -> None:
    made = line(program, "A2")
    address, first = f"/api/v1/catalog/productlines/{made.parsed.id}", made.headers["ETag"]
    for verb, body in (("patch", {"name": "甲"}), ("delete", None)):
        refused = send(program, verb, address, body)
        assert (refused.status_code, refused.json()["code"]) == (428, "version_needed")
    assert (
        program("catalog_productline_update", by="commerce", pk=made.parsed.id, body={"name": "甲"}).status_code == 200
    )
    late = program("catalog_productline_archive", by="commerce", pk=made.parsed.id, if_match=first)
    problem(program, late, 412, "stale")
    read = program("catalog_productline_get", by="commerce", pk=made.parsed.id)
    assert read.parsed.archived_at is None
    right = program("catalog_productline_archive", by="commerce", pk=made.parsed.id, if_match=read.headers["ETag"])
    assert right.status_code == 204


def send(program: Program, verb: str, address: str, body: Any, **headers: str) -> Any:
    """Send a request as the commerce manager, without what the generated client adds."""
    with program.client("commerce", **headers) as client:
        return client.get_httpx_client().request(verb, address, json=body)


def test_a_request_with_a_key_is_done_once_and_answered_alike(program: Program) -> None:
    address, body = "/api/v1/catalog/productlines/", {"code": "K1", "name": "甲"}
    key = {"Idempotency-Key": "7d0f6c1e"}
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _each: send(program, "post", address, body, **key), range(4)))
    answers.append(send(program, "post", address, body, **key))
    assert {(each.status_code, each.text) for each in answers} == {(201, answers[0].text)}
    assert {(each.headers["ETag"], each.headers["Location"]) for each in answers} == {
        (answers[0].headers["ETag"], answers[0].headers["Location"])
    }
    assert sorted(each.headers.get("Idempotency-Replayed", "") for each in answers) == ["", *["true"] * 4]
    found = program("catalog_productline_list", by="commerce", q="K1").parsed.items
    assert [row.code for row in found if row.code == "K1"] == ["K1"], "done once"

    other = send(program, "post", address, {"code": "K2", "name": "乙"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key")
    # What was refused may be sent again under its key.
    again = {"Idempotency-Key": "7d0f6c1f"}
    assert send(program, "post", address, body, **again).status_code == 422
    assert send(program, "post", address, {"code": "K3", "name": "丙"}, **again).status_code == 201


def test_a_twin_that_finds_its_own_traces_is_a_twin(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one is committed after the twin was named, and before the twin's content is checked."""
    address, body, key = "/api/v1/catalog/productlines/", {"code": "K9", "name": "甲"}, {"Idempotency-Key": "twin"}
    first = send(program, "post", address, body, **key)
    answers = iter([False])
    is_done = middleware._is_done
    monkeypatch.setattr(middleware, "_is_done", lambda named: next(answers, None) is None and is_done(named))
    late = send(program, "post", address, body, **key)
    assert next(answers, None) is None, "the twin was looked at"
    assert (late.status_code, late.text) == (201, first.text)
    assert late.headers["Idempotency-Replayed"] == "true"


BAD_INPUT: tuple[tuple[str, str, Any], ...] = (
    ("post", "/api/v1/catalog/productlines/", {}),
    ("post", "/api/v1/catalog/productlines/", {"code": 5, "name": []}),
    ("post", "/api/v1/catalog/productlines/", "{"),
    ("post", "/api/v1/catalog/productlines/", [1]),
    ("post", "/api/v1/organization/filings/", {"person_id": "x", "number": "1", "valid_from": "tomorrow"}),
    ("post", "/api/v1/customers/institutions/", {"name": "甲", "beds": 1.5}),
    ("post", "/api/v1/customers/institutions/", {"name": "甲", "beds": 10**30}),
    ("post", "/api/v1/policies/segmentation.rfm", {"document": 1}),
    ("get", "/api/v1/catalog/productlines/?limit=9999", None),
    ("get", "/api/v1/catalog/productlines/?limit=x", None),
    ("get", "/api/v1/catalog/productlines/?sort=nothing", None),
    ("put", "/api/v1/transfer/imports/1/mapping", {"mapping": {"a": "b"}, "day_order": 3}),
    ("delete", "/api/v1/catalog/productlines/1", None),
    ("delete", "/api/v1/catalog/productlines/", None),
    ("get", "/api/v1/nothing/", None),
    ("get", "/api/v1/catalog/productlines/99999", None),
)


@pytest.mark.parametrize("number", range(len(BAD_INPUT)))
def test_what_is_wrong_is_said_in_chinese(program: Program, number: int) -> None:
    verb, address, body = BAD_INPUT[number]
    with program.client("commerce", **{"Accept-Language": "zh-CN"}) as client:
        sent = {"content": body, "headers": {"Content-Type": "application/json"}} if body == "{" else {"json": body}
        answer = client.get_httpx_client().request(verb, address, **({} if body is None else sent))
    said = answer.json()
    texts = [said["title"], *(text for texts in (said.get("fields") or {}).values() for text in texts)]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [text for text in texts if not re.search("[\u4e00-\u9fff]", text)] == [], said


def test_errors_are_problems_with_a_code(program: Program) -> None:
    problem(program, program("customers_institution_get", pk=10**6), 404, "missing")
    problem(program, program("catalog_product_get", by="", pk=1), 401, "unauthenticated")
    problem(program, program("organization_person_list", by="commerce", sort="nothing"), 422, "invalid")
    # Forbidden and missing look the same.
    problem(
        program, program("catalog_productline_create", by="auditor", body={"code": "Z", "name": "Z"}), 404, "missing"
    )
    wrong = problem(
        program, program("catalog_productline_create", by="commerce", body={"code": "", "name": "空"}), 422, "invalid"
    )
    assert list(wrong.fields.additional_properties) == ["code"]
    line(program, "Z1")
    taken = problem(program, line(program, "Z1"), 422, "invalid")
    assert list(taken.fields.additional_properties) == ["code"]
    gone = line(program, "Z2").parsed.id
    assert program("catalog_productline_archive", by="commerce", pk=gone).status_code == 204
    problem(program, program("catalog_productline_update", by="commerce", pk=gone, body={"name": "x"}), 409, "archived")
    emergency = {"person_id": 3, "role_id": 14, "hours": 1, "reason": "突发疾病"}
    refused = problem(
        program, program("organization_emergency_create", by="secadmin", body=emergency), 403, "duties_meet"
    )
    assert refused.citations


def test_pages_are_read_by_key(program: Program) -> None:
    """Every row comes once, in order, though rows come between two pages."""
    codes = [f"P{number:02}" for number in range(25)]
    for code in codes:
        line(program, code)
    pages: list[list[str]] = []
    cursor = ""
    while True:
        page = program("catalog_productline_list", by="commerce", sort="name", limit=10, cursor=cursor).parsed
        pages.append([row.code for row in page.items if row.code in codes])
        if not page.next_:
            break
        line(program, f"P0{len(pages)}X")  # belongs into a page that was read already
        cursor = page.next_
    assert [code for some in pages for code in some] == codes
    back = program("catalog_productline_list", by="commerce", sort="name", limit=10, cursor=page.previous).parsed
    assert {row.code for row in back.items} <= {*pages[-2], "P01X", "P02X", "P03X"}


FILTERS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("catalog_division_list", {"archived": "1", "level": ["province"]}, {"archived": "1", "level": ["street"]}),
    ("catalog_productline_list", {"archived": "1"}, {"archived": "0"}),
    ("catalog_standarddepartment_list", {"group": ["pharmacy"]}, {"group": ["clinical"]}),
    ("catalog_product_list", {"archived": "1", "product_line": [1]}, {"archived": "1", "margin": ["low"]}),
    ("customers_institution_list", {"kind": ["hospital"]}, {"kind": ["clinic", "chain"]}),
    ("customers_institution_list", {"kind": ["hospital"], "grade": ["3A"]}, {"kind": ["hospital"], "grade": ["2A"]}),
    ("customers_institution_list", {"beds_from": "1000", "beds_to": "2000"}, {"beds_from": "2001"}),
    ("customers_institution_list", {"territory": [2]}, {"unassigned": "1"}),
    ("customers_institution_list", {"q": "jcs"}, {"q": "bjs"}),
    ("customers_professional_list", {"archived": "1", "q": "陈明"}, {"archived": "0", "q": "陈明"}),
    ("commerce_salesline_list", {"sold_on_from": "2026-10-08", "sold_on_to": "2026-10-08"}, {"sold_on_from": "2026-10-09"}),
    ("commerce_sourcename_list", {"kind": ["product"]}, {"kind": ["institution"]}),
    ("commerce_flowbatch_list", {"state": ["active"]}, {"state": ["replaced"]}),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(FILTERS)))
def test_filters_tell_rows_apart(program: Program, number: int) -> None:
    operation, some, others = FILTERS[number]
    found = [row.id for row in program(operation, by="commerce", **some).parsed.items]
    rest = [row.id for row in program(operation, by="commerce", **others).parsed.items]
    assert found and not set(found) & set(rest)


def test_a_filter_that_is_not_understood_is_an_error(program: Program) -> None:
    answer = program("customers_institution_list", kind=["castle"])
    assert "kind" in problem(program, answer, 422, "invalid").fields.additional_properties
    assert inspect.signature(program.modules["customers_institution_list"].sync_detailed).parameters["beds_from"]
