"""`understudy drift NAME --live URL`, with the mock as the provider."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import urllib.request
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.mocks import mock_account

from understudy.contracts.cli import cli
from understudy.contracts.target import read_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

TWO = ("multi-image2image", "multi-image2video")
FAMILIES = read_target("canonical").families
KNOWN = {family.name: family.cost({}) + family.source_units for family in FAMILIES}
CHEAPEST = sorted(FAMILIES, key=lambda family: KNOWN[family.name])
FREE = {name for name, cost in KNOWN.items() if not cost}


def afforded(budget: str) -> dict[str, Decimal]:
    """The families of which a budget buys a task each, the cheapest first, and what a task costs."""
    sums = itertools.accumulate(KNOWN[family.name] for family in CHEAPEST)
    return {f.name: KNOWN[f.name] for f, cost in zip(CHEAPEST, sums, strict=True) if cost <= Decimal(budget)}


def undocumented(name: str) -> list[str]:
    """The families that a provider's documents do not describe, as the note about them."""
    target = read_target(name)
    names = target.left_out(target.asked())
    return [f"not documented by {name}: {', '.join(names)}"] if names else []


def dear(data: Any) -> tuple[set[str], str]:
    """(the families of which no task was bought, what is said of them)."""
    [note] = [one for one in data["notes"] if one.startswith("successes of ")]
    names, _, said = note.removeprefix("successes of ").partition(": ")
    return set(names.replace(" and ", ", ").split(", ")), said


def live(name: str, url: str, *more: str) -> tuple[int, Any]:
    result = CliRunner().invoke(cli, ["drift", name, "--live", url, "--api-key", "k", "--json", *more])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


def found(data: Any, *rules: str) -> list[tuple[str, str]]:
    return [(f["rule"], f["title"]) for f in data["findings"] if not rules or f["rule"] in rules]


@pytest.fixture(scope="module")
def kling() -> Iterator[Account]:
    with mock_account("kling", "instant") as mock:
        yield mock


@pytest.fixture(scope="module")
def chainhub() -> Iterator[Account]:
    """A provider of two families: what is found of each operation costs a tenth there."""
    with mock_account("chainhub", "instant") as mock:
        yield mock


@contextlib.contextmanager
def playing(provider: Account, scenario: str) -> Iterator[str]:
    """The URL of a provider that plays a scenario."""

    def say(body: dict[str, str], method: str = "POST") -> None:
        url = f"{provider.url}/__understudy__/scenario?account=k"
        asked = urllib.request.Request(url, json.dumps(body).encode(), method=method)
        urllib.request.urlopen(asked).close()

    say({"scenario": scenario})
    yield provider.url
    say({}, "DELETE")


# Providers whose documents describe one family or two -> tasks that 4 units buy: where it is one, it is asked
# for that one alone, which leaves money for another task.
FEW = {"chainhub": 2, "cometapi": 3, "yutoai": 3}


# `kling`, and so the canonical document, is shown to be clean with the tests of its budgets below; `newapi`
# describes all families, too, and is asked as many requests.
KEEPING = ["chainhub", "cometapi", "yutoai", *(["newapi"] if os.environ.get("UNDERSTUDY_LONG") else [])]


@pytest.mark.parametrize("name", KEEPING)
def test_a_provider_that_keeps_to_its_document_shows_nothing(name: str) -> None:
    with mock_account(name, "instant") as mock:
        code, data = live(name, mock.url, "--budget", "4")
    assert found(data, "live-field-never-seen") == found(data)
    notes = [note for note in data["notes"] if not note.startswith("successes of ")]
    assert (code, data["stopped"], notes) == (0, "", undocumented(name))
    if name in FEW:
        assert (data["spent"], data["tasks"]) == ("4", FEW[name])
        return
    bought = afforded("4")
    assert sum(bought.values()) <= Decimal(data["spent"]) <= 4
    assert dear(data)[0] == KNOWN.keys() - bought.keys()


def test_without_a_budget_only_free_requests_are_sent(kling: Account) -> None:
    code, data = live("kling", kling.url)
    assert (code, data["spent"]) == (0, "0")
    # What costs nothing is bought without a budget, too.
    assert bool(data["tasks"]) == bool(FREE)
    assert dear(data) == (KNOWN.keys() - FREE, f"no task was bought; give --budget {sum(KNOWN.values())}")
    assert found(data, "live-answer-refused") == []
    assert data["exchanges"] > 100


