"""Each scenario does what its sentence says; each refusal can be asked for; each way to choose one works."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any

import pytest
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, VIDEO, Client
from tests.mockserver.play.test_endings import ENDINGS

from understudy.mockserver.play.faults import effects, read_scenarios
from understudy.mockserver.play.scenario_table import ROWS
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import effective

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mockserver.conftest import Answer, Receiver

    from understudy.contracts.handle import Account

ERRORS = effective("canonical")["x-errors"]
SITUATIONS = tuple(sorted(ERRORS))
Case = tuple[str, "Callable[[Client, Account, Receiver], None]"]
CASES: list[Case] = []


def case(text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function that is run under the scenario `text`, chosen for the account."""

    def register(check: Callable[..., None]) -> Callable[..., None]:
        CASES.append((text, check))
        return check

    return register


def states(client: Client, mock: Account, task_id: str, path: str = IMAGE) -> list[str]:
    """The task's states now and after each change."""
    seen = [client.task(task_id, path)["task_status"]]
    while mock.clock.advance_to_next():
        seen.append(client.task(task_id, path)["task_status"])
    return seen


@case("fail:reason=risk_control")
@case("fail:reason=risk_control,after_ms=300")
def fails_late(client: Client, mock: Account, receiver: Receiver) -> None:
    task_id = client.create()
    assert states(client, mock, task_id) == ["submitted", "processing", "failed"]
    answer = client.get(f"{IMAGE}/{task_id}")
    assert (answer.status, answer.json["code"], answer.json["message"]) == (200, 0, "SUCCEED")
    assert answer.data["task_status_msg"] == "Failure to pass the risk control system"
    assert (answer.data["task_result"], answer.data["final_unit_deduction"]) == ({}, "0")


@case("fail-at-once:reason=out of cats")
def fails_at_once(client: Client, mock: Account, receiver: Receiver) -> None:
    record = client.task(client.create())
    assert (record["task_status"], record["task_status_msg"]) == ("failed", "out of cats")


@case("bad-picture")
def fails_for_its_picture(client: Client, mock: Account, receiver: Receiver) -> None:
    task_id = client.create()
    mock.clock.advance(60)
    assert client.task(task_id)["task_status_msg"] == "Image pixel is invalid"


@case("never-finish")
def never_finishes(client: Client, mock: Account, receiver: Receiver) -> None:
    task_id = client.create()
    mock.clock.advance(10**6)
    assert client.task(task_id)["task_status"] == "processing"


@case("skip-processing")
def skips_processing(client: Client, mock: Account, receiver: Receiver) -> None:
    assert states(client, mock, client.create()) == ["submitted", "succeed"]


@case("run:ms=60000")
def runs_so_long(client: Client, mock: Account, receiver: Receiver) -> None:
    task_id = client.create()
    mock.clock.advance(59.999)
    assert client.task(task_id)["task_status"] == "processing"
    mock.clock.advance(0.001)
    assert client.task(task_id)["task_status"] == "succeed"


@case("results-expired:status=403")
@case("results-expired:status=404")
def results_are_gone(client: Client, mock: Account, receiver: Receiver) -> None:
    task_id = client.create()
    mock.clock.advance(2)
    url = client.task(task_id)["task_result"]["images"][0]["url"]
    status = int(mock.tasks[0]["scenario"][-3:])
    assert client.get(url).status == status


@case("refuse:situation=unavailable,at=list,times=2")
def refuses_the_list_twice(client: Client, mock: Account, receiver: Receiver) -> None:
    client.create()
    assert [client.get(IMAGE).status for _ in range(3)] == [503, 503, 200]


@case("created-all-the-same")
def creates_all_the_same(client: Client, mock: Account, receiver: Receiver) -> None:
    answer = client.post(IMAGE, {**IMAGE_REQUEST, "external_task_id": "mine"})
    assert (answer.status, answer.json["code"]) == (504, 5002)
    mock.clock.advance(2)
    assert client.task("mine")["task_status"] == "succeed"


@case("latency:ms=400,at=query")
def answers_late(client: Client, mock: Account, receiver: Receiver) -> None:
    import time

    started = time.monotonic()
    task_id = client.create()
    between = time.monotonic()
    client.task(task_id)
    assert time.monotonic() - between >= 0.4
    assert between - started < 0.4


@case("timeout:at=create")
def never_answers(client: Client, mock: Account, receiver: Receiver) -> None:
    place = http.client.HTTPConnection("127.0.0.1", int(mock.url.rpartition(":")[2]), timeout=0.3)
    place.request("POST", IMAGE, b"{}", {"Authorization": f"Bearer {client.key}"})
    with pytest.raises(TimeoutError):
        place.getresponse()
    place.close()


