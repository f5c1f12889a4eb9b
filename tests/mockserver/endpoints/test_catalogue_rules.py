"""Rules R1 to R26 of the catalogue over HTTP: each has a request that breaks it and is refused, or whose task
fails where the vendor lets it begin, and a neighbour that goes through."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

from understudy.mockserver.play.profile import read_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.contracts.handle import Account

A, B = "https://ex.test/a.png", "https://ex.test/b.png"
IMAGE2VIDEO, TEXT2VIDEO = "/v1/videos/image2video", "/v1/videos/text2video"
REFUSED, FAILS, GOES_THROUGH = "refused", "failed", "succeed"


@pytest.fixture(scope="module")
def still() -> Iterator[Account]:
    """A mock whose clocks are moved by hand alone."""
    with mock_account(rate=0) as mock:
        yield mock


@pytest.fixture
def client(still: Account) -> Client:
    return Client(still.server.account(key=f"rules-{uuid.uuid4()}"))


def outcome(client: Client, path: str, body: dict[str, Any], **headers: str) -> str:
    """What becomes of a create: "refused", or the state in which its task ends."""
    told = client.post(path, body, **headers)
    if told.status == 400:
        assert str(told.json["code"]).startswith("12"), told.json
        return REFUSED
    assert told.status == 200, told.json
    client.mock.clock.advance(600)
    return str(client.get(f"{path}/{told.data['task_id']}").data["task_status"])


# Those that the data of a family holds, with the requests that stand beside them.
STATED = [
    (family, rule)
    for family in read_profile("canonical").families
    for rule in (family.rules.rules if family.rules is not None else ())
]


@pytest.mark.parametrize(("family", "rule"), STATED, ids=[f"{f.name}-{r.id}" for f, r in STATED])
def test_request_that_breaks_a_stated_rule_does_not_go_through_and_its_neighbour_does(
    client: Client, family: Any, rule: Any
) -> None:
    expected = REFUSED if rule.refuses else FAILS if rule.fails else GOES_THROUGH
    found = outcome(client, family.path, rule.breaks), outcome(client, family.path, rule.passes)
    assert found == (expected, GOES_THROUGH)
    # What is taken because nobody knows better is told in the journal.
    notes = [note for entry in client.mock.journal for note in entry.get("notes", ())]
    assert [note.split(":")[0] for note in notes] == ([] if rule.refuses else [rule.id])


def frames_and_shots(client: Client) -> tuple[str, str]:
    """R12: shots did not go with both frames until May 2026, and do since; with one they always did."""
    shots = [{"index": 1, "prompt": "a", "duration": "2"}, {"index": 2, "prompt": "b", "duration": "3"}]
    body = {"model_name": "kling-v3", "image": A, "multi_shot": True, "shot_type": "customize"}
    body |= {"multi_prompt": shots, "duration": "5", "mode": "pro"}
    return outcome(client, IMAGE2VIDEO, {**body, "image_tail": B}), outcome(client, IMAGE2VIDEO, body)


def extended(client: Client) -> tuple[str, str]:
    """R20: what is made of a clip of kling-v1 has no negative prompt."""
    ends = []
    for model in ("kling-v1", "kling-v1-6"):
        made = client.post(TEXT2VIDEO, {"model_name": model, "prompt": "a fox"}).data["task_id"]
        client.mock.clock.advance(600)
        [clip] = client.get(f"{TEXT2VIDEO}/{made}").data["task_result"]["videos"]
        body = {"video_id": clip["id"], "negative_prompt": "rain"}
        ends.append(outcome(client, "/v1/videos/video-extend", body))
    return ends[0], ends[1]


def garments(client: Client) -> tuple[str, str]:
    """R25: a pair that does not go together fails later; no request tells it, so a scenario does."""
    path, body = "/v1/images/kolors-virtual-try-on", {"human_image": A, "cloth_image": B}
    failing = outcome(client, path, body, X_Understudy_Scenario="fail:reason=two_coats")
    return failing, outcome(client, path, body)


BY_HAND: dict[str, Callable[[Client], tuple[str, str]]] = {
    "R12": frames_and_shots,
    "R20": extended,
    "R25": garments,
}
ENDS = {"R12": GOES_THROUGH, "R20": REFUSED, "R25": FAILS}


@pytest.mark.parametrize("name", BY_HAND)
def test_request_that_breaks_a_rule_of_what_it_names_or_shows(client: Client, name: str) -> None:
    assert BY_HAND[name](client) == (ENDS[name], GOES_THROUGH)


FRAME, LAST = {"type": "first_frame", "url": A}, {"type": "last_frame", "url": B}
FIRST, SECOND = ({"type": "element", "element_id": 829836802793406551, "id": name} for name in "ab")
# R26: (path, what breaks it, its neighbour); the limits of each model are in test_kling_v2.py.
NEW_GENERATION = [
    ("/image-to-video/kling-2.6", [LAST], [FRAME]),
    ("/image-to-video/kling-3.0", [FRAME, FIRST, FIRST], [FRAME, FIRST, SECOND]),
]


@pytest.mark.parametrize(("path", "breaks", "passes"), NEW_GENERATION)
def test_request_of_the_new_generation_that_breaks_a_rule_is_refused(
    path: str, breaks: list[Any], passes: list[Any]
) -> None:
    with mock_account("kling-v2") as mock:
        client = Client(mock)
        assert [client.post(path, {"contents": one}).status for one in (breaks, passes)] == [400, 200]


def test_every_rule_of_the_catalogue_has_its_requests() -> None:
    told = {name for _, rule in STATED for name in re.findall(r"^R\d+", rule.id)} | {*BY_HAND} | {"R26"}
    assert told == {f"R{number}" for number in range(1, 27)}
