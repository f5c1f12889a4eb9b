"""`understudy drift NAME --live URL`, with the mock as the provider."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from contracts.cli import cli
from mockserver.server import understudy_server


def live(name: str, url: str, *more: str) -> tuple[int, Any]:
    result = CliRunner().invoke(cli, ["drift", name, "--live", url, "--api-key", "k", "--json", *more])
    return result.exit_code, json.loads(result.stdout)


def test_a_provider_that_keeps_to_its_document_takes_no_witness() -> None:
    with understudy_server("chainhub") as mock:
        code, data = live("chainhub", mock.url)
    assert data["exchanges"] >= 5
    assert [f["rule"] for f in data["findings"] if f["rule"] == "live-request-taken"] == []
    assert code == 0


def test_a_provider_that_takes_what_its_document_refuses_is_found_within_the_budget() -> None:
    with understudy_server("canonical") as mock:
        _, data = live("chainhub", mock.url, "--budget", "2")
    assert [f["rule"] for f in data["findings"] if f["rule"] == "live-request-taken"] != []
    assert data["exchanges"] == 2


def test_a_budget_of_nothing_sends_nothing() -> None:
    with understudy_server("chainhub") as mock:
        code, data = live("chainhub", mock.url, "--budget", "0")
    assert (code, data["exchanges"]) == (3, 0)


def test_a_provider_that_cannot_be_reached_is_one_error() -> None:
    result = CliRunner().invoke(cli, ["drift", "chainhub", "--live", "http://127.0.0.1:9"])
    with pytest.raises(Exception, match="cannot be reached"):
        raise result.exception
