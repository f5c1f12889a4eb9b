"""Providers differ on the wire; the mock plays each as its document and conventions say."""

from __future__ import annotations

import copy
import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, VIDEO, VIDEO_REQUEST, Client
from tests.mockserver.play.records import a_task

from understudy.mockserver.accounts.pace import read_pace
from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.play.checks import RequestCheck
from understudy.mockserver.play.envelopes import Envelope
from understudy.mockserver.play.profile import build_profile, read_profile
from understudy.mockserver.play.refusals import RefusalAnswers
from understudy.mockserver.play.smallest import smallest
from understudy.mockserver.settings import Settings
from understudy.mockserver.state import ServerState
from understudy.mockserver.store.tasks import TaskPlan
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import effective, profiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

# Satisfies every profile's required set (KLING.md, "How resellers differ on the wire").
FULL = {
    IMAGE: {**IMAGE_REQUEST, "n": 1},
    VIDEO: {**VIDEO_REQUEST, "mode": "std", "duration": "5", "model_name": "kling-v1-6"},
}


@pytest.fixture(scope="module")
def everyone() -> Iterator[Account]:
    """One server that plays all profiles, each below its name."""
    with mock_account(provider="canonical", profiles=tuple(profiles()), rate=0) as mock:
        yield mock


def place(profile: str, path: str) -> str:
    return f"/{profile}{read_profile(profile).prefixes[0]}{path}"


def request_for(profile: str, path: str) -> dict[str, Any]:
    """A request that the profile takes, with its newest model."""
    family = next(f for f in read_profile(profile).families if f.path == path)
    if path not in FULL:
        made: Any = smallest(family.check.source)
        return dict(made)
    body = copy.deepcopy(FULL[path])
    model = family.check.source["properties"].get("model_name", {})
    if "enum" in model:
        body["model_name"] = model["enum"][0]
    if (
        family.check.source["properties"].get("subject_image_list", {}).get("items", {}).get("type")
        == "string"
    ):
        body["subject_image_list"] = [item["subject_image"] for item in body["subject_image_list"]]
    return body


def record_of(answer: Any) -> dict[str, Any]:
    """The innermost object with a task_id and a task_status, as clients of gateways find it."""
    if isinstance(answer, dict):
        for part in answer.values():
            found = record_of(part)
            if found:
                return found
        if "task_id" in answer and "task_status" in answer:
            return answer
    return {}


# One that begins with a result of the account is in test_chains.
PATHS = [family.path for family in read_profile("canonical").families if "extend" not in family.path]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("profile", profiles())
def test_every_profile_completes_a_task_of_every_family(everyone: Account, profile: str, path: str) -> None:
    client = Client(everyone.server.account(key=f"{profile}{path}"))
    client.mock.clock.rate = 0
    where = place(profile, path)
    created = client.post(where, request_for(profile, path)).json
    task_id = (created.get("data") or created)["task_id"]
    client.mock.clock.advance(2)
    record = record_of(client.get(f"{where}/{task_id}").json)
    assert (record["task_id"], record["task_status"]) == (task_id, "succeed")
    result = next(iter(record["task_result"].values()))[0]
    urls = [value for name, value in result.items() if "url" in name]
    # Elements are shown nowhere.
    assert urls or "elements" in path
    assert [client.get(url).status for url in urls] == [200] * len(urls)


@pytest.mark.parametrize("profile", profiles())
def test_every_required_field_of_a_profile_is_asked_for(everyone: Account, profile: str) -> None:
    client = Client(everyone)
    for family in (one for one in read_profile(profile).families if one.path in PATHS):
        good = request_for(profile, family.path)
        for name in family.check.source.get("required", ()):
            bare = {k: v for k, v in good.items() if k != name}
            assert f"{name}: is required" in client.post(place(profile, family.path), bare).json["message"]


def test_chainhub_requires_what_the_vendor_does_not(everyone: Account) -> None:
    client = Client(everyone)
    told = client.post(place("chainhub", IMAGE), IMAGE_REQUEST)
    assert (told.status, told.json["code"]) == (400, 1201)
    assert client.post(place("kling", IMAGE), IMAGE_REQUEST).status == 200


