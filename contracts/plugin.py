"""The pytest plugin: `understudy`, a fresh account in each test, and `understudy_server`, the mock.

@pytest.mark.understudy(scenario="fail:reason=internal", rate=0)
def test_client_reports_the_reason(understudy):
    job = start_my_client(understudy.url, understudy.api_key)
    understudy.clock.advance(120)
    assert job.error == "Internal error, please try again later"

It is a front door over `understudy.contracts.testing`, which is imported when a test asks for it, and not
before: this module is loaded in every run of pytest once the package is installed.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from understudy.contracts.testing import Account, MockServer

# The suite of promises, `pytest --pyargs contracts.suite`: its options must be known before it is found.
pytest_plugins = ["understudy.contracts.suite.plugin"]

MARKER = FIXTURE = "understudy"
ACCOUNT = pytest.StashKey["Account"]()
# Of a conversation below a failed test, from its beginning and from its end.
SHOWN_LINES = 40
# What a test's tasks would have cost, as a property of its report: it comes through from xdist's workers.
UNITS = "understudy_units"
MOST_NAMED = 10
OPTIONS = ("provider", "scenario", "pace", "rate")
ABOUT = (
    f"{MARKER}(provider='kling', scenario='fail', pace='realistic', rate=0): what `understudy` is. "
    "provider: a profile's name; scenario: see GET /__understudy__/scenarios; pace: instant, fast, realistic "
    "or 'after N polls'; rate: how fast the test's own clock runs, 0 by hand only."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("understudy", "a mock of asynchronous AI media APIs")
    group.addoption(
        "--understudy-server",
        metavar="URL",
        help="Use the mock that runs there (understudy serve) instead of starting one. Its webhook secret, "
        "if it has one, is taken from UNDERSTUDY_WEBHOOK_SECRET, its control key from "
        "UNDERSTUDY_CONTROL_KEY.",
    )
    group.addoption(
        "--understudy-costs",
        action="store_true",
        help="Say at the end what the tests' tasks would have cost at their providers, in units.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", ABOUT)


@pytest.fixture(scope="session")
def understudy_server(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """A mock server that plays every provider, for the whole session (of a worker, under xdist)."""
    # Here: a run of pytest that uses no fixture of ours loads none of this.
    from understudy.contracts import testing

    url = pytestconfig.getoption("--understudy-server")
    if url:
        yield testing.MockServer(
            url,
            webhook_secret=os.environ.get("UNDERSTUDY_WEBHOOK_SECRET", ""),
            control_key=os.environ.get("UNDERSTUDY_CONTROL_KEY", ""),
        )
        return
    with testing.mock_server() as server:
        yield server


@pytest.fixture
def understudy(request: pytest.FixtureRequest, understudy_server: MockServer) -> Iterator[Account]:
    """A fresh account at a provider: its own key, tasks, time, scenarios and journal."""
    account = _account(request.node, understudy_server)
    request.node.stash[ACCOUNT] = account
    yield account
    if request.config.getoption("--understudy-costs"):
        request.node.user_properties.append((UNITS, account.units))
    account.reset()


def _account(node: Any, server: MockServer) -> Account:
    """The account that the markers of a test ask for."""
    from understudy.specs.errors import UnderstudyError  # here: as above

    wanted = _marked(node)
    try:
        return server.account(**wanted)
    except UnderstudyError as error:
        wrong = str(error)
    # Outside of the handler, so that the error is told once.
    pytest.fail(f"@pytest.mark.{MARKER}: {wrong}", pytrace=False)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marker on a test that does not use the fixture would do nothing: say so."""
    marked = any(mark.name == MARKER for mark in item.own_markers)
    if marked and FIXTURE not in getattr(item, "fixturenames", ()):
        text = f"the test does not use the fixture `{FIXTURE}`, which the marker is for"
        pytest.fail(f"@pytest.mark.{MARKER}: {text}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what was said between the client and the mock below a test that failed, or could not be set up."""
    report = yield
    if report.when != "teardown" and report.failed:
        for name, account in _accounts(item):
            title = "conversation with the mock" + ("" if name == FIXTURE else f" ({name})")
            report.sections.append((title, _said(account)))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the tests would have cost at the providers; the dearest first."""
    if not config.getoption("--understudy-costs"):
        return
    costs: dict[str, float] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                costs[report.nodeid] = sum(v for name, v in report.user_properties if name == UNITS)
    dearest = sorted(((units, test) for test, units in costs.items() if units), key=lambda c: (-c[0], c[1]))
    terminalreporter.section("cost at the provider, had this not been the mock")
    terminalreporter.line(f"{sum(units for units, _ in dearest):g} units, in {len(dearest)} tests")
    for units, test in dearest[:MOST_NAMED]:
        terminalreporter.line(f"{units:>8g}  {test}")
    if len(dearest) > MOST_NAMED:
        terminalreporter.line(f"          and {len(dearest) - MOST_NAMED} more")


def _accounts(item: pytest.Item) -> list[tuple[str, Account]]:
    """(name of the fixture, account) of each account that the test was given."""
    testing = sys.modules.get("understudy.contracts.testing")
    if testing is None:
        return []
    found: dict[str, tuple[str, Account]] = {}
    # Of a test that could not be set up the arguments are not complete.
    given = {FIXTURE: item.stash.get(ACCOUNT, None), **getattr(item, "funcargs", {})}
    for name, value in given.items():
        if isinstance(value, testing.Account):
            found.setdefault(value.api_key, (name, value))
    return list(found.values())


def _said(account: Account) -> str:
    """The conversation; of a long one the beginning and the end."""
    try:
        lines = account.conversation().splitlines()
    except Exception as error:  # noqa: BLE001 - the test's own failure must be seen whatever happens here
        return f"cannot be shown: {error}"
    left_out = len(lines) - 2 * SHOWN_LINES
    if left_out > 0:
        lines[SHOWN_LINES:-SHOWN_LINES] = [f"… {left_out} lines more"]
    return "\n".join(lines)


def _marked(node: Any) -> dict[str, Any]:
    """The options of all markers on a test, those nearer to it winning."""
    wanted: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers(MARKER))):
        strange = [repr(a) for a in marker.args] + sorted(marker.kwargs.keys() - set(OPTIONS))
        if strange:
            known = ", ".join(f"{name}=" for name in OPTIONS)
            pytest.fail(f"@pytest.mark.{MARKER}: unknown option {strange[0]}; known: {known}", pytrace=False)
        wanted |= marker.kwargs
    return wanted