def test_a_budget_shows_the_successes_of_the_cheapest_families(kling: Account) -> None:
    code, data = live("kling", kling.url, "--budget", "3")
    assert (code, found(data, "live-field-never-seen")) == (0, found(data))
    bought = afforded("3")
    assert dear(data) == (
        KNOWN.keys() - bought.keys(),
        f"no task was bought; give --budget {sum(KNOWN.values())}",
    )
    assert sum(bought.values()) <= Decimal(data["spent"]) <= 3
    assert data["tasks"] >= len(bought)


def test_a_provider_of_two_families_shows_both_for_three_units(chainhub: Account) -> None:
    # Once more: tasks that the account has by then are looked at, and were not bought.
    for _ in range(2):
        _, data = live("chainhub", chainhub.url, "--budget", "3")
        assert (data["spent"], data["tasks"], data["notes"]) == ("3", 2, undocumented("chainhub"))


WITNESSED = [
    ("code-as-string", "live-answer-refused", 'code: "0" is not of type "integer"'),
    ("unknown-status", "live-answer-refused", "data.task_status: "),
    ("extra-fields", "live-field-undocumented", "is never documented"),
    ("null-for-object", "live-answer-refused", "null is not of type"),
]


@pytest.mark.parametrize(("scenario", "rule", "title"), WITNESSED)
def test_what_the_document_does_not_say_is_found(
    chainhub: Account, scenario: str, rule: str, title: str
) -> None:
    """Each finding is shown by the answer that was seen, and said once, however many operations have it."""
    with playing(chainhub, scenario) as url:
        _, data = live("chainhub", url, "--budget", "3")
    titles = [t for r, t in found(data) if r == rule]
    assert any(title in t for t in titles), data["findings"]
    assert len(titles) == len(set(titles))
    refused = [f for f in data["findings"] if f["rule"] == "live-answer-refused" and f["area"] == "live"]
    assert all("witness" in f for f in refused if "not with JSON" not in f["title"])


def test_one_provider_in_place_of_another_is_found() -> None:
    with mock_account("cometapi", "instant") as mock:
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
    # Every operation of every family: a list is asked for where there is one.
    lists = [family for family in FAMILIES if family.behaviour.operations.list is not None]
    assert len(data["findings"][0]["reach"]) == 2 * len(FAMILIES) + len(lists) < 3 * len(FAMILIES)


def test_a_budget_that_goes_to_bad_requests_is_said() -> None:
    with mock_account("canonical", "instant") as mock:
        _, data = live("chainhub", mock.url, "--budget", "3")
    assert found(data, "live-request-taken") != []
    assert dear(data)[0] <= set(TWO)
    assert "went to requests that were taken although the document refuses them" in dear(data)[1]


def test_a_place_where_the_api_is_not_is_said_and_judged_by_nothing() -> None:
    with mock_account("replicate", "instant") as mock:
        code, data = live("kling", mock.url, "--budget", "3")
    assert (code, data["exchanges"], data["findings"]) == (3, 0, [])
    assert f"{mock.url} has nothing at {CHEAPEST[0].create_path}" in data["stopped"]


def test_a_proxy_that_answers_in_its_place_is_said(kling: Account) -> None:
    with playing(kling, "html") as url:
        code, data = live("kling", url)
    assert (code, data["exchanges"], "the provider is not healthy: 502" in data["stopped"]) == (3, 0, True)


def test_a_provider_that_cannot_be_reached_is_said() -> None:
    result = CliRunner().invoke(cli, ["drift", "chainhub", "--live", "http://127.0.0.1:9"])
    assert result.exit_code == 3, result.output
    assert "http://127.0.0.1:9: connection refused: nothing listens there; tried: GET" in result.output


def test_a_provider_elsewhere_wants_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNDERSTUDY_API_KEY", raising=False)
    result = CliRunner().invoke(cli, ["drift", "chainhub", "--live", "https://api.example.com/kling"])
    with pytest.raises(Exception, match="set UNDERSTUDY_API_KEY"):
        raise result.exception


def test_an_unreadable_budget_is_a_usage_error() -> None:
    result = CliRunner().invoke(cli, ["drift", "kling", "--live", "http://127.0.0.1:9", "--budget", "much"])
    assert (result.exit_code, "units must be a number" in result.output) == (2, True)