def test_cometapi_tells_errors_under_http_200_and_codes_as_text(everyone: Account) -> None:
    client = Client(everyone)
    good = client.post(place("cometapi", IMAGE), IMAGE_REQUEST)
    bad = client.post(place("cometapi", IMAGE), {})
    assert (good.status, good.json["code"], good.json["message"]) == (200, "0", "success")
    assert (bad.status, bad.json["code"]) == (200, "1201")


def test_yutoai_takes_pictures_as_texts_and_knows_its_own_spelling(everyone: Account) -> None:
    client = Client(everyone)
    body = request_for("yutoai", IMAGE)
    assert isinstance(body["subject_image_list"][0], str)
    assert client.post(place("yutoai", IMAGE), body).status == 200
    words = "File is not in a valid base64 format"
    for field, value in (("subject_image_list", ["no picture!"]), ("scence_image", "no picture!")):
        wrong = client.post(place("yutoai", IMAGE), {**body, field: value})
        assert wrong.json["message"] in (f"{words}: {field}", f"{words}: {field}[0]")


def test_a_gateway_answers_create_with_openai_s_object_and_wraps_what_it_polls(everyone: Account) -> None:
    client = Client(everyone.server.account(key="gateway"))
    client.mock.clock.rate = 0
    where = place("newapi", IMAGE)
    now = client.mock.clock.now // 1000
    created = client.post(where, {**IMAGE_REQUEST, "model_name": "kling-v2-1"}).json
    task_id = created["id"]
    assert created == {
        "id": task_id,
        "task_id": task_id,
        "object": "video",
        "model": "kling-v2-1",
        "status": "queued",
        "progress": 0,
        "created_at": now,
    }
    seen = []
    for _ in range(3):
        data = client.get(f"{where}/{task_id}").json["data"]
        seen.append((data["status"], data["progress"], data["data"]["data"]["task_status"]))
        client.mock.clock.advance_to_next()
    assert seen == [
        ("SUBMITTED", "0%", "submitted"),
        ("IN_PROGRESS", "25%", "processing"),
        ("SUCCESS", "100%", "succeed"),
    ]
    url = data["data"]["data"]["task_result"]["images"][0]["url"]
    assert (data["fail_reason"], data["start_time"], data["finish_time"]) == (
        url,
        data["start_time"],
        now + 2,
    )


@pytest.mark.parametrize("profile", sorted(profiles()))
def test_every_profile_echoes_the_watermark_s_switch_in_its_record(everyone: Account, profile: str) -> None:
    client = Client(everyone.server.account(key=f"marks-{profile}"))
    where = place(profile, IMAGE)
    sent = {**request_for(profile, IMAGE), "watermark_info": {"enabled": True}}
    answer = client.post(where, sent).json
    task_id = (answer.get("data") or answer)["task_id"]
    record = client.get(f"{where}/{task_id}").json["data"]
    record = record["data"]["data"] if profile == "newapi" else record
    assert record["watermark_info"] == {"enabled": True}


def test_a_gateway_s_refusals_are_words_without_data(everyone: Account) -> None:
    unknown = Client(everyone).get(place("newapi", IMAGE) + "/nope")
    assert (unknown.status, unknown.json["code"], unknown.json["data"]) == (400, "task_not_exist", None)


def test_host_chooses_the_profile(everyone: Account) -> None:
    client = Client(everyone)
    paths = [(name, read_profile(name).prefixes[0] + IMAGE) for name in ("cometapi", "newapi", "kling")]
    codes = {name: client.post(path, {}, Host=f"{name}.localhost").json["code"] for name, path in paths}
    assert codes == {"cometapi": "1201", "newapi": "invalid_request", "kling": 1201}
    name, path = paths[1]
    assert client.post(path, {}, Host=f"{name}.LocalHost".upper()).json["code"] == codes[name]


