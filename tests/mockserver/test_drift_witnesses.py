"""What drift finds between the canonical spec and the providers, judged by the mock as it plays both."""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from tests.mocks import mock_account

from understudy.mockserver.play.profile import read_profile
from understudy.specs.algebra import Judge
from understudy.specs.diff.api import read
from understudy.specs.diff.bundle import Bundler
from understudy.specs.drift import Drift, compare, load
from understudy.specs.witness.message import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.drift import Finding

PROVIDERS = ("chainhub", "cometapi", "powertokens", "yutoai")
IMAGE, VIDEO = "POST /v1/images/multi-image2image", "POST /v1/videos/multi-image2video"


@cache
def drift(provider: str) -> Drift:
    return compare(load("canonical"), load(provider))


def found(provider: str, rule: str, part: str) -> Finding:
    """The finding of `rule` whose title speaks of `part`."""
    (finding,) = [f for f in drift(provider).findings if f.rule == rule and f.title.endswith(part)]
    return finding


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        yield {name: played(stack, name) for name in ("canonical", *PROVIDERS)}


def played(stack: ExitStack, name: str, *, strict: bool = False) -> str:
    """Where a mock of the profile takes requests: its URL with the path that the profile's own server has."""
    return stack.enter_context(mock_account(name, strict=strict)).url + read_profile(name).prefixes[0]


def send(url: str, operation: str, body: Any) -> tuple[int, Any]:
    """Status and body of the mock's answer, with a key of its own."""
    method, path = operation.split(" ")[:2]
    headers = {"Authorization": f"Bearer key-{uuid.uuid4().hex}", "Content-Type": "application/json"}
    request = Request(url + path, json.dumps(body).encode(), headers, method=method)
    try:
        with urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def taken(answer: tuple[int, Any]) -> bool:
    status, body = answer
    return status == 200 and "task_id" in (body.get("data") or {})


def refused(answer: tuple[int, Any]) -> bool:
    """Refused for its content; that nothing is at the path would be no judgement."""
    return answer[0] == 400


REQUESTS = [
    ("chainhub", "request-property-became-required", IMAGE, "n"),
    ("chainhub", "request-property-became-required", IMAGE, "model_name"),
    ("chainhub", "request-property-became-required", VIDEO, "model_name"),
    ("chainhub", "request-property-became-required", VIDEO, "mode"),
    ("chainhub", "request-property-became-required", VIDEO, "duration"),
    ("yutoai", "request-type-changed", IMAGE, "subject_image_list[]: type changed, object to string"),
    ("yutoai", "request-property-added", IMAGE, "scence_image"),
    ("powertokens", "request-enum-value-removed", IMAGE, "kling-v2-1"),
]


@pytest.mark.parametrize(("provider", "rule", "operation", "part"), REQUESTS)
def test_a_request_witness_is_judged_differently_by_the_two_profiles(
    mocks: dict[str, str], provider: str, rule: str, operation: str, part: str
) -> None:
    findings = [
        f
        for f in drift(provider).findings
        if f.rule == rule and f.surface.startswith(operation) and f.title.endswith(part)
    ]
    (finding,) = findings
    assert finding.witness is not None
    assert (finding.witness.taken_by, finding.witness.refused_by) == ("base", "revision")
    payload = finding.witness.payload
    assert taken(send(mocks["canonical"], operation, payload)), payload
    assert refused(send(mocks[provider], operation, payload)), payload


def test_yutoai_s_missing_field_is_hinted_at_as_a_rename() -> None:
    removed = found("yutoai", "request-property-removed", "scene_image")
    assert removed.reason.startswith("looks like a rename to scence_image")


UNMENTIONED = [
    ("yutoai", IMAGE, "style_image"),
    ("yutoai", IMAGE, "watermark_info"),
    ("yutoai", IMAGE, "external_task_id"),
    ("chainhub", IMAGE, "negative_prompt"),
    ("chainhub", IMAGE, "watermark_info"),
    ("chainhub", VIDEO, "watermark_info"),
    ("powertokens", IMAGE, "negative_prompt"),
]


@pytest.fixture(scope="module")
def strict_mocks() -> Iterator[dict[str, str]]:
    names = ("canonical", *dict.fromkeys(provider for provider, _, _ in UNMENTIONED))
    with ExitStack() as stack:
        yield {name: played(stack, name, strict=True) for name in names}


def smallest(provider: str, operation: str) -> Any:
    """A smallest request that `provider`'s document takes."""
    document = load(provider)
    body = read(document).operations[operation].body
    side = Side(read(document), {"request": Bundler(document, "request")})
    return side.smallest(body.content["application/json"].schema, "request")


@pytest.mark.parametrize(("provider", "operation", "field"), UNMENTIONED)
def test_a_field_that_no_document_mentions_is_taken_and_refused_by_the_strict_mock(
    mocks: dict[str, str], strict_mocks: dict[str, str], provider: str, operation: str, field: str
) -> None:
    (finding,) = [
        f
        for f in drift(provider).findings
        if (f.rule, f.where) == ("request-property-undocumented", field) and f.surface.startswith(operation)
    ]
    assert finding.verdict == "warns"
    assert finding.witness is not None
    witness = finding.witness
    assert (witness.kind, witness.taken_by, witness.refused_by) == ("silence", "base", "revision")
    assert taken(send(strict_mocks["canonical"], operation, witness.payload)), witness.payload
    assert refused(send(strict_mocks[provider], operation, witness.payload)), witness.payload
    # In a request of the provider's own the field is all there is to dislike, and only strictly.
    own = smallest(provider, operation)
    assert taken(send(strict_mocks[provider], operation, own)), own
    named = {**own, field: witness.payload[field]}
    assert taken(send(mocks[provider], operation, named)), named
    assert send(strict_mocks[provider], operation, named)[1]["message"].startswith(f"{field}: is not a field")


def test_the_table_of_unmentioned_fields_is_complete() -> None:
    found = {
        (p, f.surface.removesuffix(" application/json"), f.where)
        for p in PROVIDERS
        for f in drift(p).findings
        if f.rule == "request-property-undocumented"
    }
    assert found == set(UNMENTIONED)


def test_cometapi_s_code_is_a_string_that_clients_of_the_vendor_refuse(mocks: dict[str, str]) -> None:
    finding = found("cometapi", "response-type-changed", "integer to string")
    assert (finding.where, finding.witness.refused_by) == ("code", "base")
    assert isinstance(finding.witness.payload["code"], str)
    refusals = {
        name: send(mocks[name], IMAGE, {"subject_image_list": []})[1] for name in ("canonical", "cometapi")
    }
    assert isinstance(refusals["canonical"]["code"], int)
    assert isinstance(refusals["cometapi"]["code"], str)
    canonical = load("canonical")
    error = read(canonical).operations[IMAGE].responses["400"].content["application/json"].schema
    judge = Judge(Bundler(canonical, "response").bundle(error, "taker"))
    assert [judge.takes(refusals[name]) for name in ("canonical", "cometapi")] == [True, False]


def test_every_break_is_proven_and_stands_somewhere() -> None:
    broken = [f for p in PROVIDERS for f in drift(p).findings if f.verdict.startswith("breaks")]
    assert broken
    assert [f for f in broken if f.witness is None or not f.base.line or not f.revision.line] == []
