"""An API whose calls a query or a header tells apart at one address is verified and recorded as any other."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner
from tests.contracts.record.test_described_apis import understudy
from tests.mockserver.described.test_axes import API, FAMILY

from understudy.contracts.cli.verify import verify
from understudy.contracts.har import read_har
from understudy.contracts.sample_request import SampleRequest, create_request, query_request
from understudy.contracts.target import read_target
from understudy.contracts.testing import mock_server

if TYPE_CHECKING:
    from pathlib import Path

KEY = {"in": "header", "name": "Authorization", "scheme": "Bearer"}
SIGNS = ["?Action=", "#X-Acme-Action="]


def described(folder: Path, sign: str, asked: str = "body") -> str:
    """The file of an API whose create and query stand at one address."""
    name = "/id" if asked == "body" else "id"
    family = {
        **FAMILY,
        "create": {"path": f"/{sign}SubmitJob", "schema": {"type": "object", "required": ["prompt"],
                   "properties": {"prompt": {"type": "string", "minLength": 1}}}},
        "query": {"path": f"/{sign}GetJob", "method": "POST", "id": {"in": asked, "name": name}},
    }  # fmt: skip
    file = folder / "acme" / "api.yaml"
    file.parent.mkdir()
    file.write_text(
        yaml.safe_dump({**API, "account": KEY, "families": {"jobs": family}}, sort_keys=False),
        encoding="utf-8",
    )
    return str(file)


def sent(url: str, request: SampleRequest) -> Any:
    """The JSON of the answer to a request."""
    headers = {"Content-Type": "application/json", **request.headers}
    data = json.dumps(request.body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}{request.target}", data, headers)) as answer:
        return json.load(answer)


@pytest.mark.parametrize("asked", ["body", "query"])
@pytest.mark.parametrize("sign", SIGNS)
def test_such_an_api_is_verified(tmp_path: Path, sign: str, asked: str) -> None:
    file = described(tmp_path, sign, asked)
    with mock_server(file, pace="after 2 polls") as server:
        result = CliRunner().invoke(
            verify, [server.url, "-p", file, "--budget", "2", "--generated", "2"], env={"GITHUB_ACTIONS": ""}
        )

    assert result.exit_code == 0, result.output
    assert "broken" not in result.output


@pytest.mark.parametrize("sign", SIGNS)
def test_requests_carry_what_tells_them_apart(tmp_path: Path, sign: str) -> None:
    behaviour = read_target(described(tmp_path, sign, "query")).families[0].behaviour
    create, query = create_request(behaviour, "k", {"prompt": "a"}), query_request(behaviour, "k", "7")

    if sign == SIGNS[0]:
        assert (create.target, query.target) == ("/?Action=SubmitJob", "/?Action=GetJob&id=7")
    else:
        assert (create.target, query.target) == ("/", "/?id=7")
        assert create.headers["X-Acme-Action"] == "SubmitJob"
        assert query.headers["X-Acme-Action"] == "GetJob"


@pytest.mark.parametrize("sign", SIGNS)
def test_a_recording_tells_the_create_from_the_query(tmp_path: Path, sign: str) -> None:
    file = described(tmp_path, sign)
    behaviour = read_target(file).families[0].behaviour
    with mock_server(file, pace="instant") as server:
        words = ("record", server.url, "-p", file, "--har", "run.har", "-q", "--report", "json=report.json")
        with understudy(tmp_path, *words) as (recorder, _):
            made = sent(recorder, create_request(behaviour, "k", {"prompt": "a"}))
            sent(recorder, query_request(behaviour, "k", made["id"]))

    roles = [exchange.role for exchange in read_har(tmp_path / "run.har").exchanges]
    assert roles == ["create", "poll"]
