"""Every operation of the API is shown by an example, and every example works (E4)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from yaomai.server.api import api
from yaomai.server.document import examples

from .company import TOKEN, begun, sign_in
from .world import picture

CHECKS = [
    checks.not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip


@pytest.fixture
def company(own_database: str) -> Iterator[None]:
    with begun():
        yield


def shown(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the example that the document shows with an operation, by place."""
    found: dict[str, Any] = {"path": {}, "query": {}, "header": {}, "body": None}
    for parameter in operation["parameters"]:
        if "example" in parameter:
            found[parameter["in"]][parameter["name"]] = parameter["example"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found["body"] = content.get("example")
    return found


def test_every_operation_is_shown_by_an_example_and_all_work(company: None, figure: Callable[[str, str], None]) -> None:
    from yaomai.server.wsgi import application

    document = api.get_openapi_schema()
    raw = {each["operationId"]: each for methods in document["paths"].values() for each in methods.values()}
    steps = examples()
    assert sorted(set(raw) - {step["do"] for step in steps}) == [], "add them to src/yaomai/server/examples.yaml"
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    operations = {each.ok().definition.raw["operationId"]: each.ok() for each in schema.get_all_operations()}
    cookies: dict[str, dict[str, str]] = {}
    done: set[str] = set()
    for number, step in enumerate(steps):
        operation, example = operations[step["do"]], shown(raw[step["do"]])
        if step["do"] in done:
            example = {"path": {name: step[name] for name in example["path"]}, "query": step.get("query", {}),
                       "header": example["header"], "body": step.get("body")}  # fmt: skip
            if "file" in step:
                example["body"] = {**example["body"], "file": step["file"]}
        if step.get("file", "").startswith("<a picture"):  # no text that a document could show
            example["body"] = {**example["body"], "file": picture()}
        case = operation.Case(
            path_parameters=example["path"], query=example["query"],
            **({"body": example["body"], "media_type": next(iter(raw[step["do"]]["requestBody"]["content"]))}
               if example["body"] is not None else {}),
        )  # fmt: skip
        if step["by"] not in cookies:
            cookies[step["by"]] = sign_in(step["by"])
        response = case.call(
            cookies=cookies[step["by"]],
            headers={"X-CSRFToken": TOKEN, "Accept-Encoding": "identity", **example["header"]},
        )
        assert 200 <= response.status_code < 300, (
            f"step {number + 1} {step['do']}: {response.status_code} {response.content.decode()}"
        )
        case.validate_response(response, checks=CHECKS)
        done.add(step["do"])
    figure("E4", f"{len(steps)} examples of {len(raw)} operations work and answer as documented")
