"""Described APIs: a faithful server of any has no finding, and a fault along an axis is found."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.broken_servers.proxy import SECRET
from tests.mocks import mock_account

from understudy.contracts.checks import Judgement, judge
from understudy.contracts.failures import Verdict
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target
from understudy.specs import library

if TYPE_CHECKING:
    from pathlib import Path


def held(
    api: str, played: str = "", families: tuple[str, ...] = (), budget: int = 2, **settings: Any
) -> dict[str, Judgement]:
    """What becomes of the promises of `api` at a mock that plays it, or `played`, with `settings`."""
    target = read_target(api)
    with mock_account(
        provider=played or api, rate=8.0, webhook_secrets=(SECRET,), journal=0, **settings
    ) as mock:
        options = Options(
            url=mock.url, provider=api, seed=1, api_key="a-key-of-one", pace=0.02, grace=1.0, linger=0.1,
            timeout=20.0, generated=0, families=families, budget=Decimal(budget),
        )  # fmt: skip
        conversation = asyncio.run(hold(options, target))
    found = judge(conversation, target, secrets=(SECRET,))
    # Of several families, the one that breaks a promise.
    return {one.promise.id: one for one in sorted(found, key=lambda one: one.verdict is Verdict.BROKEN)}


def broken(judgements: dict[str, Judgement]) -> set[str]:
    return {name for name, one in judgements.items() if one.verdict is Verdict.BROKEN}


@pytest.mark.parametrize("api", library.apis())
def test_faithful_server_of_an_api_has_no_finding(api: str) -> None:
    judgements = held(api)
    assert broken(judgements) == set(), {n: judgements[n].failures[:1] for n in broken(judgements)}
    kept = {name for name, one in judgements.items() if one.verdict is Verdict.KEPT}
    assert len(kept) >= 15, sorted(kept)


FAULTS = [
    ("replicate", "unknown-status:at=query", "status-known"),
    ("replicate", "malformed:at=query", "answers-are-json"),
    ("replicate", "callbacks-badly-signed", "callback-signature"),
    ("replicate", "results-expired", "result-downloads"),
    ("replicate", "callbacks-lost", "callback-on-each-change"),
    ("runway", "results-expired", "result-downloads"),
    ("luma", "callbacks-lost", "callback-on-each-change"),
    ("vidu", "unknown-status:at=query", "status-known"),
    ("openrouter", "callbacks-lost", "callback-on-each-change"),
    ("openrouter", "callbacks-badly-signed", "callback-signature"),
    ("bfl", "callbacks-badly-signed", "callback-signature"),
    ("fal", "callbacks-badly-signed", "callback-signature"),
    ("fal", "callbacks-lost", "callback-on-each-change"),
    ("bfl", "malformed:at=create", "answers-are-json"),
    # Lists by cursor and by offset.
    ("openai-videos", "malformed:at=list", "answers-are-json"),
    ("luma", "malformed:at=list", "answers-are-json"),
    # Results behind a second request: an address, a file.
    ("minimax", "results-expired", "result-downloads"),
    ("openai-videos", "results-expired", "result-downloads"),
    # A state that the HTTP status alone tells.
    ("xai", "results-expired", "result-downloads"),
]


@pytest.mark.parametrize(("api", "scenario", "promise"), FAULTS)
def test_fault_at_an_api_is_found(api: str, scenario: str, promise: str) -> None:
    assert promise in broken(held(api, scenario=scenario))


@pytest.mark.parametrize(("scenario", "verdict"), [("", Verdict.KEPT), ("fewer-results", Verdict.BROKEN)])
def test_several_results_of_one_record_are_counted(scenario: str, verdict: Verdict) -> None:
    judgements = held("dashscope", families=("images",), budget=4, scenario=scenario)
    assert judgements["result-count"].verdict is verdict, judgements["result-count"]


@pytest.mark.parametrize("api", ["luma", "openai-videos"])
def test_lists_are_paged_by_cursor_and_by_offset(api: str) -> None:
    judgements = held(api)
    paged = ("list-contains-tasks", "list-page-size-kept", "list-pages-without-loss", "list-is-stable")
    assert {judgements[name].verdict for name in paged} == {Verdict.KEPT}


RESULTS = {
    # Where the results are -> a vendor of that kind.
    "the record": "runway",
    "the answer to a second request": "minimax",
    "a second request's file": "openai-videos",
    "a record without a word for its state": "veo",
}


@pytest.mark.parametrize("api", RESULTS.values(), ids=RESULTS)
def test_results_are_looked_at_wherever_they_are(api: str) -> None:
    judgements = held(api)
    looked_at = ("result-count", "result-downloads", "result-is-whole", "results-differ", "results-stay")
    assert {name: judgements[name].verdict for name in looked_at if name in judgements} == {
        name: Verdict.KEPT for name in looked_at if name in judgements
    }


def test_results_for_anybody_are_found_where_the_documents_ask_for_the_key(tmp_path: Path) -> None:
    text = library.apis()["veo"].read_text(encoding="utf-8")
    open_to_all = tmp_path / "veo" / "api.yaml"
    open_to_all.parent.mkdir()
    open_to_all.write_text(text.replace("needs_key: true", "needs_key: false"), encoding="utf-8")
    judgements = held("veo", str(open_to_all))
    assert broken(judgements) == {"private-results-need-their-key"}
    (failure, *_) = judgements["private-results-need-their-key"].failures
    assert (failure.message, failure.found) == ("a result can be fetched without a key", "200")


FORM = """
like: openai-videos
name: openai-videos
families:
  videos:
    create:
      media: [%s]
      schema:
        type: object
        required: [prompt, seconds]
        properties:
          prompt: {type: string, minLength: 1, maxLength: 200}
          seconds: {enum: ['4', '8']}
          seed: {type: integer, minimum: 0, maximum: 9}
          loud: {type: boolean}
          tags: {type: array, items: {type: string, maxLength: 9}, maxItems: 3}
          input_reference: {type: string, format: binary}
