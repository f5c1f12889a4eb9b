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

from mockserver.server import understudy_server
from specs import library
from specs.library import load_yaml
from specs.places import operations
from specs.render import arazzo
from specs.tree import copied

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads((Path(__file__).parent / "arazzo.schema.json").read_text(encoding="utf-8"))
DOCUMENT = load_yaml(library.HERE / "canonical" / "arazzo.yaml")
VALID = jsonschema_rs.validator_for(SCHEMA)


def test_the_document_is_valid() -> None:
    assert [str(error) for error in VALID.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(arazzo="1.1.0"),
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
    used = {step["operationId"] for workflow in DOCUMENT["workflows"] for step in workflow["steps"]}
    assert used <= known
    assert [workflow["workflowId"] for workflow in DOCUMENT["workflows"]] == [
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
    poll = arazzo(canonical, "./x.yaml")["workflows"][0]["steps"][1]
    assert poll["successCriteria"][1] == {"condition": "$response.body#/data/task_status == 'done'"}
    assert poll["onFailure"][0]["criteria"][1] == {"condition": "$response.body#/data/task_status == 'new'"}


class Runner:
    """Just enough of an Arazzo engine to carry out the document: the expressions and actions that it uses."""

    def __init__(self, call: Callable[..., tuple[int, Any]], wait: Callable[[float], None]) -> None:
        self.call, self.wait = call, wait
        self.polls = 0
        self.places = {
            operation["operationId"]: (key.split(" ")[0], key.split(" ")[1])
            for key, operation in operations(library.canonical())
        }

    def run(self, workflow: dict, inputs: dict) -> dict[str, Any]:
        known: dict[str, Any] = {"inputs": inputs, "steps": {}}
        for step in workflow["steps"]:
            if not self.step(step, known):
                return {"ended_at": step["stepId"], **known["steps"][step["stepId"]]["outputs"]}
        return {name: self.value(text, known) for name, text in workflow["outputs"].items()}

    def step(self, step: dict, known: dict) -> bool:
        tries = 0
        while True:
            method, path = self.places[step["operationId"]]
            for parameter in step["parameters"]:
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", self.value(parameter["value"], known))
            body = self.value(step["requestBody"]["payload"], known) if "requestBody" in step else None
            key = next(p["value"] for p in step["parameters"] if p["in"] == "header")
            key = re.sub(r"\{(.*?)\}", lambda m: self.value(m[1], known), key)
            known["statusCode"], known["body"] = self.call(method, path, body, key)
            outputs = {name: self.value(text, known) for name, text in step["outputs"].items()}
            known["steps"][step["stepId"]] = {"outputs": outputs}
            if self.all(step["successCriteria"], known):
                return True
            action = next(a for a in step["onFailure"] if self.all(a.get("criteria", []), known))
            if action["type"] == "end" or tries >= action["retryLimit"]:
                return False
            tries += 1
            self.polls += 1
            self.wait(action["retryAfter"])

    def all(self, criteria: list, known: dict) -> bool:
        return all(any(self.equal(part, known) for part in c["condition"].split(" || ")) for c in criteria)

    def equal(self, condition: str, known: dict) -> bool:
        left, right = condition.split(" == ")
        return self.value(left, known) == (right.strip("'") if "'" in right else int(right))

    def value(self, text: str, known: dict) -> Any:
        if text == "$statusCode":
            return known["statusCode"]
        if text.startswith("$response.body#"):
            found = known["body"]
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


@pytest.mark.parametrize("scenario", ["", "fail"])
@pytest.mark.parametrize("workflow", DOCUMENT["workflows"], ids=lambda w: w["workflowId"])
def test_the_workflow_runs_as_written_against_the_mock(workflow: dict, scenario: str) -> None:
    with understudy_server(pace="realistic", rate=0) as mock:
        if scenario:
            mock.scenario(scenario)
        place = urlsplit(mock.url)

        def call(method: str, path: str, body: Any, key: str) -> tuple[int, Any]:
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
            connection.request(method, path, body and json.dumps(body), {"Authorization": key})
            response = connection.getresponse()
            raw = response.read()
            connection.close()
            return response.status, json.loads(raw)

        runner = Runner(call, mock.advance)
        inputs = {"api_key": mock.api_key, "request": REQUESTS[workflow["workflowId"]]}
        done = runner.run(workflow, inputs)
    assert 0 < runner.polls < workflow["steps"][1]["onFailure"][0]["retryLimit"]
    if scenario:
        assert (done["ended_at"], done["status"]) == ("poll", "failed")
        assert done["reason"]
    else:
        assert done["status"] == "succeed"
        assert len(done["result"]) == inputs["request"].get("n", 1)
