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
