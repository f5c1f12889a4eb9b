"""A request whose fields do not fit together is refused, in the provider's words where they are known."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

from understudy.mockserver.play.profile import CompiledFamily, read_profile
from understudy.mockserver.play.smallest import smallest
from understudy.specs.pointers import at

VIDEO = "/v1/videos/image2video"
PICTURE = "https://example.com/boat.png"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"model_name": "kling-v2-5-turbo", "image": PICTURE, "image_tail": PICTURE, "prompt": "a"},
            "model/mode/duration(kling-v2-5-turbo/std/5) is not supported with image_tail",
        ),
        (
            {"model_name": "kling-v2-6", "image": PICTURE, "prompt": "a", "sound": "on"},
            "mode value 'std' is invalid",
        ),
        ({"prompt": "a"}, "image: is required, or image_tail"),
        (
            {"model_name": "kling-v2-1", "image": PICTURE, "prompt": "a", "duration": "7"},
            "duration: 7 is none of kling-v2-1, supported values: 5, 10",
        ),
    ],
)
def test_what_does_not_fit_is_refused(client: Client, request_: dict[str, Any], message: str) -> None:
    told = client.post(VIDEO, request_)
    assert (told.status, told.json["code"], told.json["message"]) == (400, 1201, message)


def test_values_that_mean_absent_fit(client: Client) -> None:
    told = client.post(VIDEO, {"image": PICTURE, "prompt": "a", "image_tail": "", "shot_type": None})
    assert told.status == 200, told.json


RULED = {
    rule.id: (family, rule)
    for family in read_profile("canonical").families
    for rule in (family.rules.rules if family.rules is not None else ())
}
MASKS = ("R5", "R5b")


@pytest.mark.parametrize("name", MASKS)
def test_masks_of_another_size_make_the_task_fail(client: Client, name: str) -> None:
    family, rule = RULED[name]
    ends = []
    for request in (rule.breaks, rule.passes):
        task = client.create(request, family.path)
        client.mock.clock.advance(600)
        ends.append(client.task(task, family.path)["task_status"])
    [broken, _, kept, _] = [entry.get("notes", []) for entry in client.mock.journal]
    assert (ends, kept) == (["failed", "succeed"], [])
    assert broken == [f"{name}: {rule.place[-1]} {rule.says}; the task fails for it"]


def test_what_is_taken_as_nobody_knows_better_is_said_in_the_journal(client: Client) -> None:
    family, rule = RULED["R6"]
    client.create(rule.breaks, family.path)
    client.create(rule.passes, family.path)
    told = "R6: cfg_scale is not for kling-v2.x; what the provider does is not known, so it was taken"
    assert [entry.get("notes") for entry in client.mock.journal] == [[told], None]


def test_what_a_picture_shows_only_a_scenario_knows(client: Client) -> None:
    """R25: a pair of garments that does not go together fails at the vendor's; no request tells it."""
    path = "/v1/images/kolors-virtual-try-on"
    body = {"human_image": PICTURE, "cloth_image": PICTURE}
    tasks = [client.create(body, path, X_Understudy_Scenario=text) for text in ("fail:reason=two_coats", "")]
    client.mock.clock.advance(600)
    told = [client.task(task, path) for task in tasks]
    assert [(one["task_status"], one["task_status_msg"]) for one in told] == [
        ("failed", "two_coats"),
        ("succeed", ""),
    ]


def test_the_textbook_is_the_schema_alone() -> None:
    with mock_account(textbook=True) as mock:
        assert Client(mock).post(VIDEO, {"prompt": "a"}).status == 200


def names_a_source(family: CompiledFamily) -> bool:
    """Whether a request must name a result of the account, which no example can know."""
    rule = family.behaviour.source
    return rule is not None and at(smallest(family.check.source), rule.field) is not None


OF_THEIR_OWN = [family for family in read_profile("canonical").families if not names_a_source(family)]


@pytest.mark.parametrize("family", OF_THEIR_OWN, ids=lambda family: family.name)
def test_the_request_that_is_shown_to_begin_with_is_taken(client: Client, family: CompiledFamily) -> None:
    told = client.post(family.path, smallest(family.check.source))
    assert told.status == 200, told.json
