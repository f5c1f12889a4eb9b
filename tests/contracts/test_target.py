"""Reading a provider's promises out of its effective spec, and its records out of its wrappers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from understudy.contracts.evidence import field_source, promised, source_of, stated_in
from understudy.contracts.shapes import without_empty
from understudy.contracts.target import read_target, target_from
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import HERE, effective, profiles
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from understudy.contracts.target_family import TargetFamily


@pytest.fixture(scope="module")
def image() -> TargetFamily:
    return read_target("canonical").family("multi-image2image")


@pytest.mark.parametrize("profile", profiles())
def test_every_profile_has_the_families_of_the_vendor(profile: str) -> None:
    names = [f.name for f in read_target(profile).families]
    assert names[:2] == ["multi-image2image", "multi-image2video"]
    assert names == [f.name for f in read_target("kling").families]


def test_operations_are_asked_at_the_providers_own_paths() -> None:
    document = effective("canonical")
    own = {"/v1/images/multi-image2image": "/v2/compose"}
    conventions = {**document.get("x-conventions", {}), "paths": own}
    target = target_from("x", {**document, "x-conventions": conventions})
    image = target.family("multi-image2image")
    assert (image.create_path, image.query_path) == ("/v2/compose", "/v2/compose/{id}")
    assert "/v2/compose" in target.document["paths"]


def test_a_document_without_tasks_is_refused() -> None:
    with pytest.raises(UnderstudyError, match="no operation has x-task"):
        target_from(
            "x", {"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "a", "responses": {}}}}}
        )


def test_a_third_family_is_data() -> None:
    document = effective("canonical")
    paths = dict(document["paths"])
    create, query = "/v1/images/multi-image2image", "/v1/images/multi-image2image/{id}"
    task = {**paths[create]["post"]["x-task"], "family": "text2image"}
    responses = {
        "200": {
            **paths[create]["post"]["responses"]["200"],
            "links": {"query": {"operationId": "q3", "parameters": {"id": "$response.body#/data/task_id"}}},
        }
    }
    paths["/v1/images/text"] = {
        "post": {**paths[create]["post"], "operationId": "c3", "x-task": task, "responses": responses}
    }
    paths["/v1/images/text/{id}"] = {"get": {**paths[query]["get"], "operationId": "q3"}}
    target = target_from("x", {**document, "paths": paths})
    third = target.family("text2image")
    assert (third.create_path, third.query_path) == ("/v1/images/text", "/v1/images/text/{id}")
    assert third.listed is None


@pytest.mark.parametrize(
    ("before", "after", "possible"),
    [
        ("submitted", "processing", True),
        ("submitted", "succeed", True),
        ("processing", "processing", True),
        ("processing", "submitted", False),
        ("succeed", "failed", False),
    ],
)
def test_the_lifecycle_leads_forward(image: TargetFamily, before: str, after: str, possible: bool) -> None:
    assert image.reachable(before, after) is possible


@pytest.mark.parametrize(
    ("body", "cost"),
    [({}, 1), ({"n": 3}, 3), ({"n": "x"}, 1), ({"n": True}, 1), ({"n": 0}, 1), ([], 1), (None, 1)],
)
def test_a_task_costs_its_results(image: TargetFamily, body: Any, cost: int) -> None:
    assert image.cost(body) == Decimal(cost)


def test_the_record_is_found_inside_any_wrapper(image: TargetFamily) -> None:
    record = {"task_id": "1", "task_status": "succeed"}
    for body in ({"data": record}, {"data": {"data": {"data": record}}}, record, {"x": [{"y": record}]}):
        assert image.record(body) == record
    for body in (None, 7, {}, {"data": None}, {"data": []}, {"code": 0, "data": {"task_id": ""}}):
        assert image.record(body) is None


def test_a_gateway_wrapper_is_read_backwards() -> None:
    image = read_target("newapi").family("multi-image2image")
    created = {"id": "7", "task_id": "7", "object": "video", "model": "m", "progress": 0,
               "created_at": 1795252588, "status": "queued"}  # fmt: skip
    assert image.record(created) == {"task_id": "7", "task_status": "submitted"}
    inner = {"code": 0, "data": {"task_id": "7", "task_status": "processing", "created_at": 1795252588123}}
    wrapped = {"code": "success", "message": "", "data": {
        "task_id": "7", "progress": "30%", "submit_time": 1, "start_time": 1, "finish_time": 0,
        "status": "IN_PROGRESS", "fail_reason": "", "data": inner}}  # fmt: skip
    assert image.record(wrapped) == inner["data"]


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"task_status_msg": "", "task_id": ""}, {"task_id": ""}),
        ({"task_result": {"images": [{"url": "u", "index": 0, "watermark_url": ""}]}},
         {"task_result": {"images": [{"url": "u", "index": 0}]}}),
    ],
)  # fmt: skip
def test_empty_texts_of_optional_members_are_absent(value: Any, left: Any) -> None:
    document = effective("canonical")
    assert without_empty(value, document["components"]["schemas"]["ImageTask"], document) == left


@pytest.mark.parametrize("profile", profiles())
def test_the_source_of_a_promise_is_a_line_that_says_it(profile: str) -> None:
    target = read_target(profile)
    family = target.families[0]
    for source, word in (("x-task/transitions", "transitions"), ("x-task/created_at", "created_at")):
        file, _, line = source_of(target, family, source).rpartition(":")
        assert word in (HERE.parent / file).read_text().splitlines()[int(line) - 1]


def test_the_source_of_a_field_is_its_line() -> None:
    target = read_target("canonical")
    for pointer, keyword, word in (
        ("/n", "maximum", "maximum: 9"),
        ("/subject_image_list/0/subject_image", "", "subject_image:"),
    ):
        found = field_source(target, target.families[0], pointer, keyword)
        file, _, line = found.rpartition(":")
        assert word in (HERE.parent / file).read_text().splitlines()[int(line) - 1]


@pytest.mark.parametrize(
    ("provider", "pointer", "keyword", "file"),
    [
        ("chainhub", "/prompt", "maxLength", "fixtures/docs/chainhub-multi-image2image.md"),
        ("powertokens", "/n", "maximum", "fixtures/docs/powertokens-multi-image2image.txt"),
        ("yutoai", "/subject_image_list", "maxItems", ""),
        ("canonical", "/n", "maximum", ""),
    ],
)
def test_a_limit_is_traced_to_the_line_of_the_provider_document(
    provider: str, pointer: str, keyword: str, file: str
) -> None:
    target = read_target(provider)
    found = stated_in(target, target.families[0], pointer, keyword)
    name, _, line = found.rpartition(":")
    assert name == file
    if file:
        spoken = (HERE.parent / file).read_text().splitlines()[int(line) - 1]
        limit = str(at(target.families[0].request, f"/properties{pointer}/{keyword}"))
        assert limit in spoken.replace(",", "")


@pytest.mark.parametrize(
    ("provider", "pointer", "keyword", "expected"),
    [
        ("canonical", "/subject_image_list", "maxItems", True),
        ("chainhub", "/subject_image_list", "maxItems", True),
        ("yutoai", "/subject_image_list", "maxItems", False),
        ("yutoai", "/subject_image_list", "type", True),
        ("newapi", "/subject_image_list", "maxItems", True),
    ],
)
def test_a_limit_that_a_provider_does_not_state_is_no_promise(
    provider: str, pointer: str, keyword: str, expected: bool
) -> None:
    target = read_target(provider)
    assert promised(target, target.families[0], pointer, keyword) is expected


def test_operation_that_no_page_describes_may_answer_as_the_vendor_does() -> None:
    """CometAPI's page is about the create alone, whose codes are texts under 200."""
    target = read_target("cometapi")
    family = target.family("multi-image2image")
    refused = {"code": 1201, "message": "Task not found", "request_id": "r-1"}
    assert family.silent == {"query", "list"}
    assert family.refused_there is not None
    assert list(family.refused_there.errors(refused)) == []
    assert next(family.refused.errors(refused))[:2] == ("/code", "type")
    assert target.expected(["unknown_task"]) == [(200, "1201")]
    assert target.expected(["unknown_task"], silent=True) == [(200, "1201"), (400, "1201")]
