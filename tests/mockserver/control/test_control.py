"""The control plane over HTTP, and the journal behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, VIDEO, Client

from understudy.contracts.testing import mock_server
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from tests.mockserver.conftest import Receiver

    from understudy.contracts.handle import Account

ROOT = "/__understudy__"


def test_overview_tells_operations_and_controls(client: Client) -> None:
    told = client.get("/").json
    assert told == client.get(ROOT).json == client.get(ROOT + "/").json
    assert f"POST /kling{IMAGE}" in told["operations"]
    assert client.get(ROOT + "/health").json == {"status": "ok"}
    named = {line.split()[1].partition("?")[0] for line in told["control"]}
    assert {f"{ROOT}/clock", f"{ROOT}/journal", f"{ROOT}/tasks/{{id}}/finish"} < named


def test_document_is_openapi_as_it_is_played(client: Client) -> None:
    document = client.get(ROOT + "/openapi.json?profile=canonical").json
    assert document["openapi"] == "3.1.0"
    [create, *_] = document["paths"].values()
    assert "Idempotency-Key" in [parameter["name"] for parameter in create["post"]["parameters"]]
    assert client.get(ROOT + "/openapi.json?profile=nope").status == 400


def test_document_names_the_place_that_a_profile_has_here() -> None:
    with mock_server("kling", "cometapi", "replicate") as server:
        places = {
            name: [
                one["url"] for one in server.call("GET", "/openapi.json", query={"profile": name})["servers"]
            ]
            for name in server.profiles()
        }
    assert places == {"kling": ["/"], "cometapi": ["/cometapi/kling"], "replicate": ["/replicate"]}


def test_clock_is_set_advanced_and_told(client: Client) -> None:
    start = client.post(ROOT + "/clock", {"rate": 0}).json["now"]
    assert client.post(ROOT + "/clock/advance", {"seconds": 30}).json["now"] == start + 30_000
    assert client.get(ROOT + "/clock").json == {"now": start + 30_000, "rate": 0, "own": True}


def test_advancing_to_the_next_change_says_whether_there_was_one(client: Client) -> None:
    client.create()
    moved = [client.post(ROOT + "/clock/advance", {"to": "next"}).json["changed"] for _ in range(3)]
    assert moved == [True, True, False]


def test_advancing_answers_after_the_callbacks_it_set_free(client: Client, receiver: Receiver) -> None:
    client.create({"callback_url": receiver.url})
    client.post(ROOT + "/clock/advance", {"seconds": 2})
    assert receiver.statuses == ["submitted", "processing", "succeed"]
    log = client.get(ROOT + "/deliveries").json
    assert [d["state"] for d in log] == ["delivered"] * 3


def test_account_can_be_named_in_the_query(client: Client) -> None:
    client.post(f"{ROOT}/scenario?account={client.key}", {"scenario": "unavailable"}, Authorization="")
    assert client.get(IMAGE).status == 503
    client.request("DELETE", f"{ROOT}/scenario?account={client.key}")
    assert client.get(IMAGE).status == 200


def test_pace_faults_limits_and_reset(client: Client) -> None:
    assert client.post(ROOT + "/pace", {"pace": "instant"}).json == {"pace": "instant"}
    forced = client.post(ROOT + "/faults", {"scenario": "unavailable", "next": 2}).json
    assert forced == {"forced": [{"scenario": "unavailable", "next": 2}]}
    assert client.post(ROOT + "/limits", {"image": 1}).json == {"image": 1}
    assert [client.get(IMAGE).status for _ in range(3)] == [503, 503, 200]
    client.create()
    client.post(ROOT + "/reset", {})
    assert client.get(IMAGE).data == []
    assert client.get(ROOT + "/clock").json["own"] is False


def test_tasks_and_plans_are_shown_and_finished(client: Client) -> None:
    task_id = client.create({"external_task_id": "mine"}, VIDEO)
    [task] = client.get(ROOT + "/tasks").json
    start = task["created_at"]
    assert (task["id"], task["external_id"], task["family"], task["status"]) == (
        task_id,
        "mine",
        "multi-image2video",
        "submitted",
    )
    assert task["plan"] == [
        {"status": "submitted", "at": start},
        {"status": "processing", "at": start + 500},
        {"status": "succeed", "at": start + 2000},
    ]
    done = client.post(f"{ROOT}/tasks/{task_id}/finish", {"status": "failed", "reason": "internal"})
    assert done.json["status"] == "failed"
    assert client.task(task_id, VIDEO)["task_status_msg"] == "Internal error, please try again later"


BAD: list[tuple[str, Any, str]] = [
    ("/clock", {"rate": "fast"}, "rate must be of type int or float"),
    ("/clock", {"rate": -1}, "a clock cannot run at -1"),
    ("/clock", {"speed": 1}, "unknown member 'speed' (known: rate)"),
    ("/clock", {}, "rate is missing"),
    ("/clock", [], "must be a JSON object"),
    ("/clock", b"{", "is not JSON"),
    ("/clock/advance", {"seconds": -1}, "cannot advance by -1 s"),
    ("/clock/advance", {"seconds": True}, "seconds must be of type"),
    ("/clock/advance", {"to": "next", "seconds": 3}, "seconds and to exclude each other (take one of them)"),
    ("/clock/advance", {"to": "end"}, "unknown moment 'end' (known: next)"),
    ("/pace", {"pace": "slow"}, "unknown pace 'slow'"),
    ("/scenario", {"scenario": "nope"}, "unknown scenario 'nope'"),
    ("/faults", {"scenario": "html", "next": 0}, "0 is not a number of requests"),
    ("/faults", {"scenario": ""}, "no scenario given"),
    ("/limits", {"cats": 1}, "unknown member 'cats'"),
    ("/tasks/nope/finish", {}, "unknown task nope"),
    ("/pace", b" " * 2_000_000, "too large"),
]


@pytest.mark.parametrize(("path", "body", "words"), BAD, ids=lambda value: str(value)[:20])
def test_orders_that_cannot_be_followed_say_why(client: Client, path: str, body: Any, words: str) -> None:
    answer = client.post(ROOT + path, body)
    assert answer.status == 400
    assert words in answer.json["error"]


def test_web_pages_of_others_give_no_orders(client: Client) -> None:
    answer = client.post(ROOT + "/reset", {}, Origin="https://evil.example")
    assert (answer.status, answer.json) == (
        403,
        {"error": "the control plane does not accept requests from the origin https://evil.example"},
    )


@pytest.mark.parametrize(("method", "path"), [("GET", "/nope"), ("DELETE", "/clock"), ("POST", "/journal")])
def test_unknown_places_point_to_the_overview(client: Client, method: str, path: str) -> None:
    answer = client.request(method, ROOT + path)
    assert answer.status in (404, 405)
    assert answer.json["see"] == ROOT


# --- the journal


def test_journal_tells_requests_answers_and_verdicts(client: Client, mock: Account) -> None:
    task_id = client.create({"prompt": "cats"})
    client.post(IMAGE, {**IMAGE_REQUEST, "n": 0})
    client.get(f"{IMAGE}/{task_id}")
    client.get(f"{IMAGE}?pageSize=2")
    lines = [
        (e["operation"], e["family"], e["method"], e["status"], e["verdict"], e["field"], e["task"])
        for e in mock.journal
    ]
    family = "multi-image2image"
    assert lines == [
        ("create", family, "POST", 200, "accepted", "", task_id),
        ("create", family, "POST", 400, "invalid_parameter", "n", ""),
        ("query", family, "GET", 200, "accepted", "", task_id),
        ("list", family, "GET", 200, "accepted", "", ""),
    ]
    first, second, *_, last = mock.journal
    assert first["request"] == {**IMAGE_REQUEST, "prompt": "cats"}
    assert first["answer"]["data"]["task_id"] == task_id
    assert second["answer"]["message"] == "n: must be at least 1"
    assert last["target"] == f"{IMAGE}?pageSize=2"


def test_journal_is_asked_by_operation_field_task_and_verdict(client: Client, mock: Account) -> None:
    task_id = client.create()
    client.task(task_id)
    client.task(task_id)
    client.post(IMAGE, {"subject_image_list": [{}]})
    asked: list[dict[str, str]] = [
        {"operation": "query"},
        {"task": task_id},
        {"field": "subject_image_list"},
        {"field": "subject_image"},
        {"verdict": "refused"},
        {"operation": "create", "verdict": "accepted"},
        {"status": "400"},
        {},
    ]
    assert [mock.count(**filters) for filters in asked] == [2, 3, 1, 0, 1, 1, 1, 4]
    counted = client.get(f"{ROOT}/journal/count?operation=query&task={task_id}").json
    assert counted == {"count": 2}
    assert len(client.get(f"{ROOT}/journal?limit=3").json) == 3


def test_journal_filters_nobody_knows_are_refused(client: Client, mock: Account) -> None:
    with pytest.raises(UnderstudyError, match="unknown parameter 'colour'"):
        mock.count(colour="red")
    assert client.get(f"{ROOT}/journal?colour=red").status == 400


SLIPS = [
    ({"verdict": "acepted"}, "unknown verdict 'acepted' (did you mean accepted? known: accepted, refused, "),
    (
        {"operation": "creat"},
        "unknown operation 'creat' (did you mean create? known: create, query, list",
    ),
    ({"family": "songs"}, "unknown family 'songs' (known: "),
    ({"status": "2xx"}, "unknown status '2xx' (a number: 200)"),
]


@pytest.mark.parametrize(("filters", "words"), SLIPS)
def test_journal_filters_that_can_match_nothing_are_refused(
    client: Client, mock: Account, filters: dict[str, str], words: str
) -> None:
    """A count of none must mean that there was none, not that the test has a slip."""
    with pytest.raises(UnderstudyError) as raised:
        mock.count(**filters)
    assert words in str(raised.value)
    answer = client.get(f"{ROOT}/journal?{urlencode(filters)}")
    assert (answer.status, words in answer.json["error"]) == (400, True)


def test_an_account_named_in_the_body_does_not_reset_them_all(client: Client, mock: Account) -> None:
    client.create()
    answer = client.post(f"{ROOT}/reset", {"account": "another"}, Authorization="")
    assert (answer.status, answer.json["error"]) == (400, "the body: unknown member 'account' (known: none)")
    assert len(mock.tasks) == 1


def test_a_clock_is_told_to_head_too(client: Client) -> None:
    assert client.request("HEAD", f"{ROOT}/clock").status == 200


def test_journal_names_the_nearest_operation(client: Client, mock: Account) -> None:
    client.post("/v1/image/multi-images2image", IMAGE_REQUEST)
    [entry] = mock.journal
    assert (entry["verdict"], entry["nearest"]) == ("unknown_resource", f"POST {IMAGE}")


def test_journal_shortens_secrets_and_pictures(client: Client, mock: Account) -> None:
    client.post(IMAGE, {"subject_image_list": [{"subject_image": "A" * 4000}]})
    [entry] = mock.journal
    assert client.key not in str(entry)
    assert entry["headers"]["authorization"] == f"Bearer {client.key[:4]}…"
    assert entry["request"]["subject_image_list"][0]["subject_image"] == "A" * 32 + "… (4000 characters)"


def test_journal_is_bounded(client: Client, mock: Account) -> None:
    from tests.mocks import mock_account

    with mock_account(journal=3) as small:
        other = Client(small)
        ids = [other.create() for _ in range(5)]
        assert [entry["task"] for entry in small.journal] == ids[2:]


def test_requests_without_a_key_are_in_the_server_s_journal_only(client: Client, mock: Account) -> None:
    client.get(IMAGE, Authorization="")
    assert mock.count() == 0
    assert "authorization_empty" in {entry["verdict"] for entry in mock.server.call("GET", "/journal")}


def test_scenarios_are_named_in_the_journal(client: Client, mock: Account) -> None:
    client.get(IMAGE, X_Understudy_Scenario="unavailable:at=list")
    [entry] = mock.journal
    assert (entry["scenario"], entry["status"], entry["verdict"]) == (
        "unavailable:at=list",
        503,
        "unavailable",
    )


def test_a_clock_of_ones_own_begins_where_the_shared_one_stands() -> None:
    """Also when that one has been moved by hand only, and is behind the wall's."""
    with mock_account(rate=0) as mock:
        client = Client(mock)
        shared = mock.server.account(key="other").clock.now
        task = client.create()
        moved = client.post(ROOT + "/clock/advance", {"to": "next"}).json
        assert moved["now"] - shared == 500
        assert client.get(f"{IMAGE}/{task}").data["task_status"] == "processing"