@case("reset:at=create")
def resets_the_connection(client: Client, mock: Account, receiver: Receiver) -> None:
    with pytest.raises(ConnectionResetError):
        client.post(IMAGE, IMAGE_REQUEST)


@case("closed:at=create")
def closes_the_connection_in_order(client: Client, mock: Account, receiver: Receiver) -> None:
    with pytest.raises(http.client.RemoteDisconnected) as raised:
        client.post(IMAGE, IMAGE_REQUEST)
    assert raised.value.errno is None  # what http.client makes of an end of file, not of an RST


@case("truncated:at=create")
def truncates_the_answer(client: Client, mock: Account, receiver: Receiver) -> None:
    with pytest.raises(http.client.IncompleteRead):
        client.post(IMAGE, IMAGE_REQUEST)


@case("malformed:at=create")
def sends_half_a_json(client: Client, mock: Account, receiver: Receiver) -> None:
    answer = client.post(IMAGE, IMAGE_REQUEST)
    assert answer.status == 200
    with pytest.raises(ValueError, match="delimiter"):
        assert answer.json


@case("html:at=create")
def sends_a_proxy_s_page(client: Client, mock: Account, receiver: Receiver) -> None:
    answer = client.post(IMAGE, IMAGE_REQUEST)
    assert (answer.status, answer.headers["content-type"]) == (502, "text/html")
    assert b"Bad Gateway" in answer.raw


@case("code-as-string")
def sends_the_code_as_text(client: Client, mock: Account, receiver: Receiver) -> None:
    assert client.post(IMAGE, IMAGE_REQUEST).json["code"] == "0"


@case("unknown-status")
def sends_a_status_nobody_knows(client: Client, mock: Account, receiver: Receiver) -> None:
    assert client.post(IMAGE, IMAGE_REQUEST).data["task_status"] == "x_understudy_unknown"


@case("extra-fields")
def sends_fields_nobody_names(client: Client, mock: Account, receiver: Receiver) -> None:
    answer = client.post(IMAGE, IMAGE_REQUEST)
    assert {"x_understudy_extra"} == answer.json.keys() - {"code", "message", "request_id", "data"}
    assert "x_understudy_extra" in answer.data


@case("null-for-object")
def sends_null_for_empty_objects(client: Client, mock: Account, receiver: Receiver) -> None:
    record = client.task(client.create())
    assert (record["task_info"], record["task_result"]) == (None, None)


def called_back(client: Client, mock: Account, receiver: Receiver, count: int) -> list[str]:
    """Let a task run to its end; the statuses that were called back."""
    client.create({"callback_url": receiver.url})
    mock.clock.advance(60)
    return [received.json.get("task_status") for received in receiver.wait(count)]


@case("callbacks-lost")
def calls_nobody(client: Client, mock: Account, receiver: Receiver) -> None:
    assert called_back(client, mock, receiver, 0) == []
    assert mock.callbacks == []


@case("callbacks-late:ms=30000")
def calls_late(client: Client, mock: Account, receiver: Receiver) -> None:
    client.create({"callback_url": receiver.url})
    mock.clock.advance(29)
    assert receiver.received == []
    mock.clock.advance(10)
    assert receiver.statuses == ["submitted", "processing", "succeed"]


@case("callbacks-doubled")
def calls_twice(client: Client, mock: Account, receiver: Receiver) -> None:
    assert called_back(client, mock, receiver, 6) == [
        "submitted",
        "submitted",
        "processing",
        "processing",
        "succeed",
        "succeed",
    ]


@case("callbacks-reversed")
def calls_the_last_change_first(client: Client, mock: Account, receiver: Receiver) -> None:
    assert called_back(client, mock, receiver, 3) == ["succeed", "processing", "submitted"]


@case("callbacks-terminal-only")
def calls_at_the_end_only(client: Client, mock: Account, receiver: Receiver) -> None:
    assert called_back(client, mock, receiver, 1) == ["succeed"]


@case("callbacks-badly-signed")
def logs_that_the_signature_is_bad(client: Client, mock: Account, receiver: Receiver) -> None:
    called_back(client, mock, receiver, 3)
    assert [delivery["genuine"] for delivery in mock.callbacks] == [False, False, False]


@case("callbacks-forged")
def is_called_by_somebody_else(client: Client, mock: Account, receiver: Receiver) -> None:
    assert called_back(client, mock, receiver, 4) == ["submitted", "succeed", "processing", "succeed"]
    assert [delivery["genuine"] for delivery in mock.callbacks] == [True, False, True, True]


