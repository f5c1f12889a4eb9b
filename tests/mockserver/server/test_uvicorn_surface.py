"""uvicorn's private parts that our protocol stands on: when a new version moves one, this says which.

`pyproject.toml` caps the version. To raise the cap: install the new one, run this, read what it names.
"""

from __future__ import annotations

import inspect
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import uvicorn
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

# What `MockProtocol` calls or sets on the protocol, beside asyncio's and httptools' own callbacks.
ATTRIBUTES = {
    "access_log", "access_logger", "app", "client", "cycle", "flow", "headers",
    "expect_100_continue", "logger", "loop", "parser", "pipeline", "scheme", "scope", "server",
    "server_state", "tasks", "timeout_keep_alive", "transport", "url",
}  # fmt: skip
METHODS = {
    "_start_asgi_task": ["self", "cycle", "app"],
    "on_response_complete": ["self"],
    "on_headers_complete": ["self"],
    "on_message_begin": ["self"],
    "on_message_complete": ["self"],
    "on_body": ["self", "body"],
    "send_400_response": ["self", "msg"],
    "connection_made": ["self", "transport"],
    "connection_lost": ["self", "exc"],
}
CYCLE = [
    "self", "scope", "transport", "flow", "logger", "access_logger", "access_log", "default_headers",
    "message_event", "expect_100_continue", "keep_alive", "on_response",
]  # fmt: skip
OF_A_CYCLE = {
    "body", "default_headers", "disconnected", "keep_alive", "message_event", "more_body",
    "response_complete", "response_started", "scope", "waiting_for_100_continue",
}  # fmt: skip
INSTALLED = f"uvicorn {version('uvicorn')}"


def assigned(kind: type) -> set[str]:
    """The attributes that a class sets on `self`, anywhere in it."""
    return set(re.findall(r"self\.(\w+)\s*(?::[^=\n]+)?=", inspect.getsource(kind)))


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_protocol_still_has_the_attribute(name: str) -> None:
    assert name in assigned(HttpToolsProtocol), f"{INSTALLED}: HttpToolsProtocol.{name} moved"


@pytest.mark.parametrize("name", METHODS)
def test_protocol_still_has_the_method(name: str) -> None:
    found = getattr(HttpToolsProtocol, name, None)
    assert found is not None, f"{INSTALLED}: HttpToolsProtocol.{name} moved"
    assert list(inspect.signature(found).parameters) == METHODS[name]


@pytest.mark.parametrize("name", sorted(OF_A_CYCLE))
def test_cycle_still_has_the_attribute(name: str) -> None:
    assert name in assigned(RequestResponseCycle), f"{INSTALLED}: RequestResponseCycle.{name} moved"


def test_cycle_is_still_made_as_we_make_it() -> None:
    assert list(inspect.signature(RequestResponseCycle.__init__).parameters) == CYCLE


@pytest.mark.parametrize("name", ["pause_reading", "resume_reading", "read_paused", "write_paused"])
def test_flow_control_still_has(name: str) -> None:
    flow = httptools_impl.FlowControl
    assert hasattr(flow, name) or name in assigned(flow)


@pytest.mark.parametrize("name", ["connections", "default_headers", "tasks", "total_requests"])
def test_server_state_still_has(name: str) -> None:
    assert name in assigned(ServerState)


@pytest.mark.parametrize(
    "name",
    [
        "force_exit",
        "handle_exit",
        "lifespan",
        "main_loop",
        "on_tick",
        "run",
        "servers",
        "should_exit",
        "shutdown",
        "started",
        "startup",
    ],
)
def test_server_still_has(name: str) -> None:
    assert hasattr(uvicorn.Server, name) or name in assigned(uvicorn.Server)


def test_installed_version_is_one_that_the_project_allows() -> None:
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    found = re.search(r'"uvicorn>=([\d.]+),<([\d.]+)"', project)
    assert found is not None
    low, high = ([int(n) for n in text.split(".")] for text in found.groups())
    assert low <= [int(n) for n in version("uvicorn").split(".")[:2]] < high
