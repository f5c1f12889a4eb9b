"""Endings that real providers have and tests seldom see: each as a scenario, in answers and in callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client

from understudy.mockserver.play.applicable import why_not
from understudy.mockserver.play.mutations import mutate
from understudy.mockserver.play.scenario_table import Effects
from understudy.specs.behaviour import read
from understudy.specs.library import effective

if TYPE_CHECKING:
    from tests.mockserver.conftest import Receiver

    from understudy.contracts.handle import Account

TWO = {**IMAGE_REQUEST, "n": 2}


def polls(client: Client, mock: Account, scenario: str, count: int = 4, **more: Any) -> list[Any]:
    """What so many polls of a task that has ended are answered: (HTTP status, its status, its results)."""
    mock.scenario(scenario)
    path = f"{IMAGE}/{client.create(more)}"
    mock.clock.advance(60)
    told = []
    for _ in range(count):
        answer = client.get(path)
        record = answer.json.get("data", {}) if answer.raw else {}
        results = record.get("task_result", {}).get("images")
        told.append((answer.status, record.get("task_status"), None if results is None else len(results)))
    return told


GOOD = (200, "succeed", 2)
ENDINGS = {
    # unknown at first; gone later; both ways of an outage
    "unknown_task:at=query,times=2": [(400, None, None)] * 2 + [GOOD] * 2,
    "unknown_task:at=query,after=1": [GOOD] + [(400, None, None)] * 3,
    "unavailable:at=query,after=1,times=2": [GOOD, (503, None, None), (503, None, None), GOOD],
    # success with nothing, with less, with results that appear later
    "no-results": [(200, "succeed", 0)] * 4,
    "fewer-results": [(200, "succeed", 1)] * 4,
    "results-later": [(200, "succeed", 0)] * 2 + [GOOD] * 2,
    "results-later:times=1,after=1": [GOOD, (200, "succeed", 0), GOOD, GOOD],
    # answers that are no news, or old ones
    "empty:at=query,times=1": [(200, None, None)] + [GOOD] * 3,
    "partial:at=query,times=1": [(200, None, 0)] + [GOOD] * 3,
    "stale:at=query,after=2": [GOOD] * 2 + [(200, "submitted", 0)] * 2,
    "foreign-status:at=query,times=1": [(200, "SUCCESS", 2)] + [GOOD] * 3,
}


@pytest.mark.parametrize("scenario", ENDINGS)
def test_polls_of_a_task_that_has_ended(client: Client, mock: Account, scenario: str) -> None:
    assert polls(client, mock, scenario, **TWO) == ENDINGS[scenario]


@pytest.mark.parametrize("scenario", ["no-results", "results-later"])
def test_callbacks_of_a_task_without_results_have_none(
    client: Client, mock: Account, receiver: Receiver, scenario: str
) -> None:
    mock.scenario(scenario)
    client.create({"callback_url": receiver.url})
    mock.clock.advance(60)
    assert receiver.statuses[-1] == "succeed"
    assert receiver.received[-1].json["task_result"]["images"] == []


def test_download_fails_so_often_and_is_there_then(client: Client, mock: Account) -> None:
    mock.scenario("results-fail:times=2")
    task = client.create()
    mock.clock.advance(60)
    link = client.task(task)["task_result"]["images"][0]["url"]
    assert [client.get(link, Authorization="").status for _ in range(3)] == [503, 503, 200]
    verdicts = [e["verdict"] for e in mock.requests_to(operation="result")]
    assert verdicts == ["unavailable", "unavailable", "accepted"]


@pytest.mark.parametrize(
    ("provider", "told", "instead"),
    [
        ("openai-videos", {"progress": 30, "seconds": 4}, {"progress": 0.3, "seconds": 4}),
        ("newapi", {"data": {"progress": "30%"}}, {"data": {"progress": "30.5%"}}),
        ("newapi", {"data": {"progress": "100%"}}, {"data": {"progress": "100.0%"}}),
        # A share of one is a fraction as it is.
        ("runway", {"progress": 0.3}, {"progress": 0.3}),
    ],
)
def test_progress_in_fractions(provider: str, told: Any, instead: Any) -> None:
    family = read(effective(provider), provider).families[0]
    assert mutate(told, ("progress-in-fractions",), family) == instead


@pytest.mark.parametrize(
    ("provider", "told", "instead"),
    [
        ("ark", {"content": {"video_url": "u"}}, {"content": {"video_url": None}}),
        ("bfl", {"result": {"sample": "u"}}, {"result": {"sample": None}}),
        ("dashscope", {"output": {"video_url": "u", "n": 1}}, {"output": {"video_url": None, "n": 1}}),
        ("runway", {"output": ["u"]}, {"output": []}),
        ("kling-v2", {"outputs": [{"id": "1", "url": "u"}]}, {"outputs": []}),
    ],
)
def test_success_without_results_however_a_record_tells_them(provider: str, told: Any, instead: Any) -> None:
    family = read(effective(provider), provider).families[0]
    assert mutate(told, ("no-results",), family) == instead


def test_results_that_stand_in_no_record_are_not_left_out_of_it() -> None:
    family = read(effective("openai-videos"), "openai-videos").families[0]
    assert why_not(Effects(mutations=("no-results",)), family) == "records of videos hold no results"


def test_progress_is_not_played_where_none_is_told() -> None:
    family = read(effective("canonical"), "canonical").families[0]
    fractions = Effects(mutations=("progress-in-fractions",))
    assert why_not(fractions, family) == f"{family.name} tells no progress in percent"


def test_failed_task_in_foreign_words(client: Client, mock: Account) -> None:
    mock.scenario("fail+foreign-status")
    task = client.create()
    mock.clock.advance(60)
    assert client.task(task)["task_status"] == "FAILURE"


def test_results_are_renewed_by_asking_about_the_task_again(client: Client, mock: Account) -> None:
    mock.scenario("results-renewed")
    task = client.create()
    mock.clock.advance(60)
    link = client.task(task)["task_result"]["images"][0]["url"]
    assert [client.get(link, Authorization="").status for _ in range(2)] == [403, 403]
    assert client.task(task)["task_status"] == "succeed"
    assert client.get(link, Authorization="").status == 200
