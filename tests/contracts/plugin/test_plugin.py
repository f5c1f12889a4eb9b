"""The plugin as its users meet it: small test files run by pytest in a process of its own."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

# What an inner run imports is taken out of sys.modules after it, and C extensions do not stand that.
import understudy.mockserver.control.routes
import understudy.mockserver.server  # noqa: F401
from understudy import mock_server

pytest_plugins = ["pytester"]

WORLD = """
import json, time, urllib.request
import pytest

def ask(account, method, path, body=None):
    request = urllib.request.Request(account.url + path, method=method)
    request.add_header("Authorization", f"Bearer {account.api_key}")
    if body is not None:
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["data"]

IMAGES = "/v1/images/multi-image2image"

def create(account, **more):
    body = {"subject_image_list": [{"subject_image": "https://example.com/cat.png"}], **more}
    return ask(account, "POST", IMAGES, body)["task_id"]

def status(account, task_id):
    return ask(account, "GET", f"{IMAGES}/{task_id}")["task_status"]
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Write a test file below the little world above, and run it; gives the outcome.

    Only the plugin is loaded, and xdist where it is asked for: the others would take longer than the tests.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def go(text, *options):
        pytester.makepyfile(test_it=WORLD + textwrap.dedent(text))
        parallel = "-n" in options
        start = pytester.runpytest_subprocess if parallel else pytester.runpytest_inprocess
        plugins = ("understudy.contracts.plugin", *(["xdist"] if parallel else []), "no:cacheprovider")
        chosen = [word for plugin in plugins for word in ("-p", plugin)]
        # In one process with the tests the plugin is imported already, which pytest before 8.4 warns of.
        strict = ("-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning")
        return start(*chosen, *strict, "--strict-markers", *options)

    return go


def test_two_minutes_pass_in_milliseconds(run):
    run(
        """
        @pytest.mark.understudy(pace="realistic", rate=0)
        def test_a_task_of_two_minutes(understudy):
            began, first = time.monotonic(), understudy.clock.now
            task = create(understudy)
            seen = [status(understudy, task)]
            while understudy.clock.advance_to_next():
                seen.append(status(understudy, task))
            understudy.clock.advance(120)
            assert seen == ["submitted", "processing", "succeed"]
            assert understudy.clock.now - first > 120_000
            assert time.monotonic() - began < 30
        """
    ).assert_outcomes(passed=1)


def test_marker_chooses_provider_scenario_and_pace_and_the_nearest_wins(run):
    run(
        """
        pytestmark = pytest.mark.understudy(provider="kling", scenario="fail:reason=internal", pace="instant")

        def test_from_the_module(understudy):
            assert understudy.url.endswith("/kling")
            assert status(understudy, create(understudy)) == "failed"

        @pytest.mark.understudy(scenario="")
        def test_from_the_test(understudy):
            assert understudy.url.endswith("/kling")
            assert status(understudy, create(understudy)) == "succeed"
        """
    ).assert_outcomes(passed=2)


