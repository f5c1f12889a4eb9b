"""The vendor's operations at a path of a provider's own: compared as the vendor's, played at their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from understudy.specs.behaviour.own_paths import at_own_paths
from understudy.specs.documents import Document
from understudy.specs.model import Evidence, Field, Keyword, Operation, ProviderSpec
from understudy.specs.normalise import provider_spec
from understudy.specs.normalise.placed import placed
from understudy.specs.profile import Profile, Source
from understudy.specs.readers import read

LINE = Evidence("vendor.md", 1, "vendor")
CREATE, QUERY, LIST = "POST /v1/images/x", "GET /v1/images/x/{id}", "GET /v1/images/x"
KNOWN = {
    CREATE: (
        Field(("image_list",), (Keyword("required", True, LINE), Keyword("type", "array", LINE))),
        Field(("prompt",), (Keyword("type", "string", LINE),)),
    ),
    LIST: (),
    QUERY: (),
}


def page(path: str, fields: str = "image_list") -> str:
    rows = "".join(f"| {name} | array | Yes | Things |\n" for name in fields.split())
    return (
        f"`POST {path}`\n\n| Field | Type | Required | Description |\n|---|---|---|---|\n{rows}"
        f'\n`GET {path}/{{task_id}}`\n\n```json\n{{"code": 0}}\n```\n'
    )


def spec_of(text: str) -> ProviderSpec:
    profile = Profile("seller", "Seller", documents=(Source(file="page.md"),))
    return provider_spec(profile, [read(Document("page.md", text))], KNOWN, {})


@pytest.mark.parametrize(
    ("path", "own", "servers"),
    [
        ("/v2/images/x", "/v2/images/x", ()),
        ("/api/images/x", "/api/images/x", ()),
        ("https://a.example/nimbus/v3beta/images/x", "/v3beta/images/x", ("https://a.example/nimbus",)),
    ],
)
def test_operation_of_another_version_or_prefix_is_the_vendors(
    path: str, own: str, servers: tuple[str, ...]
) -> None:
    spec = spec_of(page(path))

    assert (list(spec.operations), spec.servers) == ([CREATE, QUERY], servers)
    assert spec.conventions == {"paths": {"/v1/images/x": own, "/v1/images/x/{id}": f"{own}/{{id}}"}}
    assert [note.text for note in spec.notes if note.kind == "contradiction"] == [
        f"the page says POST {own}: compared as /v1/images/x, played and verified at its own path",
        (
            f"the page says GET {own}/{{task_id}}: compared as /v1/images/x/{{id}}, "
            "played and verified at its own path"
        ),
    ]


@pytest.mark.parametrize(
    ("operation", "paths"),
    [
        ("POST /v1/images/x", ["/v1/images/x", ""]),
        ("POST /v1/stills", ["/v2/images/x", "/v1/stills"]),
    ],
)
def test_of_a_page_that_says_one_path_of_two_the_other_is_meant_unless_it_is_like(
    operation: str, paths: list[str]
) -> None:
    second = Operation("post", "", line=9)
    reading = read(Document("page.md", page("/v2/images/x").partition("\n`GET")[0]))

    found = placed(replace(reading, operations=(*reading.operations, second)), operation)

    assert [one.path for one in found.operations] == paths


@pytest.mark.parametrize(
    "text",
    [
        page("/v1/images/x"),
        page("/v2/images/y"),
        # It ends alike, and asks for other things: nothing that the vendor requires, or much that is unknown.
        page("/v2/images/x", "prompt"),
        page("/v2/images/x", "image_list size style tone mood"),
    ],
    ids=["its-own", "another-end", "another-need", "other-fields"],
)
def test_operation_that_asks_for_other_things_stays_where_it_is(text: str) -> None:
    spec = spec_of(text)

    assert "paths" not in spec.conventions
    assert [key for key in spec.operations if key.startswith("POST")] == [text.split("`")[1]]


def test_newer_version_beside_the_vendors_stays_its_own() -> None:
    spec = spec_of(page("/v1/images/x") + page("/v2/images/x"))

    assert [key for key in spec.operations if key.startswith("POST")] == [CREATE, "POST /v2/images/x"]


def test_document_is_played_at_its_own_paths() -> None:
    document: dict[str, Any] = {
        "paths": {"/v1/images/x": {"post": {}}, "/v1/images/x/{id}": {"get": {}}, "/v1/images/xy": {}},
        "x-conventions": {"paths": {"/v1/images/x": "/v2/images/x"}, "success": {"code": 0}},
    }
    own = at_own_paths(document)

    assert own == {
        "paths": {"/v2/images/x": {"post": {}}, "/v2/images/x/{id}": {"get": {}}, "/v1/images/xy": {}},
        "x-conventions": {"success": {"code": 0}},
    }
    assert at_own_paths(own) is own
