"""Described APIs: a faithful server of any has no finding, and a fault along an axis is found."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from tests.broken_servers.proxy import SECRET
from tests.mocks import mock_account

from understudy.contracts.checks import Judgement, judge
from understudy.contracts.failures import Verdict
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target
from understudy.specs import library


def held(api: str, **settings: Any) -> dict[str, Judgement]:
    """What becomes of the promises of `api` at a mock that plays it with `settings`, by promise."""
    target = read_target(api)
    with mock_account(provider=api, rate=8.0, webhook_secrets=(SECRET,), journal=0, **settings) as mock:
        options = Options(
            url=mock.url, provider=api, seed=1, api_key="a-key-of-one", pace=0.02, budget=Decimal(2),
            grace=1.0, linger=0.1, timeout=20.0, generated=0,
        )  # fmt: skip
        conversation = asyncio.run(hold(options, target))
    return {one.promise.id: one for one in judge(conversation, target, secrets=(SECRET,))}


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
    ("runway", "results-expired", "result-downloads"),
    ("luma", "callbacks-lost", "callback-on-each-change"),
    ("vidu", "unknown-status:at=query", "status-known"),
    ("openrouter", "callbacks-lost", "callback-on-each-change"),
    ("openrouter", "callbacks-badly-signed", "callback-signature"),
    ("bfl", "callbacks-badly-signed", "callback-signature"),
    ("fal", "callbacks-badly-signed", "callback-signature"),
    ("fal", "callbacks-lost", "callback-on-each-change"),
    ("bfl", "malformed:at=create", "answers-are-json"),
]


@pytest.mark.parametrize(("api", "scenario", "promise"), FAULTS)
def test_fault_at_an_api_is_found(api: str, scenario: str, promise: str) -> None:
    assert promise in broken(held(api, scenario=scenario))