@pytest.mark.parametrize("name", ["contracts", "specs", "mockserver"])
def test_project_may_have_packages_of_the_names_that_ours_have(name, tmp_path):
    """In the folder where pytest is started: they are the project's, and the mock works beside them."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("RATE = 3")
    (tmp_path / "test_mine.py").write_text(
        f"from {name} import RATE\n"
        "def test_mine(): assert RATE == 3\n"
        "def test_with_the_mock(understudy): assert understudy.tasks == []\n"
    )
    words = ("-m", "pytest", "-q", "-p", "understudy.contracts.plugin", "-p", "no:cacheprovider")
    env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_account_is_fresh_in_each_test_and_the_server_the_same(run):
    run(
        """
        seen = []

        @pytest.mark.parametrize("n", range(2))
        def test_it(n, understudy, understudy_server):
            assert (understudy.journal, understudy.tasks, understudy.callbacks) == ([], [], [])
            create(understudy)
            seen.append((understudy.api_key, understudy_server.url))

        def test_afterwards(understudy_server):
            (one, here), (two, there) = seen
            assert one != two and here == there == understudy_server.url
            assert understudy_server.account(key=one).journal == []
        """
    ).assert_outcomes(passed=3)


def test_handle_plays_faults_and_tells_what_was_asked(run):
    run(
        """
        import urllib.error

        def test_it(understudy):
            understudy.fault("internal_error", next=2)
            for _ in range(2):
                with pytest.raises(urllib.error.HTTPError) as refused:
                    create(understudy)
                refused.value.close()
                assert refused.value.code == 500
            task = create(understudy)
            verdicts = [r["verdict"] for r in understudy.requests_to("create")]
            assert verdicts == ["internal_error", "internal_error", "accepted"]
            assert understudy.requests_to("query") == []
            understudy.finish(task, "failed", "internal")
            assert status(understudy, task) == "failed"
            assert len(understudy.requests_to(task=task)) == 2
        """
    ).assert_outcomes(passed=1)


def test_callbacks_have_been_sent_when_advance_returns(run):
    run(
        """
        import http.server, threading

        @pytest.fixture
        def receiver():
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                def log_message(self, *a):
                    pass
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.got = []
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            yield server
            server.shutdown()
            server.server_close()
            thread.join()

        @pytest.mark.understudy(rate=0)
        def test_it(understudy, receiver):
            create(understudy, callback_url=f"http://127.0.0.1:{receiver.server_port}/")
            understudy.clock.advance(60)
            assert [r["task_status"] for r in receiver.got] == ["submitted", "processing", "succeed"]
            assert [c["status"] for c in understudy.callbacks] == ["submitted", "processing", "succeed"]
        """
    ).assert_outcomes(passed=1)


def test_failed_test_shows_the_conversation_and_a_passed_one_does_not(run):
    text = """
        @pytest.mark.understudy(pace="instant")
        def test_it(understudy):
            task = create(understudy)
            assert status(understudy, task) == "{}"
        """
    failed = run(text.format("failed"))
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(
        [
            "*- conversation with the mock -*",
            "*0.000 s  POST /v1/images/multi-image2image → 200  submitted",
            "* s  GET /v1/images/multi-image2image/* → 200  succeed",
        ]
    )
    run(text.format("succeed"), "-rA").stdout.no_fnmatch_line("*conversation with the mock*")


def test_conversation_is_shown_of_accounts_by_another_name_and_of_a_setup_that_failed(run):
    done = run(
        """
        @pytest.fixture(scope="module")
        def shared(understudy_server):
            account = understudy_server.account(pace="instant")
            yield account
            account.reset()

        @pytest.fixture
        def ordered(understudy):
            status(understudy, create(understudy))
            raise ValueError("planted")

        @pytest.fixture
        def account(understudy):
            return understudy

        def test_shared(shared):
            create(shared)
            assert 0

        def test_renamed(account):
            for _ in range(100):
                provider_knows = account.requests_to(), ask(account, "GET", IMAGES + "?pageNum=1")
            assert 0

        def test_not_set_up(ordered):
            pass
        """,
        *("-p", "no:randomly"),
    )
    done.assert_outcomes(failed=2, errors=1)
    assert str(done.stdout).count("- conversation with the mock") == 3
    done.stdout.fnmatch_lines(
        ["*- conversation with the mock (shared) -*", "*POST /v1/images/*", "*… 20 lines more"]
    )
    done.stdout.fnmatch_lines(
        ["*ERROR at setup of test_not_set_up*", "*- conversation with the mock -*", "*GET /v1/*"]
    )


def test_coroutine_tests_use_the_same_fixture(run):
    run(
        """
        import asyncio

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        @pytest.mark.understudy(rate=0)
        async def test_it(understudy):
            task = await asyncio.to_thread(create, understudy)
            await understudy.aio.clock.advance(60)
            assert await asyncio.to_thread(status, understudy, task) == "succeed"
            assert len(await understudy.aio.journal) == 2
        """,
        *("-p", "anyio"),
    ).assert_outcomes(passed=1)


def test_class_and_unittest_and_a_thread_that_is_left_behind(run):
    run(
        """
        import threading, unittest

        @pytest.mark.understudy(rate=0, pace="realistic")
        class TestMarked:
            def test_class_marker(self, understudy):
                task = create(understudy)
                understudy.clock.advance(120)
                assert status(understudy, task) == "succeed"

            @pytest.mark.understudy(scenario="fail")
            def test_added_to_by_the_test(self, understudy):
                task = create(understudy)
                understudy.clock.advance(120)
                assert status(understudy, task) == "failed"

        class TestUnit(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def account(self, understudy):
                self.understudy = understudy

            def test_it(self):
                self.assertEqual(self.understudy.journal, [])

        def test_thread(understudy):
            task, polled = create(understudy), threading.Event()
            def poll():
                try:
                    while True:
                        status(understudy, task)
                        polled.set()
                except OSError:
                    pass  # the account is gone
            threading.Thread(target=poll, daemon=True).start()
            assert polled.wait(20)
        """
    ).assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("scenario='fial'", "@pytest.mark.understudy: *unknown scenario 'fial' (*known: *fail*"),
        (
            "provider='nobody'",
            "@pytest.mark.understudy: unknown provider 'nobody' (known: canonical, *",
        ),
        ("speed=3", "*unknown option speed; known: provider=, scenario=, pace=, rate="),
        ("'kling'", "*unknown option 'kling'; known: *"),
    ],
)
def test_marker_that_names_what_there_is_not_is_an_error_with_what_there_is(run, marker, message):
    done = run(f"@pytest.mark.understudy({marker})\ndef test_it(understudy):\n    pass\n")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([message])
    done.stdout.no_fnmatch_line("*contracts/handle.py*")


def test_twenty_tests_in_parallel_workers_on_one_server_each_have_their_own_time(run):
    """Four processes, one server: every test moves its clock as far as no other, and sees its task only."""
    with mock_server() as server:
        run(
            """
            @pytest.mark.understudy(rate=0, pace="realistic")
            @pytest.mark.parametrize("n", range(20))
            def test_it(n, understudy):
                first = understudy.clock.now
                task = create(understudy)
                for _ in range(4):
                    understudy.clock.advance(60 * n)
                assert understudy.clock.now - first == 240_000 * n
                assert status(understudy, task) == ("succeed" if n else "submitted")
                assert [t["id"] for t in understudy.tasks] == [task]
                assert len(understudy.requests_to()) == 2
            """,
            *("-n", "4", "--understudy-server", server.url),
        ).assert_outcomes(passed=20)


def test_each_worker_starts_its_own_server_when_none_is_given(run):
    run(
        """
        @pytest.mark.parametrize("n", range(4))
        def test_it(n, understudy):
            create(understudy)
            assert len(understudy.journal) == 1
        """,
        *("-n", "2"),
    ).assert_outcomes(passed=4)


def test_installing_the_package_is_all_that_pytest_needs(pytestconfig):
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"understudy": "understudy.contracts.plugin"}
    points = [p.value for p in importlib.metadata.entry_points(group="pytest11", name="understudy")]
    if points:  # a checkout that was installed before the plugin was there has none
        assert points == ["understudy.contracts.plugin"]
        assert pytestconfig.pluginmanager.get_plugin("understudy").__name__ == "understudy.contracts.plugin"


def test_loading_the_plugin_loads_nothing_heavy():
    code = """
import sys
import pytest
before = set(sys.modules)
import understudy.contracts.plugin
print(sorted(name for name in set(sys.modules) - before if name.partition(".")[0] != "understudy"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_marker_without_the_fixture_is_an_error_that_says_so(run):
    done = run(
        """
        @pytest.mark.understudy(scenario="fail")
        def test_it():
            pass

        @pytest.mark.understudy(scenario="fail")
        class TestShared:
            def test_with(self, understudy):
                pass

            def test_without(self):
                pass
        """
    )
    done.assert_outcomes(passed=2, errors=1)
    done.stdout.fnmatch_lines(
        ["@pytest.mark.understudy: the test does not use the fixture `understudy`, which the marker is for*"]
    )


@pytest.mark.parametrize(
    "act", ["understudy.pace('slowly')", "understudy.fault('fial')", "understudy_server.account('nobody')"]
)
def test_error_of_the_mock_is_printed_once_and_without_our_frames(run, act):
    done = run(f"def test_it(understudy, understudy_server):\n    {act}\n")
    done.assert_outcomes(failed=1)
    text = str(done.stdout)
    assert "contracts/handle.py" not in text
    assert "The above exception" not in text
    assert "During handling" not in text
    assert text.count("Traceback") == 0


def test_server_that_does_not_answer_is_one_error_without_our_frames(run):
    done = run("def test_it(understudy):\n    pass\n", "--understudy-server", "http://127.0.0.1:9")
    done.assert_outcomes(errors=1)
    text = str(done.stdout)
    assert "http://127.0.0.1:9: no answer from the mock" in text
    # The summary's line may repeat it: pytest shortens that one, but not where CI is set.
    assert text.count("\n@pytest.mark.understudy: http://127.0.0.1:9: no answer from the mock") == 1
    assert "contracts/handle.py" not in text


COSTS = """
def test_dear(understudy):
    create(understudy, n=3)
    create(understudy)

@pytest.mark.understudy(scenario="fail-at-once")
def test_failed(understudy):
    create(understudy)

def test_cheap(understudy):
    create(understudy)

def test_free():
    pass
"""


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_costs_are_summed_up_by_test_and_what_failed_costs_nothing(run, options):
    done = run(COSTS, "--understudy-costs", *options)
    done.assert_outcomes(passed=4)
    done.stdout.fnmatch_lines(
        ["*cost at the provider*", "5 units, in 2 tests", "*4  *::test_dear", "*1  *::test_cheap"]
    )


def test_nothing_is_said_of_costs_unless_asked(run):
    assert "cost at the provider" not in run(COSTS).stdout.str()
