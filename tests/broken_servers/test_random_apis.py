"""Mock and verifier against each other on APIs that nobody has: no false alarm, no fault that is missed."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.broken_servers.axis_faults import FAULTS, Fault, hands_over
from tests.broken_servers.proxy import SECRET
from tests.broken_servers.random_apis import description
from tests.mocks import mock_account

from understudy.contracts.checks import PROMISES, Judgement, judge
from understudy.contracts.failures import Verdict
from understudy.contracts.runner import afterwards
from understudy.contracts.runner.options import Options
from understudy.contracts.runner.run import hold
from understudy.contracts.target import read_target
from understudy.specs.behaviour import description as descriptions

if TYPE_CHECKING:
    from pathlib import Path

LONG = bool(os.environ.get("UNDERSTUDY_LONG"))
# Of the sixteenth the HTTP status alone tells the states; the ninth has its results as JSON in a text.
SEEDS = range(200) if LONG else (0, 1, 2, 9, 16)
MANY = range(2000 if LONG else 100)
AXES = range(1, 23)
# How many descriptions each fault is planted in, and how many runs go on at once: they mostly wait.
EACH, AT_ONCE = 5 if LONG else 1, 6
NAMES = list(FAULTS)
BATCHES = [NAMES[place : place + AT_ONCE] for place in range(0, len(NAMES), AT_ONCE)]
# Some faults show only while a task is under way: it must be found so on a busy machine, too.
SLOWLY = 1.0
# Without one promise that needs a task there would be none to see.
OF_A_TASK = "query-by-task-id"


def written(folder: Path, data: dict[str, Any]) -> str:
    file = folder / "random" / "api.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return str(file)


def held(
    api: str, played: str = "", scenario: str = "", rate: float = 8.0, **options: Any
) -> dict[str, Judgement]:
    """What becomes of the promises of `api` at a mock that plays it, or `played`. Tasks take 2 s / `rate`."""
    target = read_target(api)
    with mock_account(
        provider=played or api, rate=rate, webhook_secrets=(SECRET,), journal=0, scenario=scenario
    ) as mock:
        given = Options(
            url=mock.url, provider=api, seed=1, api_key="a-key-of-one", pace=0.02, budget=Decimal(8),
            grace=1.0, linger=0.1, timeout=60.0, generated=0, **options,
        )  # fmt: skip
        conversation = asyncio.run(hold(given, target))
    return {one.promise.id: one for one in judge(conversation, target, secrets=(SECRET,))}


def broken(judgements: dict[str, Judgement]) -> dict[str, str]:
    bad = (Verdict.BROKEN, Verdict.ARGUABLE)
    return {name: str(one.failures[:1]) for name, one in judgements.items() if one.verdict in bad}


def test_random_descriptions_are_complete(tmp_path: Path) -> None:
    file = tmp_path / "random" / "api.yaml"
    for seed in MANY:
        text = yaml.safe_dump(description(seed), sort_keys=False)
        _, found = descriptions.read_new(text, file, {}.get)
        assert found == [], seed


@pytest.mark.parametrize("seed", SEEDS)
def test_faithful_server_of_a_random_api_has_no_finding(tmp_path: Path, seed: int) -> None:
    judgements = held(written(tmp_path, description(seed)))
    assert broken(judgements) == {}
    kept = {name for name, one in judgements.items() if one.verdict is Verdict.KEPT}
    assert {"accepts-valid-requests", "auth-missing-refused", "query-answer-shape"} <= kept, sorted(kept)


# What is no JSON cannot be malformed.
IN_JSON = [seed for seed in SEEDS if not hands_over(description(seed)["families"]["jobs"])]


@pytest.mark.parametrize("seed", IN_JSON)
def test_fault_at_a_random_api_is_found(tmp_path: Path, seed: int) -> None:
    assert broken(held(written(tmp_path, description(seed)), scenario="malformed:at=query")) != {}


def having(fault: Fault) -> list[dict[str, Any]]:
    """The first random descriptions that have what the fault changes."""
    found = (data for data in map(description, MANY) if fault.fits(data))
    return [one for one, _ in zip(found, range(EACH), strict=False)]


def test_each_axis_has_a_fault_and_random_descriptions_have_what_it_changes() -> None:
    assert sorted({fault.axis for fault in FAULTS.values()}) == list(AXES)
    assert [name for name, fault in FAULTS.items() if not having(fault)] == []


def missed(folder: Path, name: str) -> list[str]:
    """The descriptions in which a planted fault does not break the promise that it is about."""
    fault, found = FAULTS[name], []
    asked = frozenset(PROMISES if LONG else [fault.promise, OF_A_TASK])
    for number, data in enumerate(having(fault)):
        api = written(folder / f"{number}", data)
        played = written(folder / f"{number}-played", fault.planted(data))
        judgements = held(api, played, fault.scenario, SLOWLY, promises=asked, **fault.options)
        if fault.promise not in broken(judgements):
            found.append(f"{name}, {data['title']}: {judgements[fault.promise].reason}")
    return found


@pytest.mark.parametrize("names", BATCHES, ids=lambda names: names[0])
def test_fault_along_an_axis_breaks_the_promise_that_it_is_about(
    tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seconds that callbacks get which are missing, or were refused: none comes here.
    monkeypatch.setattr(afterwards, "LATE", 1.0)
    monkeypatch.setattr(afterwards, "RETRY", 2.0)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(missed, [tmp_path / str(number) for number in range(len(names))], names)
        assert [text for texts in found for text in texts] == []