@case("callbacks-early")
def calls_before_the_create_answer(client: Client, mock: Account, receiver: Receiver) -> None:
    client.create({"callback_url": receiver.url})
    assert receiver.statuses == ["submitted"]  # no waiting: it was there before the answer


@case("callbacks-new-generation")
def calls_in_the_new_shape(client: Client, mock: Account, receiver: Receiver) -> None:
    task_id = client.create({"callback_url": receiver.url})
    mock.clock.advance(60)
    last = receiver.wait(3)[-1].json
    assert (last["id"], last["status"], last["message"], len(last["outputs"])) == (
        task_id,
        "succeeded",
        "",
        1,
    )


@case("callbacks-extra-fields")
def calls_with_fields_nobody_names(client: Client, mock: Account, receiver: Receiver) -> None:
    client.create({"callback_url": receiver.url})
    [first] = receiver.wait(1)
    assert "x_understudy_extra" in first.json


@pytest.mark.parametrize(("text", "check"), CASES, ids=[f"{text}" for text, _ in CASES])
def test_scenario_does_what_it_says(
    client: Client, mock: Account, receiver: Receiver, text: str, check: Callable[..., None]
) -> None:
    mock.scenario(text)
    check(client, mock, receiver)


# Ends of other APIs (tests/mockserver/described/test_every_api.py).
NOT_OURS = {
    **{
        name: f"no state of multi-image2image has the class {name}"
        for name in ("moderated", "cancelled", "expired", "throttled")
    },
    **dict.fromkeys(
        ("cancel-too-late", "cancel-without-effect"), "tasks of multi-image2image cannot be cancelled"
    ),
}


@pytest.mark.parametrize(("scenario", "why"), NOT_OURS.items())
def test_what_no_task_of_ours_can_do_is_refused_by_name(client: Client, scenario: str, why: str) -> None:
    answer = client.post(IMAGE, IMAGE_REQUEST, **{"X-Understudy-Scenario": scenario})
    assert answer.status == 400
    assert f"{scenario} cannot happen here: {why}" in answer.json["message"]


def test_every_scenario_has_a_case() -> None:
    shown = [
        *(text for text, _ in CASES),
        *ENDINGS,
        "results-fail",
        "results-renewed",
        "idempotency",
        "progress-in-fractions",
        *NOT_OURS,
    ]
    names = {part.partition(":")[0] for text in shown for part in text.split("+")}
    assert {row.name for row in ROWS} <= names


