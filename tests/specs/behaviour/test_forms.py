"""A form holds texts; its schema says what they mean."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from understudy.specs.behaviour.forms import FORMS, MULTIPART, URLENCODED, read_form, written

SCHEMA = {
    "properties": {
        "prompt": {"type": "string"},
        "n": {"type": "integer"},
        "scale": {"type": "number"},
        "loud": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "array", "items": {"type": "integer"}},
        "camera": {"type": "object"},
        "image": {"type": "string", "format": "binary"},
    }
}
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n--form\r\n").decode()


@pytest.mark.parametrize("media", FORMS)
@pytest.mark.parametrize(
    "value",
    [
        {},
        {"prompt": 'two lines\r\n& "quotes" = 猫', "n": -2, "scale": 0.5, "loud": False},
        {"tags": ["a", "b"], "sizes": [1, 2], "camera": {"zoom": 1}},
        {"tags": ["a"], "prompt": "", "n": 10**20},
        {"image": PICTURE, "prompt": "7"},
    ],
    ids=["nothing", "scalars", "lists and objects", "one item", "a file"],
)
def test_a_value_comes_back_from_its_form(media: str, value: dict[str, Any]) -> None:
    assert read_form(*written(media, value, SCHEMA), SCHEMA) == value


@pytest.mark.parametrize(
    ("value", "back"),
    [
        ({"n": "2"}, {"n": 2}),
        ({"n": "many"}, {"n": "many"}),
        ({"n": None}, {}),
        ({"loud": "yes"}, {"loud": "yes"}),
        ({"prompt": 5}, {"prompt": "5"}),
        ({"camera": "near"}, {"camera": "near"}),
        ({"prompt": "\ud800"}, {"prompt": "?"}),
    ],
)
def test_what_a_form_cannot_hold_comes_back_as_a_text_or_not_at_all(
    value: dict[str, Any], back: dict[str, Any]
) -> None:
    assert read_form(*written(URLENCODED, value, SCHEMA), SCHEMA) == back
    assert read_form(*written(MULTIPART, value, SCHEMA), SCHEMA) == back


def test_forms_of_other_writers_are_read() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="tags[]"\r\n\r\na\r\n'
        b'--x\r\nContent-Disposition: form-data; name="tags[]"\r\n\r\nb\r\n'
        b'--x\r\nContent-Disposition: form-data; name="reference"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n1234\r\n--x--\r\n"
    )
    assert read_form("multipart/form-data; boundary=x", body, SCHEMA) == {
        "tags": ["a", "b"],
        "reference": {"filename": "a.png", "type": "image/png", "size": 4},
    }
    assert read_form(URLENCODED, b"tags=%5B%22a%22%5D&n=1&n=2&empty", SCHEMA) == {
        "tags": ["a"], "n": 2, "empty": "",
    }  # fmt: skip


def test_the_same_value_is_the_same_form() -> None:
    kind, body = written(MULTIPART, {"image": PICTURE, "n": 1}, SCHEMA)
    assert (kind, body) == written(MULTIPART, {"image": PICTURE, "n": 1}, SCHEMA)
    assert b'name="image"; filename="image"\r\nContent-Type: application/octet-stream\r\n\r\n\x89PNG' in body
    assert b'name="n"\r\n\r\n1\r\n' in body
