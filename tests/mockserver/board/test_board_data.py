"""What a board is told: the page for browsers alone, its data, and what changes."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, VIDEO_REQUEST, Client

from understudy.mockserver.board import routes
from understudy.mockserver.board.sources import line_of
from understudy.specs import library

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "/__understudy__"
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


class Stream:
    """The events of one board, as they come."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def next(self) -> tuple[str, dict[str, Any]]:
        """(name, data) of the next event; beats are passed over."""
        name = ""
        for line in self._answer:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text[7:]
            elif text.startswith("data: "):
                return name, json.loads(text[6:])
        raise AssertionError("the stream has ended")

    def until(self, member: str) -> dict[str, Any]:
        """The next changes that have a member."""
        while member not in (data := self.next()[1]):
            pass
        return data


@contextlib.contextmanager
def events(client: Client, query: str = "") -> Iterator[Stream]:
    request = urllib.request.Request(f"{client.mock.url}{ROOT}/board/events{query}")
    request.add_header("Authorization", f"Bearer {client.key}")
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield Stream(answer)


@pytest.mark.parametrize(
    ("accept", "is_page"), [(HTML, True), ("*/*", False), ("", False), ("application/json", False)]
)
def test_the_root_is_a_page_for_browsers_alone(client: Client, accept: str, is_page: bool) -> None:
    answer = client.request("GET", "/", Accept=accept)
    assert answer.raw.startswith(b"<!doctype html>") is is_page
    assert is_page or answer.json["name"] == "understudy"


def test_no_script_runs_but_the_page_s_own_files(client: Client) -> None:
    answer = client.request("GET", "/", Accept=HTML)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == (
        "'none'",
        "'self'",
        "'self'",
    )
    page = answer.raw.decode()
    assert page.count("<script") == page.count('<script type="module" src="/__understudy__/board/') == 1
    assert " style=" not in page
    assert " onclick=" not in page


def test_every_asset_that_the_pages_name_is_there(client: Client) -> None:
    pages = [client.request("GET", path, Accept=HTML).raw.decode() for path in ("/", f"{ROOT}/docs")]
    named = {
        part.split('"')[0] for page in pages for part in page.replace("href=", "src=").split('src="')[1:]
    }
    scripts = [client.request("GET", name).raw.decode() for name in named if name.endswith(".js")]
    named |= {
        f"{ROOT}/board/{part.split(chr(34))[0]}" for text in scripts for part in text.split('from "./')[1:]
    }
    assert len(named) > 8
    assert {name: client.request("GET", name).status for name in sorted(named) if name.startswith(ROOT)} == {
        name: 200 for name in sorted(named) if name.startswith(ROOT)
    }