def test_unknown_paths_are_refused_in_the_words_of_their_profile(everyone: Account) -> None:
    client = Client(everyone)
    codes = [client.get(path).json["code"] for path in ("/nope", "/cometapi/nope", "/newapi/nope")]
    assert codes == [1203, "1203", "invalid_request"]


def test_tasks_are_the_account_s_whatever_profile_made_them(everyone: Account) -> None:
    client = Client(everyone.server.account(key="both"))
    task_id = client.post(place("kling", IMAGE), IMAGE_REQUEST).data["task_id"]
    assert client.get(f"{place('cometapi', IMAGE)}/{task_id}").data["task_id"] == task_id


def test_a_profile_nobody_knows_is_refused_with_the_known() -> None:
    with pytest.raises(UnderstudyError, match="kling"):
        ServerState(Settings(profiles=("nope",)))


# --- the language of x-conventions


def changed(**conventions: Any) -> Any:
    """The canonical document with other conventions."""
    document = copy.deepcopy(effective("canonical"))
    document["x-conventions"] |= conventions
    return document


BROKEN = [
    ({"answers": {"create": {"id": "$nope"}}}, "unknown value '$nope'"),
    ({"answers": {"delete": {}}}, "unknown answer 'delete'"),
    ({"error": {"code": "roman"}}, "unknown kind of code 'roman'"),
    ({"error": {"http_status": "mine"}}, "unknown http_status 'mine'"),
    ({"record": {"more": ["$nope"]}}, "unknown value '$nope'"),
]


@pytest.mark.parametrize(("conventions", "words"), BROKEN)
def test_conventions_that_nobody_understands_are_refused(conventions: dict[str, Any], words: str) -> None:
    with pytest.raises(UnderstudyError) as raised:
        build_profile("mine", changed(**conventions))
    assert words in str(raised.value)


def test_a_situation_that_the_document_lacks_is_named() -> None:
    with pytest.raises(MockError, match="unknown situation 'nope'"):
        RefusalAnswers(read_profile("canonical").behaviour.refusals).answer(Refused("nope"), "")


def test_another_family_is_a_document_and_no_code() -> None:
    """A third family, in which everything has another name, is played from data alone."""
    document = copy.deepcopy(effective("canonical"))
    text = json.dumps({"path": document["paths"][IMAGE], "one": document["paths"][IMAGE + "/{id}"]})
    for old, new in (("multi-image2image", "dreams"), ("/task_status", "/mood"), ("succeed", "dreamt")):
        text = text.replace(old, new)
    made = json.loads(text)
    document["paths"]["/v1/dreams"] = made["path"]
    document["paths"]["/v1/dreams/{id}"] = made["one"]
    profile = build_profile("mine", document)
    family = next(f for f in profile.families if f.path == "/v1/dreams")
    assert (family.behaviour.lifecycle.success, family.behaviour.lifecycle.route("dreamt")) == (
        "dreamt",
        ("submitted", "processing", "dreamt"),
    )
    plan = TaskPlan(family.behaviour.lifecycle.route("dreamt"), (0, 1, 2))
    record = Envelope(family).records.record(a_task(family="dreams", plan=plan), 2, "http://x")
    assert (record["mood"], len(record["task_result"]["images"])) == ("dreamt", 1)
    assert read_pace("instant").run_ms(family.behaviour.median_ms, family.behaviour.spread, "") == 0


# --- strict, and the textbook


def test_strict_refuses_unknown_and_empty_fields_by_name() -> None:
    with mock_account(strict=True) as mock:
        client = Client(mock)
        told = [client.post(IMAGE, {**IMAGE_REQUEST, **more}) for more in ({"cats": 2}, {"model_name": ""})]
    assert [(t.status, t.json["message"].split()[0].rstrip(":")) for t in told] == [
        (400, "cats"),
        (400, "model_name"),
    ]
    assert told[0].json["message"] == "cats: is not a field of this request"


