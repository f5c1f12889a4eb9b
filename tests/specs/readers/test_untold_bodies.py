"""Names of blocks, of programs and of types in code are held against the body that they show."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.model import Evidence, Field, Keyword, Operation, Reading
from understudy.specs.readers.told.untold import with_untold

NAME = "clip.md"
TOLD = "named here and "


def field(path: str, line: int) -> Field:
    word = Keyword("type", "string", Evidence(NAME, line, "declared"))
    return Field(tuple(path.split(".")), (word,), line=line)


def told(text: str, *operations: Operation, format_: str = "Markdown tables") -> list[tuple[int, str]]:
    reading = with_untold(Reading(NAME, format_, operations), Document(NAME, text))
    return [(note.line, note.text) for note in reading.notes if note.kind == "untold"]


CREATE = Operation("post", "/v1/clips", (field("words", 2), field("status", 3)), line=1)
QUERY = Operation("get", "/v1/clips/{id}", (), {"200": (field("id", 12), field("data.url", 13))}, line=10)
HEAD = "POST /v1/clips\n"


def test_a_block_of_a_request_is_accounted_for_by_its_fields() -> None:
    assert told(HEAD + '\n\n```json\n{"words": "la", "status": "x"}\n```\n', CREATE) == []


def test_a_name_that_only_another_body_has_is_told() -> None:
    text = HEAD + '\n\n```json\n{"id": "1", "made_at": 2, "status": "x"}\n```\n'

    assert told(text, CREATE, QUERY) == [
        (5, TOLD + "in no fact: made_at; only in facts of another body: id, status")
    ]


def test_a_name_that_the_body_has_elsewhere_is_told() -> None:
    one = Operation("post", "/v1/clips", (), {"200": (field("id", 5), field("data.url", 6))}, line=1)
    text = HEAD + '\n\n```json\n{"id": "1",\n "data": {"url": "x"},\n "last": {"url": "y"}}\n```\n'

    assert told(text, one) == [(7, TOLD + "in no fact: last; only in facts of another body: url")]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('made = response.json()["data"]["film_no"]', "data, film_no"),
        ('state = answer.get("film_state")', "film_state"),
        ("show(data.filmUrl);", "filmUrl"),
    ],
)
def test_what_a_program_takes_from_an_answer_is_told(code: str, names: str) -> None:
    assert told(f"{HEAD}\n```python\n{code}\n```\n", CREATE) == [(4, f"{TOLD}in no fact: {names}")]


@pytest.mark.parametrize(
    "code",
    [
        'print(response.status_code, response.text)\nkey = os.environ["CLIP_KEY"]',
        "return response.json();\nconst a = data.map(one => one);",
        'words = data["words"]',
    ],
)
def test_what_every_program_has_is_not(code: str) -> None:
    assert told(f"{HEAD}\n```python\n{code}\n```\n", CREATE) == []


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("It returns {done, film_no}.", "done, film_no"),
        ("It returns `{ film: string, tone?: 'warm' | 'cold' }`.", "film, tone"),
    ],
)
def test_names_in_braces_are_told(sentence: str, names: str) -> None:
    assert (3, f"{TOLD}in no fact: {names}") in told(f"{HEAD}\n{sentence}\n", CREATE)


def test_a_style_and_a_parameter_in_braces_are_no_names() -> None:
    assert told(HEAD + "<style>td { color: red }</style>\nSee it under {words}.\n", CREATE) == []


def test_members_of_a_type_that_gave_no_field_are_told_together() -> None:
    text = "interface Clip {\n  words: string;\n  status: string;\n}\n"
    text += "interface Film {\n  film: string;\n  tone?: string;\n}\n"

    assert told(text, CREATE, format_="types in code") == [
        (6, "members of a type in code that are in no fact: film, tone")
    ]