def test_a_server_that_nobody_looks_at_has_not_loaded_the_board() -> None:
    program = (
        "import sys, urllib.request\n"
        "from understudy.mockserver.server import serve_in_thread\n"
        "with serve_in_thread() as mock:\n"
        "    urllib.request.urlopen(mock.url + '/').close()\n"
        "heavy = ('understudy.mockserver.board', 'understudy.specs.report', 'rich', 'jinja2', 'PIL')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_snapshot_holds_tasks_requests_and_callbacks(client: Client) -> None:
    task = client.create({"prompt": "rain <b>", "external_task_id": "mine"})
    client.request("POST", IMAGE, {"n": 0})
    with events(client) as stream:
        name, data = stream.next()
    assert name == "snapshot"
    (row,) = data["tasks"]
    assert {n: row[n] for n in ("id", "account", "lane", "status", "text", "external_id", "kind")} == {
        "id": task, "account": client.key, "lane": "waiting", "status": "submitted", "text": "rain <b>",
        "external_id": "mine", "kind": "image",
    }  # fmt: skip
    assert [(r["operation"], r["verdict"]) for r in data["requests"]] == [
        ("create", "accepted"), ("create", "invalid_parameter"),
    ]  # fmt: skip
    assert (data["older"], data["deliveries"]) == (0, [])


def test_a_task_is_told_again_when_its_state_changes(client: Client) -> None:
    client.post(ROOT + "/clock", {"rate": 0})
    with events(client) as stream:
        stream.next()
        task = client.create()
        seen = [(row["id"], row["lane"]) for row in stream.until("tasks")["tasks"]]
        for _ in range(2):
            client.post(ROOT + "/clock/advance", {"to": "next"})
            seen += [(row["id"], row["lane"]) for row in stream.until("tasks")["tasks"]]
    assert seen == [(task, "waiting"), (task, "running"), (task, "succeeded")]


def test_a_task_that_is_finished_by_hand_is_told(client: Client) -> None:
    client.post(ROOT + "/clock", {"rate": 0})
    task = client.create()
    with events(client) as stream:
        stream.next()
        client.post(f"{ROOT}/tasks/{task}/finish", {"status": "failed", "reason": "internal"})
        (row,) = stream.until("tasks")["tasks"]
    assert (row["lane"], bool(row["reason"])) == ("failed", True)


def test_a_reset_begins_anew(client: Client) -> None:
    client.create()
    with events(client) as stream:
        assert len(stream.next()[1]["tasks"]) == 1
        client.post(ROOT + "/reset", {})
        while (event := stream.next())[0] != "snapshot":
            pass
    assert event[1]["tasks"] == []


def test_a_task_that_its_owner_deletes_is_gone() -> None:
    with mock_account("openai-videos", pace="instant") as mock:
        client = Client(mock)
        task = client.request("POST", "/v1/videos", {"prompt": "rain"}).json["id"]
        with events(client) as stream:
            assert [row["lane"] for row in stream.next()[1]["tasks"]] == ["succeeded"]
            assert client.request("DELETE", f"/v1/videos/{task}").status == 200
            assert stream.until("tasks")["tasks"] == [{"id": task, "gone": True}]
        with events(client) as stream:
            assert stream.next()[1]["tasks"] == []


def test_an_account_does_not_see_the_tasks_of_another(client: Client) -> None:
    client.create()
    other = Client(client.mock.server.account(key="other"))
    with events(other) as stream:
        assert stream.next()[1]["tasks"] == []


def test_a_task_is_shown_whole(client: Client) -> None:
    client.post(ROOT + "/clock", {"rate": 0})
    task = client.create({"callback_url": f"{client.mock.url}{ROOT}/inbox/x", "n": 2})
    client.post(ROOT + "/clock/advance", {"seconds": 5})
    client.get(f"{IMAGE}/{task}")
    shown = client.get(f"{ROOT}/board/tasks/{task}").json
    assert [one["status"] for one in shown["plan"]] == ["submitted", "processing", "succeed"]
    assert [one["operation"] for one in shown["requests"]] == ["create", "query"]
    assert [(one["status"], one["state"]) for one in shown["deliveries"]] == [
        ("submitted", "delivered"), ("processing", "delivered"), ("succeed", "delivered"),
    ]  # fmt: skip
    files = [client.request("GET", one["path"]) for one in shown["results"]]
    assert [file.raw[:4] for file in files] == [b"\x89PNG"] * 2
    # Who looks leaves no trace in what tests count.
    assert client.mock.server.account(key=client.key).count(operation="result") == 0


def test_a_refusal_names_the_field_and_the_line_that_states_it(client: Client) -> None:
    client.request("POST", IMAGE, {**IMAGE_REQUEST, "n": 99})
    with events(client) as stream:
        (row,) = stream.next()[1]["requests"]
    file, _, line = row["source"].rpartition(":")
    assert (row["field"], file) == ("n", "specs/canonical/openapi.yaml")
    assert "n" in row["why"]
    assert int(line) > 1


def test_the_line_of_a_provider_s_own_document_comes_first() -> None:
    place = line_of("chainhub", "/v1/images/multi-image2image", "subject_image_list[0].subject_image")
    assert place.partition(":")[0].endswith(".md")
    assert line_of("canonical", "/v1/images/multi-image2image", "no_such_field").startswith(
        "specs/canonical/"
    )
    assert line_of("canonical", "/nowhere", "n") == ""


def test_the_inbox_takes_callbacks_and_answers_what_it_is_told() -> None:
    with mock_account() as mock:
        client = Client(mock)
        assert client.post(f"{ROOT}/board/inbox", {"answer": 503}).json == {"answer": 503}
        assert client.request("POST", f"{ROOT}/inbox/x", b'{"hello": 1}').status == 503
        with events(client) as stream:
            (row,) = stream.next()[1]["received"]
        refused = client.post(f"{ROOT}/board/inbox", {"answer": 201})
    assert (row["answered"], row["body"]) == (503, {"hello": 1})
    assert (refused.status, "unknown answer 201" in refused.json["error"]) == (400, True)


def test_a_callback_is_sent_again_beside_what_is_owed(client: Client) -> None:
    client.post(ROOT + "/clock", {"rate": 0})
    task = client.create({"callback_url": f"{client.mock.url}{ROOT}/inbox/x"})
    sent = client.post(f"{ROOT}/deliveries/send", {"task": task}).json
    assert (sent["status"], sent["state"], sent["genuine"]) == ("submitted", "delivered", True)
    early = client.post(f"{ROOT}/deliveries/send", {"task": task, "status": "succeed"})
    assert (early.status, "was not succeed yet" in early.json["error"]) == (400, True)
    forged = client.post(f"{ROOT}/deliveries/send", {"task": task, "status": "failed", "forged": True}).json
    assert (forged["status"], forged["genuine"]) == ("failed", False)
    # The plan is as it was.
    client.post(ROOT + "/clock/advance", {"seconds": 5})
    assert client.get(f"{IMAGE}/{task}").data["task_status"] == "succeed"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"task": "1"}, "unknown task 1"),
        ({"task": "TASK"}, "asked for no callbacks"),
        ({"task": "CALLED", "status": "gone"}, "unknown state 'gone'"),
    ],
)
def test_a_callback_that_cannot_be_sent_is_refused(
    client: Client, body: dict[str, str], problem: str
) -> None:
    plain = client.create()
    called = client.create({"callback_url": f"{client.mock.url}{ROOT}/inbox/x"})
    filled = {n: v.replace("TASK", plain).replace("CALLED", called) for n, v in body.items()}
    answer = client.post(f"{ROOT}/deliveries/send", filled)
    assert (answer.status, problem in answer.json["error"]) == (400, True)


