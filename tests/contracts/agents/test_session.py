"""An agent's session with the official MCP client, over standard input and output and over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from tests.docs.readme import block
from tests.mocks import mock_account

from understudy.contracts.agents.server import make_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "fixtures/docs/chainhub-multi-image2video.md"


class ToolRefusedError(AssertionError):
    """A tool's error, in its own words."""


class Agent:
    """What a script needs of a client: call a tool by name, get its data or its words."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await self.client.call_tool(tool, arguments)
        if result.is_error:
            raise ToolRefusedError(result.content[0].text)  # type: ignore[union-attr]
        return dict(result.structured_content or {})


def in_session(script: Callable[[Agent], Awaitable[None]]) -> None:
    """Run `script` in a session with a server in this process."""

    async def run() -> None:
        async with Client(make_server()) as client:
            await script(Agent(client))

    asyncio.run(run())


def test_every_tool_has_a_schema_that_says_what_each_argument_is() -> None:
    async def script(agent: Agent) -> None:
        tools = (await agent.client.list_tools()).tools
        silent = [
            f"{tool.name}.{name}"
            for tool in tools
            for name, schema in tool.input_schema.get("properties", {}).items()
            if not schema.get("description")
        ]
        assert (silent, [tool.name for tool in tools if not tool.description]) == ([], [])
        assert {tool.name for tool in tools} == {
            "start_mock", "attach_mock", "stop_mock", "list_mocks",
            "send_example", "query_task", "advance_clock", "choose_scenario", "finish_task", "reset_account",
            "list_scenarios", "list_tasks", "read_journal", "read_callbacks", "explain_refusal",
            "list_providers", "show_provider", "import_page",
            "verify_url", "grade_client", "compare_documents",
        }  # fmt: skip

    in_session(script)


async def whole_session(agent: Agent, folder: Path) -> None:
    """Import a page, serve it, create, advance, see the callback, find a refusal's reason."""
    imported = await agent("import_page", sources=[str(PAGE)], name="acme", folder=str(folder))
    mock = await agent("start_mock", providers=[imported["report"]["play"]])
    (family,) = {
        path.split("/")[-1]
        for path in mock["operations"]
        if path.startswith("POST") and path.endswith("/videos/multi-image2video")
    }

    created = await agent("send_example", family=family)
    assert created["state"] == "submitted"
    moved = [await agent("advance_clock"), await agent("advance_clock")]
    asked = await agent("query_task", task=created["task"], family=family)
    callbacks = await agent("read_callbacks", task=created["task"])
    assert [row["tasks"][0]["state"] for row in moved] == ["processing", "succeed"]
    assert (asked["state"], len(asked["results"])) == ("succeed", 1)
    assert [(row["status"], row["state"]) for row in callbacks["callbacks"]] == [
        ("submitted", "delivered"),
        ("processing", "delivered"),
        ("succeed", "delivered"),
    ]
    done = await agent("advance_clock")
    assert (done["changed"], "send_example" in done["next"]) == (False, True)

    refused = await agent("send_example", family=family, fields={"duration": "7"})
    why = await agent("explain_refusal")
    assert (refused["task"], refused["next"]) == ("", "it was refused: explain_refusal says why")
    assert (why["kind"], why["field"]) == ("request", "duration")
    (broken,) = why["broken"]
    assert (broken["field"], broken["keyword"]) == ("/duration", "enum")
    document, _, line = broken["stated_in"].rpartition(":")
    assert (Path(document).name, line.isdecimal()) == (PAGE.name, True)


def test_session_in_process(tmp_path: Path) -> None:
    in_session(lambda agent: whole_session(agent, tmp_path))


def test_session_over_standard_input_and_output(tmp_path: Path) -> None:
    """As the README has it in an agent's settings."""
    settings = json.loads(block("agent"))["mcpServers"]["understudy"]

    async def run() -> None:
        command = str(Path(sys.executable).parent / settings["command"])
        parameters = StdioServerParameters(command=command, args=settings["args"], cwd=tmp_path)
        async with Client(stdio_client(parameters)) as client:
            await whole_session(Agent(client), tmp_path)

    asyncio.run(run())


@pytest.fixture
def served_over_http() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-P", "-m", "understudy", "mcp", "--http", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(500):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/mcp"
        process.terminate()


def test_session_over_http_offers_no_programs_to_run(served_over_http: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with Client(served_over_http) as client:
            await whole_session(Agent(client), tmp_path)
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert "grade_client" not in names

    asyncio.run(run())


@pytest.mark.parametrize("header", [{"Origin": "https://attacker.example"}, {"Host": "attacker.example"}])
def test_page_of_another_origin_cannot_call_tools(served_over_http: str, header: dict[str, str]) -> None:
    import urllib.error
    import urllib.request

    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}).encode()
    request = urllib.request.Request(served_over_http, body, {"Content-Type": "application/json", **header})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    refused.value.close()
    assert refused.value.code in (403, 421)


def test_mocks_have_names_and_end_with_the_session() -> None:
    urls: list[str] = []

    async def script(agent: Agent) -> None:
        first = await agent("start_mock")
        second = await agent("start_mock", providers=["chainhub"], name="reseller")
        urls.extend([first["url"], second["url"]])
        listed = await agent("list_mocks")
        assert [row["mock"] for row in listed["mocks"]] == ["mock-1", "reseller"]
        with pytest.raises(ToolRefusedError, match=r"several mocks are running.*known: mock-1, reseller"):
            await agent("list_tasks")
        with pytest.raises(ToolRefusedError, match=r"unknown mock 'resellr' \(did you mean reseller\?"):
            await agent("list_tasks", mock="resellr")
        assert await agent("stop_mock", mock="mock-1") == {"stopped": "mock-1"}
        assert await agent("list_tasks") == {"tasks": []}

    in_session(script)
    for url in urls:
        host, _, port = url.removeprefix("http://").partition(":")
        with pytest.raises(OSError):  # noqa: PT011 - whichever the system says
            socket.create_connection((host, int(port)), 1).close()