@pytest.mark.parametrize("at", ["create", "query", "list"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_refusal_can_be_asked_for(client: Client, situation: str, at: str) -> None:
    task_id = client.create()
    path, body = {"create": (IMAGE, IMAGE_REQUEST), "query": (f"{IMAGE}/{task_id}", None)}.get(
        at, (IMAGE, None)
    )
    chosen = {"X-Understudy-Scenario": f"{situation}:at={at}"}
    answer = client.request("POST" if body else "GET", path, body, **chosen)
    row = ERRORS[situation]
    assert (answer.status, answer.json["code"]) == (row["status"], row["code"])
    assert sorted(answer.json) == ["code", "message", "request_id"]
    assert not set("{}") & set(answer.json["message"])


def test_a_chosen_refusal_names_what_was_asked(client: Client) -> None:
    def said(answer: Answer) -> str:
        return str(answer.json["message"])

    one = {**IMAGE_REQUEST, "external_task_id": "mine"}
    assert [
        said(client.post(IMAGE, one, X_Understudy_Scenario="duplicate_external_id")),
        said(client.get(f"{IMAGE}/yours", X_Understudy_Scenario="unknown_task")),
        said(client.get(IMAGE, X_Understudy_Scenario="unknown_method")),
        said(client.get(IMAGE, X_Understudy_Scenario="resource_pack_exhausted")),
    ] == [
        "External_task_id mine already exists",
        "Task not found by id/external id: yours",
        "The requested method does not exist: GET",
        "Account balance not enough",
    ]


# --- ways to choose


def test_header_chooses_for_one_request(client: Client) -> None:
    refused = client.post(IMAGE, IMAGE_REQUEST, X_Understudy_Scenario="internal_error")
    assert [refused.status, client.post(IMAGE, IMAGE_REQUEST).status] == [500, 200]


def test_header_at_create_shapes_the_task_but_not_its_queries(client: Client, mock: Account) -> None:
    task_id = client.create(X_Understudy_Scenario="fail-at-once:reason=internal+extra-fields")
    record = client.task(task_id)
    assert record["task_status"] == "failed"
    assert "x_understudy_extra" not in record


def test_prompt_chooses_for_the_task_and_its_queries(client: Client) -> None:
    task_id = client.create(
        {"prompt": "two cats #understudy:fail-at-once+unavailable:at=query,times=1 on a roof"}
    )
    first, second = client.get(f"{IMAGE}/{task_id}"), client.get(f"{IMAGE}/{task_id}")
    assert (first.status, second.data["task_status"]) == (503, "failed")


def test_account_chooses_until_told_otherwise(client: Client, mock: Account) -> None:
    mock.scenario("unavailable")
    assert [client.get(IMAGE).status, client.post(VIDEO, {}).status] == [503, 503]
    mock.scenario("")
    assert client.get(IMAGE).status == 200


def test_next_requests_are_struck_and_no_more(client: Client, mock: Account) -> None:
    mock.fault("too_many_requests:at=create", 2)
    seen = [client.get(IMAGE).status, *(client.post(IMAGE, IMAGE_REQUEST).status for _ in range(3))]
    assert seen == [200, 429, 429, 200]


def test_several_next_scenarios_come_one_after_the_other(client: Client, mock: Account) -> None:
    mock.fault("internal_error", 1)
    mock.fault("unavailable", 1)
    assert [client.get(IMAGE).status for _ in range(3)] == [500, 503, 200]


def test_next_scenarios_wait_for_an_operation_that_they_strike(client: Client, mock: Account) -> None:
    mock.fault("internal_error:at=create", 1)
    mock.fault("unavailable:at=list", 1)
    assert [client.get(IMAGE).status, client.post(IMAGE, IMAGE_REQUEST).status] == [503, 500]


def test_times_of_a_task_s_own_scenario_are_counted_for_that_task(client: Client) -> None:
    prompt = {"prompt": "#understudy:unavailable:at=query,times=1"}
    one, two = client.create(prompt), client.create(prompt)
    seen = [client.get(f"{IMAGE}/{task_id}").status for task_id in (one, two, one, two)]
    assert seen == [503, 503, 200, 200]


def test_task_is_not_found_for_as_long_as_is_said_after_its_create(client: Client, mock: Account) -> None:
    mock.scenario("unknown_task:at=query,within_ms=1500")
    task = client.create()
    seen = []
    for ahead in (0, 1.4, 0.2, 10):
        mock.clock.advance(ahead)
        seen.append(client.get(f"{IMAGE}/{task}").status)
    assert seen == [400, 400, 200, 200]
    assert client.get(f"{IMAGE}/another").status == 400


UNKNOWN = [
    ("nope", "unknown scenario 'nope' (known: "),
    ("fail:nope=1", "scenario fail: unknown parameter 'nope' (it takes: reason, after_ms)"),
    ("latency:ms", "scenario latency: 'ms' is not KEY=VALUE"),
    ("latency:ms=soon", "scenario latency, ms: 'soon' is not a number from 0 to 600000"),
    ("latency:at=home", "scenario latency, at: unknown value 'home' (known: create, query, list, any)"),
    ("refuse:situation=nope", "scenario refuse: unknown situation 'nope' (known: "),
    ("results-expired:status=200", "scenario results-expired, status: '200' is not a number from 403 to 404"),
]


@pytest.mark.parametrize(("text", "words"), UNKNOWN)
def test_what_nobody_knows_is_refused_with_what_is_known(
    client: Client, mock: Account, text: str, words: str
) -> None:
    with pytest.raises(UnderstudyError) as raised:
        mock.scenario(text)
    assert str(raised.value).startswith(f"POST /__understudy__/scenario: {words}")
    answer = client.post(IMAGE, IMAGE_REQUEST, X_Understudy_Scenario=text)
    assert (answer.status, answer.json["code"]) == (400, 1200)
    assert words in answer.json["message"]


def test_listing_tells_every_scenario_with_a_sentence(client: Client) -> None:
    rows: list[dict[str, Any]] = client.get("/__understudy__/scenarios").json
    names = [row["name"] for row in rows]
    assert names == sorted({*SITUATIONS, *(row.name for row in ROWS)})
    assert all(row["sentence"].endswith(".") and "{" not in row["sentence"] for row in rows)
    [late] = [row for row in rows if row["name"] == "latency"]
    assert late["parameters"]["ms"] == {"default": 1000, "meaning": "milliseconds of waiting"}


def test_effects_of_nothing_are_nothing() -> None:
    assert effects(read_scenarios("", SITUATIONS), "create") == effects((), "create")


def test_scenarios_add_up() -> None:
    chosen = read_scenarios("latency:ms=5 + code-as-string + extra-fields + fail:after_ms=9", SITUATIONS)
    total = effects(chosen, "query")
    assert (total.latency_ms, total.mutations, total.fail, total.run_ms) == (
        5,
        ("code-as-string", "extra-fields"),
        True,
        9,
    )