@pytest.mark.parametrize("provider", library.names())
def test_each_example_is_taken_as_it_is(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By every profile: Kling's resellers, and APIs with other keys, paths and states.

    One that names a result of an earlier task is taken with such a result's id, as it says.
    """
    # A board is looked at for each example; that one was closed, the server learns at its next heartbeat.
    monkeypatch.setattr(routes, "MOST_BOARDS", 100)
    with mock_account(provider, pace="instant") as mock:
        client = Client(mock)
        rows = client.get(f"{ROOT}/board/state").json["examples"]
        later = {row["family"] for row in rows if row.get("source")}
        task, results = "0", {}
        for row in sorted(rows, key=lambda row: row["family"] in later):
            if row.get("source"):
                named = next(results[family] for family in row["source"]["families"] if family in results)
                row["body"][row["source"]["place"].removeprefix("/")] = named
            key, headers = row["key"], dict(row["headers"])
            value = f"{key['scheme']} {client.key}" if key["scheme"] else client.key
            headers |= {"Authorization": "", key["name"]: value} if key["place"] == "header" else {}
            path = row["path"].replace("{id}", task)
            path += f"?{key['name']}={client.key}" if key["place"] == "query" else ""
            answer = client.request(row["method"], path, row.get("body"), **headers)
            assert 200 <= answer.status < 300, (row, answer.raw)
            made = re.search(rb'"videos": *\[{"id": *"(\d+)"', answer.raw)
            if row["operation"] == "query" and made:
                results[row["family"]] = made[1].decode()
            if row["operation"] == "create":
                with events(client) as stream:
                    (shown,) = stream.next()[1]["tasks"][:1]
                task = shown["id"]
                assert shown["lane"] == "succeeded"
                whole = client.get(f"{ROOT}/board/tasks/{task}").json
                assert client.get(whole["results"][0]["path"]).status == 200
                assert client.get(f"{ROOT}/board/thumbs/{task}").status == 200
        assert {row["operation"] for row in rows} >= {"create", "query"}


def test_known_keys_alone_see_the_board_and_each_its_own() -> None:
    with mock_account(keys=("one", "two")) as mock:
        one, two = Client(mock.server.account(key="one")), Client(mock.server.account(key="two"))
        one.create()
        stranger = Client(mock.server.account(key="three"))
        answers = {
            path: stranger.get(f"{ROOT}/board/{path}").status for path in ("state", "events", "tasks/1")
        }
        assert answers == {"state": 401, "events": 401, "tasks/1": 401}
        assert stranger.request("GET", "/", Accept=HTML).status == 200
        with events(one) as stream:
            assert len(stream.next()[1]["tasks"]) == 1
        with events(two, "?account=one") as stream:
            assert stream.next()[1]["tasks"] == []


@pytest.mark.parametrize("options", [{"keys": ("one",)}, {"host": "0.0.0.0"}, {"control_key": "control"}])
def test_data_needs_a_key_wherever_the_control_plane_does(options: dict[str, Any]) -> None:
    with mock_account(**options) as mock:
        client = Client(mock.server.account(key="one"))
        task = client.create()
        paths = ("state", "events", f"tasks/{task}", "requests/0")
        told = {
            path: client.request("GET", f"{ROOT}/board/{path}", Authorization="").status for path in paths
        }
        assert told == dict.fromkeys(paths, 401)
        assert client.request("POST", f"{ROOT}/board/inbox", {"answer": 500}, Authorization="").status == 401
        assert client.get(f"{ROOT}/board/tasks/{task}").status == 200


def test_the_reference_comes_packed_and_unpacked(client: Client) -> None:
    packed = client.request("GET", f"{ROOT}/docs/redoc.standalone.js", Accept_Encoding="gzip")
    plain = client.request("GET", f"{ROOT}/docs/redoc.standalone.js")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.raw) == plain.raw
    assert len(packed.raw) < 400_000


def test_films_and_pictures_have_thumbnails(client: Client) -> None:
    tasks = [
        client.create(),
        client.request("POST", "/v1/videos/multi-image2video", VIDEO_REQUEST).data["task_id"],
    ]
    drawn = [client.request("GET", f"{ROOT}/board/thumbs/{task}") for task in tasks]
    assert [one.raw[:4] for one in drawn] == [b"\x89PNG"] * 2
    assert max(len(one.raw) for one in drawn) < 4_000


def test_at_most_so_many_boards_are_open() -> None:
    with mock_account() as mock, contextlib.ExitStack() as stack:
        client = Client(mock)
        for _ in range(16):
            stack.enter_context(events(client)).next()
        answer = client.get(f"{ROOT}/board/events")
    assert (answer.status, answer.json["error"].split(" (")[0]) == (400, "16 boards are open already")