def test_strict_refuses_what_the_provider_s_own_documents_do_not_mention() -> None:
    with mock_account("yutoai", strict=True) as mock:
        where = read_profile("yutoai").prefixes[0] + IMAGE
        body = request_for("yutoai", IMAGE)
        told = [
            Client(mock).post(where, {**body, **more})
            for more in ({}, {"style_image": "http://a"}, {"external_task_id": "mine"})
        ]
    assert [t.status for t in told] == [200, 400, 400]
    assert [t.json["message"] for t in told[1:]] == [
        f"{field}: is not a field of this request" for field in ("style_image", "external_task_id")
    ]


def test_a_required_field_that_nobody_mentions_is_strictly_not_there() -> None:
    silent = {"type": "string", "x-undocumented": True}
    schema = {
        "type": "object",
        "required": ["cat", "dog"],
        "properties": {"cat": silent, "dog": {"type": "string"}},
    }
    bodies = ({"dog": "a"}, {"cat": "b", "dog": "a"})
    checks = {strict: RequestCheck(schema, strict=strict) for strict in (False, True)}
    takes = {strict: [check.is_valid(body) for body in bodies] for strict, check in checks.items()}
    assert takes == {False: [False, True], True: [True, False]}


def test_textbook_refuses_with_http_s_own_status() -> None:
    with mock_account(textbook=True) as mock:
        client = Client(mock)
        client.create({"external_task_id": "mine"})
        deleted = client.request("DELETE", IMAGE)
        told = [
            client.get(f"{IMAGE}/nope"),
            deleted,
            client.post(IMAGE, {**IMAGE_REQUEST, "external_task_id": "mine"}),
        ]
    assert [(t.status, t.json["code"]) for t in told] == [(404, 1203), (405, 1202), (409, 1201)]
    assert deleted.headers["allow"] == "GET, POST"


# --- where results are


ORIGINS = [
    ({}, None),
    ({"X_Forwarded_Proto": "https", "X_Forwarded_Host": "api.example"}, "https://api.example"),
    ({"X_Forwarded_Proto": "https, http", "X_Forwarded_Host": "a.example, b.example"}, "https://a.example"),
    ({"X_Forwarded_Host": 'evil" onload='}, None),
    ({"Host": "mock.local:81"}, "http://mock.local:81"),
]


@pytest.mark.parametrize(("headers", "origin"), ORIGINS)
def test_results_are_where_the_client_reaches_us(
    client: Client, mock: Account, headers: dict[str, str], origin: str | None
) -> None:
    mock.pace("instant")
    task_id = client.create()
    url = client.task(task_id, **headers)["task_result"]["images"][0]["url"]
    assert url.startswith(f"{origin or mock.url}/results/{task_id}/0.png")


def test_public_url_is_where_results_are() -> None:
    with mock_account(public_url="https://mock.example/x", pace="instant") as mock:
        client = Client(mock)
        url = client.task(client.create())["task_result"]["images"][0]["url"]
    assert url.startswith("https://mock.example/x/results/")


def test_without_a_host_the_socket_s_address_is_told(client: Client, mock: Account) -> None:
    mock.pace("instant")
    task_id = client.create()
    connection = http.client.HTTPConnection("127.0.0.1", int(mock.url.rpartition(":")[2]), timeout=10)
    connection.putrequest("GET", f"{IMAGE}/{task_id}", skip_host=True)
    connection.putheader("Authorization", f"Bearer {client.key}")
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    # HTTP/1.1 without Host: either way nothing of ours breaks.
    assert status in (200, 400)


VALUES = [None, "", [], {}, 0, -1, 1.5, True, "x", [""], [[]], [None], [{}], {"": ""}]


@pytest.mark.parametrize("name", profiles())
def test_whatever_stands_in_a_field_its_refusal_names_it(name: str) -> None:
    """Empty values count as absent where they may; elsewhere they are a problem of that very field."""
    for family in read_profile(name).families:
        check = family.check
        good = request_for(name, family.path)
        for field in check.source["properties"]:
            for value in VALUES:
                request = {**good, field: value}
                if not check.is_valid(request):
                    assert check.problem(request).field.startswith(field), request
