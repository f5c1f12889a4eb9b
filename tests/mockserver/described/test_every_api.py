"""Every described API, driven by nothing but its data: a task goes all its way, fails, is not there."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from understudy import mock_server
from understudy.specs import library
from understudy.specs.behaviour import StateClass, TaskFamily, read
from understudy.specs.behaviour.forms import MULTIPART
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.template_reading import values_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mockserver.described.conftest import RawListener

    from understudy.specs.behaviour.axes import CallRule

APIS = list(library.apis())
# Every kind of task: "dashscope images" beside that API's first.
KINDS = [
    api if number == 0 else f"{api} {family.name}"
    for api in APIS
    for number, family in enumerate(read(library.effective(api), api).families)
]


def smallest(schema: Any) -> Any:
    """The smallest value that a request's schema takes."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind == "object":
        known = schema.get("properties", {})
        return {name: smallest(known.get(name, {})) for name in schema.get("required", ())}
    if kind == "array":
        return [smallest(schema.get("items", {}))] * schema.get("minItems", 0)
    return {"integer": 1, "boolean": True}.get(kind, "x")


class Client:
    """A client that knows an API from its data alone; of several kinds of tasks, the one behind its name."""

    def __init__(self, name: str, url: str) -> None:
        api, _, kind = name.partition(" ")
        behaviour = read(library.effective(api), api)
        family = behaviour.family(kind) if kind else behaviour.families[0]
        assert family.axes is not None
        self.family: TaskFamily = family
        self.refusals = behaviour.refusals
        self.axes = family.axes
        self.url = url
        self.headers: dict[str, str] = {}
        self.variables = {"model": "m", "owner": "o", "name": "n", "rest": "r"}

    def send(
        self, method: str, path: str, body: Any = None, query: str = "", key: str = "key"
    ) -> tuple[int, Any]:
        account = self.axes.service.account
        headers = {"Content-Type": "application/json"} | ({account.name: account.written(key)} if key else {})
        headers |= {k: v or "x" for k, v in {**self.axes.service.headers, **self.axes.create.headers}.items()}
        headers |= self.headers
        data = None if body is None else json.dumps(body).encode()
        filled = VARIABLE.sub(lambda place: self.variables.get(place[1], "7"), path)
        url = filled if filled.startswith("http") else self.url + filled
        request = urllib.request.Request(f"{url}{query}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def create(self, query: str = "", **more: Any) -> str:
        """The id of a new task."""
        [(path, schema), *_] = self.axes.create.schemas.items()
        status, body = self.send(self.axes.create.method, path, {**smallest(schema), **more}, query)
        reply = self.axes.create.reply
        template = self.axes.record if reply.body in (None, "$record") else reply.body
        assert status == reply.status, body
        found = values_in(template, body).get("id")
        self.variables["id"] = str(found)
        return str(found)

    def call(self, rule: CallRule) -> tuple[int, Any]:
        query = f"?{rule.id_name}={self.variables['id']}" if rule.id_place == "query" else ""
        return self.send(rule.method, rule.path, None, query)

    def state(self) -> StateClass | None:
        """The class of the task's state, as an answer to a query shows it."""
        status, body = self.call(self.axes.query)
        record = self.family.record_in(status, body, self.variables["id"])
        return self.family.lifecycle.kind(self.family.status_of(record))


@pytest.fixture
def client(api: Callable[..., str], request: pytest.FixtureRequest) -> Client:
    name = request.param
    return Client(name, api(name.partition(" ")[0]))


each = pytest.mark.parametrize("client", KINDS, indirect=True)


@each
def test_task_goes_from_its_first_state_to_success(client: Client) -> None:
    client.create()
    assert [client.state() for _ in range(2)] == [StateClass.RUNNING, StateClass.SUCCESS]
    results = client.axes.results
    if results is not None and not results.call.replies.of(client.family.lifecycle.success).bytes:
        assert client.call(results.call)[0] == 200


@each
def test_task_fails_in_each_way_that_is_known(client: Client) -> None:
    for name, failure in client.axes.failures.items():
        prompt = client.family.request.get("prompt", ())
        if len(prompt) != 1:
            pytest.skip("the prompt stands deeper than a test of all can write it")
        client.create(**{prompt[0]: f"#understudy:fail:reason={name}"})
        client.state()
        expected = client.family.lifecycle.kind(failure.state or client.family.lifecycle.failure)
        shown = client.state()
        assert shown is expected or shown is StateClass.SUCCESS, name  # fal shows both alike


@pytest.mark.parametrize("name", APIS)
def test_answer_to_create_tells_the_first_state_at_any_pace(api: Callable[..., str], name: str) -> None:
    client = Client(name, api(name, "instant"))
    [(path, schema), *_] = client.axes.create.schemas.items()
    _, body = client.send(client.axes.create.method, path, smallest(schema))
    assert client.family.status_of(body) in (None, client.family.lifecycle.initial)
    client.create()
    assert client.state() is StateClass.SUCCESS


@each
def test_unknown_task_is_refused_as_the_data_has_it(client: Client) -> None:
    client.variables["id"] = "77"
    status, _ = client.call(client.axes.query)
    unknown, form = client.axes.unknown_reply, client.refusals
    assert status == (unknown.status if unknown else form.status_of(form.situations[client.axes.unknown]))


@each
def test_request_without_a_key_is_refused(client: Client) -> None:
    status, body = client.send(client.axes.query.method, client.axes.query.path, key="")
    refused = client.refusals.recognised(status, body)
    assert "authorization_empty" in {one.name for one in refused}


def test_openrouter_signs_time_and_body(listener: RawListener) -> None:
    with mock_server("openrouter", pace="instant") as server:
        Client("openrouter", server.url).create(callback_url=listener.url)
        [callback] = listener.wait(1)
    stamp, value = (part.partition("=")[2] for part in callback.headers["X-OpenRouter-Signature"].split(","))
    signed = stamp.encode() + b"," + callback.body
    assert value == hmac.new(server.webhook_secret.encode(), signed, hashlib.sha256).hexdigest()
    assert json.loads(callback.body)["type"] == "video.generation.completed"


def test_bfl_signs_with_the_secret_of_the_request(api: Callable[..., str], listener: RawListener) -> None:
    client = Client("bfl", api("bfl", "instant"))
    client.create(webhook_url=listener.url, webhook_secret="mine")
    [callback] = listener.wait(1)
    expected = hmac.new(b"mine", callback.body, hashlib.sha256).hexdigest()
    assert callback.headers["X-BFL-Signature"] == f"sha256={expected}"


def test_bfl_takes_twenty_four_tasks_at_once_and_tells_how_many_are_left(api: Callable[..., str]) -> None:
    client = Client("bfl", api("bfl", "realistic"))
    for _ in range(24):
        client.create()
    status, body = client.send("POST", "/v1/{model}", {})
    assert (status, body["retry_after"]) == (429, 1)


def test_bfl_says_in_the_body_how_long_to_stay_away_and_only_where_waiting_helps(
    api: Callable[..., str],
) -> None:
    client = Client("bfl", api("bfl", "realistic"))
    _, refused = client.send("GET", client.axes.query.path, key="")
    client.headers["X-Understudy-Scenario"] = "too_many_requests:retry_after=7"
    status, body = client.send("POST", "/v1/{model}", {})
    assert (status, body["retry_after"]) == (429, 7)
    assert "retry_after" not in refused


def test_forms_are_for_apis_that_take_them() -> None:
    axes = {name: read(library.effective(name), name).families[0].axes for name in APIS}
    assert [name for name, one in axes.items() if one and MULTIPART in one.create.media] == ["openai-videos"]


ENDS = {
    ("runway", "cancelled"): StateClass.CANCELLED,
    ("veo", "moderated"): StateClass.MODERATED,
    ("bfl", "moderated"): StateClass.MODERATED,
    ("ark", "expired"): StateClass.EXPIRED,
    ("replicate", "cancelled"): StateClass.CANCELLED,
}


@pytest.mark.parametrize(("name", "scenario"), ENDS)
def test_scenarios_are_named_the_same_for_all_apis(api: Callable[..., str], name: str, scenario: str) -> None:
    client = Client(name, api(name, "instant"))
    client.headers = {"X-Understudy-Scenario": scenario}
    client.create()
    assert client.state() is ENDS[name, scenario]


IMPOSSIBLE = {
    ("luma", "moderated"): "no state of generations has the class moderated",
    ("runway", "callbacks-lost"): "tasks calls nobody back",
    ("luma", "callbacks-badly-signed"): "callbacks of generations are not signed",
    ("fal", "callbacks-new-generation"): "no newer callbacks of queue are known",
}


@pytest.mark.parametrize(("name", "scenario"), IMPOSSIBLE)
def test_scenario_that_cannot_apply_is_refused_by_name(
    api: Callable[..., str], name: str, scenario: str
) -> None:
    client = Client(name, api(name))
    client.headers = {"X-Understudy-Scenario": scenario}
    [(path, schema), *_] = client.axes.create.schemas.items()
    status, body = client.send("POST", path, smallest(schema))
    assert status == 400
    assert f"{scenario} cannot happen here: {IMPOSSIBLE[name, scenario]}" in json.dumps(body)