"""


@pytest.mark.parametrize("media", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_api_that_takes_forms_alone_is_asked_in_forms(tmp_path: Path, media: str) -> None:
    forms = tmp_path / "openai-videos" / "api.yaml"
    forms.parent.mkdir()
    forms.write_text(FORM % media, encoding="utf-8")
    judgements = held(str(forms), budget=6)
    assert broken(judgements) == set(), {n: judgements[n].failures[:1] for n in broken(judgements)}
    kept = {name for name, one in judgements.items() if one.verdict is Verdict.KEPT}
    assert kept >= {
        "accepts-valid-requests", "accepts-unicode", "accepts-limits", "refuses-missing-fields",
        "refuses-wrong-types", "refuses-beyond-limits", "refuses-unknown-values", "result-downloads",
        "any-client-is-answered", "expect-is-answered",
    }  # fmt: skip


BY_POST = """
like: minimax
name: minimax
families:
  video:
    results: {method: POST, path: /v1/files/retrieve, id: {in: body, name: /file/id}%s}
"""
AS_BYTES = ", answer: {situation: task_not_ended}, states: {Success: {bytes: true}}"


@pytest.mark.parametrize("answered", ["", AS_BYTES], ids=["an address", "the file itself"])
def test_results_are_fetched_by_the_method_and_at_the_place_that_are_described(
    tmp_path: Path, answered: str
) -> None:
    by_post = tmp_path / "minimax" / "api.yaml"
    by_post.parent.mkdir()
    by_post.write_text(BY_POST % answered, encoding="utf-8")
    judgements = held(str(by_post))
    assert broken(judgements) == set()
    looked_at = ("result-downloads", "result-is-whole", "results-stay")
    assert {judgements[name].verdict for name in looked_at} == {Verdict.KEPT}
