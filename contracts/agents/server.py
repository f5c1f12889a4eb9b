"""The MCP server: its tools give data; what a tool cannot do is an error that says what to do instead."""

from __future__ import annotations

import contextlib
import functools
import inspect
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from understudy.contracts.agents import command_tools
from understudy.contracts.agents.mock_tools import LookingTools, StartingTools, SteeringTools
from understudy.contracts.agents.mocks import Mocks
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

INSTRUCTIONS = (
    "Understudy plays asynchronous AI media APIs (create a task, poll it or be called back, fetch the "
    "result) without a key, money or a network. Start with start_mock, then send_example, advance_clock, "
    "query_task. Time stands still until advance_clock moves it. choose_scenario makes the mock misbehave; "
    "read_journal and explain_refusal say what happened. verify_url checks a provider, grade_client checks a "
    "client program, compare_documents compares two APIs, import_page makes a provider that start_mock can "
    "play from pages."
)


def helpful(tool: Callable[..., Any]) -> Callable[..., Any]:
    """`tool`, with an UnderstudyError returned to the agent as its text."""

    @functools.wraps(tool)
    async def call(*args: Any, **named: Any) -> Any:
        try:
            told = tool(*args, **named)
            return await told if inspect.isawaitable(told) else told
        except UnderstudyError as error:
            raise ToolError(str(error)) from error

    return call


def tools_of(holder: object) -> Iterator[Callable[..., Any]]:
    """The public methods of an object of tools, in the order in which they are written."""
    for name in vars(type(holder)):
        if not name.startswith("_"):
            yield getattr(holder, name)


def make_server(*, run_programs: bool = True) -> MCPServer[Mocks]:
    """The server with all its tools; mocks that it started end with it.

    `run_programs`: whether there is grade_client, which runs a command line that the agent gives.
    """
    mocks = Mocks()

    @contextlib.asynccontextmanager
    async def lifespan(_: MCPServer[Mocks]) -> AsyncIterator[Mocks]:
        try:
            yield mocks
        finally:
            mocks.close()

    server: MCPServer[Mocks] = MCPServer(
        "understudy",
        title="Understudy",
        instructions=INSTRUCTIONS,
        version=version("understudy"),
        lifespan=lifespan,
        log_level="WARNING",
    )
    changing: list[Callable[..., Any]] = [
        *tools_of(StartingTools(mocks)),
        *tools_of(SteeringTools(mocks)),
        command_tools.verify_url,
        command_tools.compare_documents,
        command_tools.import_page,
        *([command_tools.grade_client] if run_programs else []),
    ]
    looking: list[Callable[..., Any]] = [
        *tools_of(LookingTools(mocks)),
        command_tools.list_providers,
        command_tools.show_provider,
    ]
    for tool in changing:
        server.add_tool(helpful(tool))
    for tool in looking:
        server.add_tool(helpful(tool), annotations=ToolAnnotations(read_only_hint=True))
    return server