def test_attached_mock_is_used_and_goes_on() -> None:
    async def script(agent: Agent) -> None:
        first = await agent("start_mock")
        attached = await agent("attach_mock", url=first["url"], name="elsewhere")
        created = await agent("send_example", mock="elsewhere")
        assert attached["api_key"] != first["api_key"]
        await agent("advance_clock", seconds=60, mock="elsewhere")
        assert (await agent("query_task", task=created["task"], mock="elsewhere"))["state"] == "succeed"
        assert await agent("list_tasks", mock=first["mock"]) == {"tasks": []}
        await agent("stop_mock", mock="elsewhere")
        assert (await agent("list_mocks"))["mocks"][0]["url"] == first["url"]

    in_session(script)


def test_attached_mock_that_is_closed_is_opened_by_its_keys() -> None:
    async def script(agent: Agent) -> None:
        with mock_account(keys=("own-key",), control_key="c" * 20) as mock:
            with pytest.raises(ToolRefusedError, match="X-Understudy-Control-Key"):
                await agent("attach_mock", url=mock.url)
            assert await agent("list_mocks") == {"mocks": []}
            await agent("attach_mock", url=mock.url, name="own", api_key="own-key")
            await agent("attach_mock", url=mock.url, name="all", api_key="own-key", control_key="c" * 20)
            for name in ("own", "all"):
                assert (await agent("send_example", mock=name, callbacks=False))["state"] == "submitted"

    in_session(script)


HELP = [
    ("list_tasks", {}, "no mock is running (start one with start_mock)"),
    ("start_mock", {"providers": ["klng"]}, "did you mean kling"),
    ("attach_mock", {"url": "http://127.0.0.1:1"}, "no answer from the mock"),
    ("compare_documents", {"base": "canonical", "revision": "nope.yaml"}, "nope.yaml"),
    ("import_page", {"sources": ["gone.md"], "name": "acme"}, "gone.md"),
    ("verify_url", {"url": "ftp://x"}, "ftp"),
    ("grade_client", {"command": ["no-such-program"]}, "no-such-program"),
    ("show_provider", {"provider": "nobody"}, "known: canonical"),
]


@pytest.mark.parametrize(("tool", "arguments", "words"), HELP, ids=[row[0] for row in HELP])
def test_error_says_what_to_do(tool: str, arguments: dict[str, Any], words: str, tmp_path: Path) -> None:
    async def script(agent: Agent) -> None:
        with pytest.raises(ToolRefusedError) as refused:
            await agent(tool, **arguments)
        assert words in str(refused.value)
        assert "Traceback" not in str(refused.value)

    in_session(script)


IN_A_MOCK = [
    ("choose_scenario", {"scenario": "fial"}, "fail"),
    ("send_example", {"family": "sculptures"}, "known: "),
    ("send_example", {"provider": "nobody"}, "known: canonical"),
    ("finish_task", {"task": "1234"}, "1234"),
    ("read_journal", {"verdict": "invalid"}, "known: "),
    ("explain_refusal", {}, "nothing has been refused"),
    ("advance_clock", {"seconds": -1}, "greater than or equal to 0"),
]


@pytest.mark.parametrize(("tool", "arguments", "words"), IN_A_MOCK)
def test_error_about_a_mock_says_what_to_do(tool: str, arguments: dict[str, Any], words: str) -> None:
    async def script(agent: Agent) -> None:
        await agent("start_mock")
        with pytest.raises(ToolRefusedError) as refused:
            await agent(tool, **arguments)
        assert words in str(refused.value)

    in_session(script)


def test_commands_give_their_verdict_and_what_is_wrong() -> None:
    async def script(agent: Agent) -> None:
        mock = await agent("start_mock", clock_rate=1, pace="fast")
        verified = await agent("verify_url", url=mock["url"], only=["refusal-creates-nothing"])
        drifted = await agent("compare_documents", base="canonical", revision="chainhub")
        graded = await agent(
            "grade_client",
            command=[sys.executable, "resubmits.py"],
            scenarios="create-times-out-at-the-provider",
            folder=str(ROOT / "fixtures/clients"),
        )
        assert verified["outcome"] in ("well", "could not tell")
        assert (drifted["outcome"], drifted["report"]["base"]) == ("broken", "canonical")
        assert graded["outcome"] == "broken"
        assert [row["id"] for row in graded["report"]["rows"]] == ["submits-once"]

    in_session(script)


def test_scenario_is_seen_in_the_journal_and_in_the_reason() -> None:
    async def script(agent: Agent) -> None:
        await agent("start_mock")
        found = (await agent("list_scenarios", search="too fast"))["scenarios"]
        await agent("choose_scenario", scenario=found[0]["name"], requests=1)
        await agent("send_example")
        why = await agent("explain_refusal")
        journal = await agent("read_journal", verdict="refused")
        assert why["kind"] == "pace"
        assert why["because"].startswith("a scenario asked for it")
        assert [row["scenario"] for row in journal["requests"]] == [found[0]["name"]]

    in_session(script)
