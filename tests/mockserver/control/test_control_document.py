"""The control plane's own document says what its routes take, and what they answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from understudy.mockserver.control.document import control_document
from understudy.mockserver.control.routes import ROOT, control_app
from understudy.mockserver.server.app import MockApp
from understudy.mockserver.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.mockserver.conftest import Client

    from understudy.contracts.handle import Account

DOCUMENT: Any = control_document()
# What is for browsers, not for programs.
PAGES = re.compile(rf"{ROOT}/(board|docs|inbox)")


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


def test_document_is_valid_and_every_operation_has_a_name_of_its_own() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names)) >= 19
    assert [name for _, _, row in operations() if not (name := row.get("summary"))] == []


def test_document_has_every_route_and_no_other() -> None:
    described = {(method, ROOT + path) for method, path, _ in operations()}
    routed = {
        (method, route.path)
        for route in control_app(MockApp(Settings()).control).routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
        if route.path != "/" and route.path != ROOT and not PAGES.match(route.path)  # type: ignore[attr-defined]
    }
    assert described == routed


def asked(mock: Account, task: str, called_back: str) -> list[tuple[str, str, str, Any]]:
    """Every operation with a request that it takes: method, path as documented, path as asked, body."""
    account = f"?account={mock.api_key}"
    return [
        ("GET", "/health", "/health", None),
        ("GET", "/ready", "/ready", None),
        ("GET", "/", "/", None),
        ("GET", "/scenarios", "/scenarios", None),
        ("GET", "/openapi.json", "/openapi.json", None),
        ("GET", "/control/openapi.json", "/control/openapi.json", None),
        ("GET", "/clock", "/clock", None),
        ("POST", "/clock", f"/clock{account}", {"rate": 0}),
        ("POST", "/clock/advance", f"/clock/advance{account}", {"to": "next"}),
        ("POST", "/clock/advance", f"/clock/advance{account}", {"seconds": 0.5}),
        ("POST", "/pace", f"/pace{account}", {"pace": "realistic"}),
        ("POST", "/scenario", f"/scenario{account}", {"scenario": "fail"}),
        ("DELETE", "/scenario", f"/scenario{account}", None),
        ("POST", "/faults", f"/faults{account}", {"scenario": "fail", "next": 2}),
        ("POST", "/limits", f"/limits{account}", {"per_second": 1000}),
        ("GET", "/tasks", f"/tasks{account}", None),
        ("GET", "/journal", f"/journal{account}&limit=5", None),
        ("GET", "/journal/count", f"/journal/count{account}&operation=create", None),
        ("GET", "/deliveries", f"/deliveries{account}", None),
        ("POST", "/tasks/{id}/finish", f"/tasks/{task}/finish{account}", {"status": "failed"}),
        ("POST", "/deliveries/send", "/deliveries/send", {"task": called_back}),
        ("POST", "/reset", f"/reset{account}", None),
    ]


def judged(schema: Any, value: Any) -> list[str]:
    whole = {**schema, "components": DOCUMENT["components"]}
    return [
        f"{error.instance_path}: {error.message}"
        for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)
    ]


def resolved(node: Any) -> Any:
    while "$ref" in node:
        name, kind = node["$ref"].split("/")[-1], node["$ref"].split("/")[-2]
        node = DOCUMENT["components"][kind][name]
    return node


def test_requests_are_taken_and_answers_are_as_described(
    mock: Account, client: Client, receiver: Any
) -> None:
    called_back = client.create({"callback_url": receiver.url})
    receiver.wait(1)
    client.get("/nothing/here")
    task = client.create({})
    tried = set()
    for method, path, target, body in asked(mock, task, called_back):
        operation = DOCUMENT["paths"][path][method.lower()]
        tried.add(operation["operationId"])
        if body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert judged(schema, body) == [], path
        answer = client.request(method, ROOT + target, body)
        described = resolved(operation["responses"]["200"])["content"]["application/json"]["schema"]
        assert (answer.status, judged(described, answer.json)) == (200, []), path
    # Its answer is no JSON: tests/mockserver/server/test_operation.py.
    assert tried | {"getMetrics"} == {operation["operationId"] for _, _, operation in operations()}


@pytest.mark.parametrize(("method", "path"), [(m, p) for m, p, row in operations() if "requestBody" in row])
def test_bodies_that_the_document_refuses_are_refused(method: str, path: str, client: Client) -> None:
    answer = client.request(method, ROOT + path.replace("{id}", client.create({})), {"no_such_member": 1})
    schema = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert answer.status == 400
    assert (
        judged(
            DOCUMENT["components"]["responses"]["Refused"]["content"]["application/json"]["schema"],
            answer.json,
        )
        == []
    )
    if path != "/limits":  # whose members are pools
        assert judged(schema, {"no_such_member": 1})


def test_document_is_served(client: Client) -> None:
    assert client.get(f"{ROOT}/control/openapi.json").json == DOCUMENT
