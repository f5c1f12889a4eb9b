"""The Arazzo document: valid, naming only what exists, and carried out against the mock as it is written."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from tests.mocks import mock_account

from understudy.contracts.callback_listener import CallbackListener
from understudy.specs import library
from understudy.specs.library import load_yaml
from understudy.specs.places import operations
from understudy.specs.pointers import at, put
from understudy.specs.render import arazzo
from understudy.specs.tree import copied

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads((Path(__file__).parent / "arazzo.schema.json").read_text(encoding="utf-8"))
DOCUMENT = load_yaml(library.HERE / "canonical" / "arazzo.yaml")
CALLBACKS = load_yaml(library.HERE / "canonical" / "asyncapi.yaml")
VALID = jsonschema_rs.validator_for(SCHEMA)


def test_the_document_is_valid() -> None:
    assert [str(error) for error in VALID.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(arazzo="1.0.1"),
        lambda d: d.update(colour="red"),
        lambda d: d["sourceDescriptions"].clear(),
        lambda d: d["workflows"][0].pop("steps"),
        lambda d: d["workflows"][0]["steps"][0].pop("operationId"),
        lambda d: d["workflows"][0]["steps"][0].update(workflowId="other"),
        lambda d: d["workflows"][0]["steps"][1]["parameters"][1].pop("in"),
        lambda d: d["workflows"][0]["steps"][1]["onFailure"][0].update(type="end"),
        lambda d: d["workflows"][0]["steps"][1]["onFailure"][1].update(type="goto"),
        lambda d: d["workflows"][0]["steps"][1]["successCriteria"][0].pop("condition"),
        lambda d: d["workflows"][0]["outputs"].update(result="not an expression"),
    ],
)
def test_the_schema_refuses_a_spoilt_document(spoil: Callable[[dict], Any]) -> None:
    document = copied(DOCUMENT)
    spoil(document)
    assert not VALID.is_valid(document)


def test_there_is_a_workflow_for_each_family_with_operations_that_exist() -> None:
    known = {operation["operationId"] for _, operation in operations(library.canonical())}
    known = {f"$sourceDescriptions.understudy.{name}" for name in known}
    known |= {f"$sourceDescriptions.callbacks.{name}" for name in CALLBACKS["operations"]}
    used = {step["operationId"] for workflow in DOCUMENT["workflows"] for step in workflow["steps"]}
    assert used <= known
    names = [workflow["workflowId"] for workflow in DOCUMENT["workflows"]]
    polling = [name for name in names if not name.endswith("_by_callback")]
    # Speech is answered at once: it has nothing to call back for.
    called = [name for name in polling if name != "run_tts"]
    assert names == [*polling, *(f"{name}_by_callback" for name in called)]
    assert polling[:2] == [
        "run_multi_image2image",
        "run_multi_image2video",
    ]


def test_a_family_whose_states_are_called_otherwise_polls_for_those() -> None:
    canonical = copied(library.canonical())
    task = canonical["paths"]["/v1/images/multi-image2image"]["post"]["x-task"]
    task.update(
        states=["new", "done", "lost"],
        transitions={"new": ["done", "lost"], "done": [], "lost": []},
        carries={"done": [task["result"]["at"]]},
    )
    poll = arazzo(canonical, "./x.yaml", "./y.yaml")["workflows"][0]["steps"][1]
    assert poll["successCriteria"][1] == {"condition": "$response.body#/data/task_status == 'done'"}
    assert poll["onFailure"][0]["criteria"][1] == {"condition": "$response.body#/data/task_status == 'new'"}


def test_messages_are_those_of_the_openapi_document_and_carry_the_task_s_id() -> None:
    """AsyncAPI 3.0.0: an unknown address is null, a reference leads to what is there."""
    assert CALLBACKS["asyncapi"] == "3.0.0"
    for name, operation in CALLBACKS["operations"].items():
        channel = at(CALLBACKS, operation["channel"]["$ref"].removeprefix("#"))
        message = at(CALLBACKS, channel["messages"]["changed"]["$ref"].removeprefix("#"))
        file, _, pointer = message["payload"]["schema"]["$ref"].partition("#")
        schema = at(library.canonical(), pointer)
        ident = message["correlationId"]["location"].removeprefix("$message.payload#/")
        assert (operation["action"], channel["address"], file) == ("send", None, "./openapi.yaml")
        assert ident in schema["properties"], name


class Runner:
    """Just enough of an Arazzo engine to carry out the document: the expressions and actions that it uses."""

    def __init__(
        self,
        call: Callable[..., tuple[int, Any]],
        wait: Callable[[float], None],
        receive: Callable[[Any, int], Any] = lambda *_: None,
    ) -> None:
        self.call, self.wait, self.receive = call, wait, receive
        self.polls = self.messages = 0
        self.places = {
            f"$sourceDescriptions.understudy.{operation['operationId']}": tuple(key.split(" ")[:2])
            for key, operation in operations(library.canonical())
        }

    def run(self, workflow: dict, inputs: dict) -> dict[str, Any]:
        known: dict[str, Any] = {"inputs": inputs, "steps": {}}
        names = [step["stepId"] for step in workflow["steps"]]
        place = 0
        while place < len(names):
            step = workflow["steps"][place]
            then = self.step(step, known)
            if then == "end":
                return {"ended_at": step["stepId"], **known["steps"][step["stepId"]]["outputs"]}
            place = names.index(then) if then else place + 1
        return {name: self.value(text, known) for name, text in workflow["outputs"].items()}

    def step(self, step: dict, known: dict) -> str:
        """What comes next: "" for the next step, the name of one, or "end"."""
        tries = 0
        while True:
            took = self.take if step.get("action") == "receive" else self.ask
            took(step, known)
            outputs = {name: self.value(text, known) for name, text in step["outputs"].items()}
            known["steps"][step["stepId"]] = {"outputs": outputs}
            if self.all(step["successCriteria"], known):
                return ""
            action = next(a for a in step["onFailure"] if self.all(a.get("criteria", []), known))
            if action["type"] != "retry" or tries >= action["retryLimit"]:
                return action.get("stepId", "end")
            tries += 1
            self.wait(action["retryAfter"])

    def take(self, step: dict, known: dict) -> None:
        known["message"] = self.receive(self.value(step["correlationId"], known), step["timeout"])
        self.messages += known["message"] is not None

    def ask(self, step: dict, known: dict) -> None:
        method, path = self.places[step["operationId"]]
        for parameter in step["parameters"]:
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", self.value(parameter["value"], known))
        body = None
        if "requestBody" in step:
            body = copied(self.value(step["requestBody"]["payload"], known))
            for change in step["requestBody"].get("replacements", []):
                put(body, change["target"], self.value(change["value"], known))
        key = next(p["value"] for p in step["parameters"] if p["in"] == "header")
        key = re.sub(r"\{(.*?)\}", lambda m: self.value(m[1], known), key)
        known["statusCode"], known["body"] = self.call(method, path, body, key)
        self.polls += method == "GET"

    def all(self, criteria: list, known: dict) -> bool:
        return all(any(self.equal(part, known) for part in c["condition"].split(" || ")) for c in criteria)

    def equal(self, condition: str, known: dict) -> bool:
        left, right = condition.split(" == ")
        return self.value(left, known) == (right.strip("'") if "'" in right else int(right))

    def value(self, text: str, known: dict) -> Any:
        if text == "$statusCode":
            return known["statusCode"]
        if text.startswith(("$response.body#", "$message.payload#")):
            found = known["body"] if text.startswith("$response") else known["message"]
            for token in text.split("#/", 1)[1].split("/"):
                found = found.get(token) if isinstance(found, dict) else None
            return found
        found = known
        for token in text[1:].split("."):
            found = found[token]
        return found


PICTURE = "https://a.example/b.png"
REQUESTS = {
    "run_multi_image2image": {"subject_image_list": [{"subject_image": PICTURE}], "n": 2},
    "run_multi_image2video": {"image_list": [{"image": PICTURE}], "prompt": "two cats"},
}


def caller(url: str) -> Callable[..., tuple[int, Any]]:
    place = urlsplit(url)

    def call(method: str, path: str, body: Any, key: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        connection.request(method, path, body and json.dumps(body), {"Authorization": key})
        response = connection.getresponse()
        raw = response.read()
        connection.close()
        return response.status, json.loads(raw)

    return call


POLLING = [w for w in DOCUMENT["workflows"] if w["workflowId"] in REQUESTS]
WAITING = [w for w in DOCUMENT["workflows"] if w["workflowId"].removesuffix("_by_callback") in REQUESTS
           and w not in POLLING]  # fmt: skip


@pytest.mark.parametrize("scenario", ["", "fail"])
@pytest.mark.parametrize("workflow", POLLING, ids=lambda w: w["workflowId"])
def test_the_workflow_runs_as_written_against_the_mock(workflow: dict, scenario: str) -> None:
    with mock_account(pace="realistic", rate=0) as mock:
        if scenario:
            mock.scenario(scenario)
        runner = Runner(caller(mock.url), mock.clock.advance)
        inputs = {"api_key": mock.api_key, "request": REQUESTS[workflow["workflowId"]]}
        done = runner.run(workflow, inputs)
    assert 1 < runner.polls < workflow["steps"][1]["onFailure"][0]["retryLimit"]
    if scenario:
        assert (done["ended_at"], done["status"]) == ("poll", "failed")
        assert done["reason"]
    else:
        assert done["status"] == "succeed"
        assert len(done["result"]) == inputs["request"].get("n", 1)


@pytest.mark.parametrize("scenario", ["", "fail", "callbacks-lost"])
@pytest.mark.parametrize("workflow", WAITING, ids=lambda w: w["workflowId"])
def test_the_workflow_waits_for_the_callback_and_asks_once(workflow: dict, scenario: str) -> None:
    """Without a callback in time it polls, as the other workflow does."""
    with mock_account(pace="realistic", rate=0) as mock, CallbackListener() as listener:
        if scenario:
            mock.scenario(scenario)
        taken = 0

        def receive(task: str, timeout_ms: int) -> Any:
            """The next message about the task within so many milliseconds of the mock's time, else None."""
            nonlocal taken
            until = mock.clock.now + timeout_ms
            mock.clock.advance(0)
            while len(listener.received) <= taken and mock.clock.now < until:
                if not mock.clock.advance_to_next():
                    return None
            if len(listener.received) <= taken:
                return None
            taken += 1
            body = listener.received[taken - 1].body
            return body if body["task_id"] == task else receive(task, timeout_ms)

        runner = Runner(caller(mock.url), mock.clock.advance, receive)
        request = REQUESTS[workflow["workflowId"].removesuffix("_by_callback")]
        inputs = {"api_key": mock.api_key, "request": request, "callback_url": listener.url}
        done = runner.run(workflow, inputs)
    if scenario == "fail":
        assert (done["ended_at"], done["status"]) == ("poll", "failed")
    else:
        assert (done["status"], len(done["result"])) == ("succeed", request.get("n", 1))
    assert (runner.messages, runner.polls) == ((0, 1) if scenario == "callbacks-lost" else (3, 1))
