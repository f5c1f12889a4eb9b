"""`understudy drift NAME --live URL`, with the mock as the provider."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from contracts.cli import cli
from mockserver.server import Mock, understudy_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED_FREELY = "successes of multi-image2image and multi-image2video: no task was bought; give --budget 3"


def live(name: str, url: str, *more: str) -> tuple[int, Any]:
    result = CliRunner().invoke(cli, ["drift", name, "--live", url, "--api-key", "k", "--json", *more])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


def found(data: Any, *rules: str) -> list[tuple[str, str]]:
    return [(f["rule"], f["title"]) for f in data["findings"] if not rules or f["rule"] in rules]


@pytest.fixture(scope="module")
def kling() -> Iterator[Mock]:
    with understudy_server("kling", "instant") as mock:
        yield mock


@pytest.fixture
def playing(kling: Mock, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a provider that plays the scenario which the test names."""

    def say(body: dict[str, str], method: str = "POST") -> None:
        url = f"{kling.url}/__understudy__/scenario?account=k"
        asked = urllib.request.Request(url, json.dumps(body).encode(), method=method)
        urllib.request.urlopen(asked).close()

    say({"scenario": request.param})
    yield kling.url
    say({}, "DELETE")


# Those whose documents describe one family are asked for that one alone, which leaves money for another task.
IMAGES_ALONE = ("cometapi", "yutoai")


@pytest.mark.parametrize("name", ["canonical", "kling", "chainhub", "cometapi", "newapi", "yutoai"])
def test_a_provider_that_keeps_to_its_document_shows_nothing(name: str) -> None:
    with understudy_server(name, "instant") as mock:
        code, data = live(name, mock.url, "--budget", "4")
    assert found(data, "live-field-never-seen") == found(data)
    one = name in IMAGES_ALONE
    notes, tasks = ([f"not documented by {name}: multi-image2video"], 3) if one else ([], 2)
    assert (code, data["stopped"], data["notes"], data["spent"], data["tasks"]) == (0, "", notes, "4", tasks)


def test_without_a_budget_only_free_requests_are_sent(kling: Mock) -> None:
    code, data = live("kling", kling.url)
    assert (code, data["spent"], data["tasks"], data["notes"]) == (0, "0", 0, [ASKED_FREELY])
    assert found(data, "live-answer-refused") == []
    assert data["exchanges"] > 100


def test_three_units_show_the_successes_of_both_families(kling: Mock) -> None:
    _, data = live("kling", kling.url, "--budget", "3")
    assert (data["spent"], data["tasks"], data["notes"]) == ("3", 2, [])


WITNESSED = [
    ("code-as-string", "live-answer-refused", 'code: "0" is not of type "integer"'),
    ("unknown-status", "live-answer-refused", "data.task_status: "),
    ("extra-fields", "live-field-undocumented", "is never documented"),
    ("null-for-object", "live-answer-refused", "null is not of type"),
]


@pytest.mark.parametrize(("playing", "rule", "title"), WITNESSED, indirect=["playing"])
def test_what_the_document_does_not_say_is_found(playing: str, rule: str, title: str) -> None:
    """Each finding is shown by the answer that was seen, and said once, however many operations have it."""
    _, data = live("kling", playing, "--budget", "3")
    titles = [t for r, t in found(data) if r == rule]
    assert any(title in t for t in titles), data["findings"]
    assert len(titles) == len(set(titles))
    refused = [f for f in data["findings"] if f["rule"] == "live-answer-refused" and f["area"] == "live"]
    assert all("witness" in f for f in refused if "not with JSON" not in f["title"])


def test_one_provider_in_place_of_another_is_found() -> None:
    with understudy_server("cometapi", "instant") as mock:
        code, data = live("kling", f"{mock.url}/kling", "--budget", "6")
    assert code == 1
    assert found(data, "live-answer-refused", "live-request-taken") == [
        ("live-answer-refused", 'code: "0" is not of type "integer"'),
        ("live-answer-refused", 'the answer: "data" is a required property'),
        (
            "live-request-taken",
            'takes a request that its document refuses: "kling-v2" is not one of "kling-v2-1"',
        ),
    ]
    assert len(data["findings"][0]["reach"]) == 6


def test_a_budget_that_goes_to_bad_requests_is_said() -> None:
    with understudy_server("canonical", "instant") as mock:
        _, data = live("chainhub", mock.url, "--budget", "3")
    assert found(data, "live-request-taken") != []
    assert "went to requests that were taken although the document refuses them" in data["notes"][0]


def test_a_place_where_the_api_is_not_is_said_and_judged_by_nothing() -> None:
    with understudy_server("cometapi", "instant") as mock:
        code, data = live("kling", mock.url, "--budget", "3")
    assert (code, data["exchanges"], data["findings"]) == (3, 0, [])
    assert f"{mock.url} has nothing at /v1/images/multi-image2image" in data["stopped"]


@pytest.mark.parametrize("playing", ["html"], indirect=True)
def test_a_proxy_that_answers_in_its_place_is_said(playing: str) -> None:
    code, data = live("kling", playing)
    assert (code, data["exchanges"], "the provider is not well: 502" in data["stopped"]) == (3, 0, True)


def test_a_provider_that_cannot_be_reached_is_said() -> None:
    result = CliRunner().invoke(cli, ["drift", "chainhub", "--live", "http://127.0.0.1:9"])
    assert result.exit_code == 3, result.output
    assert "http://127.0.0.1:9: connection refused: nobody listens there; tried: GET" in result.output


def test_a_provider_elsewhere_wants_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNDERSTUDY_API_KEY", raising=False)
    result = CliRunner().invoke(cli, ["drift", "chainhub", "--live", "https://api.example.com/kling"])
    with pytest.raises(Exception, match="set UNDERSTUDY_API_KEY"):
        raise result.exception


def test_an_unreadable_budget_is_a_usage_error() -> None:
    result = CliRunner().invoke(cli, ["drift", "kling", "--live", "http://127.0.0.1:9", "--budget", "much"])
    assert (result.exit_code, "units are a number" in result.output) == (2, True)
