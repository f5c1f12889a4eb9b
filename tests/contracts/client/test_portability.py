"""Whether other providers would take a client's requests: what `portable` says, and when it is broken."""

from __future__ import annotations

import pytest

from understudy.contracts.client_verifier.portability import portability
from understudy.contracts.client_verifier.trace import JournalExchange, Trace

PICTURES = [{"subject_image": "https://example.com/cat.png"}]
NOBODY = "no other provider would accept them: "


def judged(body, promised=(), played="canonical"):
    create = JournalExchange(at_ms=0, kind="create", family="multi-image2image", request=body, order="x")
    return portability([Trace(scenario="all-is-well", exchanges=(create,))], played, promised).verdict


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"subject_image_list": PICTURES, "n": 99, "model_name": "kling-v2-1"}, "n: 99 is "),
        (
            {"subject_image_list": PICTURES, "n": 1, "model_name": "kling-v2-1", "prompt": 7},
            "prompt: 7 is not ",
        ),
        ({"subject_image_list": "a.png", "n": 1, "model_name": "kling-v2-1"}, "subject_image_list: "),
    ],
)
def test_request_that_all_others_would_refuse_is_a_broken_promise(body, why):
    verdict = judged(body)
    assert (verdict.outcome, verdict.text[: len(NOBODY)], why in verdict.text) == ("broken", NOBODY, True)


def test_request_that_a_named_provider_would_refuse_is_a_broken_promise():
    body = {"subject_image_list": PICTURES}
    assert [judged(body, promised).outcome for promised in ((), ("chainhub",))] == ["kept", "broken"]


def test_request_that_few_would_refuse_is_told_and_breaks_nothing():
    verdict = judged({"subject_image_list": PICTURES, "n": 1, "model_name": "kling-v2-1", "prompt": "a kite"})
    assert (verdict.outcome, verdict.warning) == ("kept", False)


def test_without_a_request_there_is_nothing_to_compare():
    found = portability([Trace(scenario="all-is-well")], "canonical", ())
    assert (found.verdict.outcome, found.verdict.text) == ("not exercised", "no create was sent")
