"""Mock and verifier against each other on APIs that nobody has: no false alarm, no fault that is missed."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.broken_servers.proxy import SECRET
from tests.broken_servers.random_apis import description
from tests.mocks import mock_account

from understudy.contracts.checks import Judgement, judge
from understudy.contracts.failures import Verdict
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target
from understudy.specs.behaviour import description as descriptions

if TYPE_CHECKING:
    from pathlib import Path

LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
SEEDS = range(200 if LONG else 4)
MANY = range(2000 if LONG else 100)


def written(folder: Path, seed: int) -> str:
    file = folder / "random" / "api.yaml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump(description(seed), sort_keys=False, allow_unicode=True), encoding="utf-8")
    return str(file)


def held(api: str, scenario: str = "") -> dict[str, Judgement]:
    target = read_target(api)
    with mock_account(
        provider=api, rate=8.0, webhook_secrets=(SECRET,), journal=0, scenario=scenario
    ) as mock:
        options = Options(
            url=mock.url, provider=api, seed=1, api_key="a-key-of-one", pace=0.02, budget=Decimal(2),
            grace=1.0, linger=0.1, timeout=20.0, generated=0,
        )  # fmt: skip
        conversation = asyncio.run(hold(options, target))
    return {one.promise.id: one for one in judge(conversation, target, secrets=(SECRET,))}


def broken(judgements: dict[str, Judgement]) -> dict[str, str]:
    return {n: str(one.failures[:1]) for n, one in judgements.items() if one.verdict is Verdict.BROKEN}


def test_random_descriptions_are_complete(tmp_path: Path) -> None:
    file = tmp_path / "random" / "api.yaml"
    for seed in MANY:
        text = yaml.safe_dump(description(seed), sort_keys=False)
        _, found = descriptions.read_new(text, file, {}.get)
        assert found == [], seed


@pytest.mark.parametrize("seed", SEEDS)
def test_faithful_server_of_a_random_api_has_no_finding(tmp_path: Path, seed: int) -> None:
    judgements = held(written(tmp_path, seed))
    assert broken(judgements) == {}
    kept = {name for name, one in judgements.items() if one.verdict is Verdict.KEPT}
    assert {"accepts-valid-requests", "auth-missing-refused", "query-answer-shape"} <= kept, sorted(kept)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scenario", ["malformed:at=query", "results-expired"])
def test_fault_at_a_random_api_is_found(tmp_path: Path, seed: int, scenario: str) -> None:
    assert broken(held(written(tmp_path, seed), scenario)) != {}
