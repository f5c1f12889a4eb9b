"""`duration: 5` for "5": a fault that a vendor may forgive. Whether it does is data, or is not known."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from understudy.mockserver.play.profile import build_profile
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import effective

VIDEO = "/v1/videos/multi-image2video"
BODY = {"image_list": [{"image": "https://pictures.example/cat.png"}], "prompt": "cats"}


def check_of(known: str | None) -> Any:
    document = copy.deepcopy(dict(effective("canonical")))
    if known is not None:
        document["x-conventions"] = {**document["x-conventions"], "request": {"numbers_for_texts": known}}
    profile = build_profile("mine", document)
    return next(family for family in profile.families if family.path == VIDEO).check


def test_a_number_that_is_taken_is_played_as_its_text() -> None:
    check = check_of("taken")
    for duration in (5, 10):
        assert check.is_valid({**BODY, "duration": duration})
        assert check.read({**BODY, "duration": duration})["duration"] == str(duration)
    assert check.read({**BODY, "duration": "5"})["duration"] == "5"
    assert not check.is_valid({**BODY, "duration": 6})
    assert not check.is_valid({**BODY, "duration": True})
    assert not check.is_valid({**BODY, "image_list": [{"image": 5}]})


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ("refused", "must be of type string"),
        ("unknown", "must be of type string (whether the provider takes a number here is not known)"),
        (None, "must be of type string (whether the provider takes a number here is not known)"),
    ],
)
def test_a_number_that_is_refused_says_whether_that_is_known(known: str | None, reason: str) -> None:
    check = check_of(known)
    refused = check.refusal({**BODY, "duration": 5})
    assert (refused.field, refused.keyword, refused.values["reason"]) == ("duration", "type", reason)
    # Of anything else it is no question.
    assert check.refusal({**BODY, "duration": True}).values["reason"] == "must be of type string"
    assert check.refusal({**BODY, "duration": []}).values["reason"] == "must be of type string"


def test_what_a_profile_says_of_numbers_is_one_of_three_words() -> None:
    with pytest.raises(UnderstudyError) as raised:
        check_of("maybe")
    assert "unknown numbers_for_texts 'maybe' (known: taken, refused, unknown)" in str(raised.value)
