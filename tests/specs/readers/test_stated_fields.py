"""A page is read once more for fields that its format's reader leaves out: nothing is lost without a note,
and no note stays of the reading that is not taken.
"""

from __future__ import annotations

import pytest
from tests.specs.readers.stated import facts_of

from understudy.specs.documents import Document
from understudy.specs.model import CUT
from understudy.specs.readers import read
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.stated import stated_fields

HEAD = "Make a clip\nPOST https://api.clips.example/v1/make\n\nBody parameters\n\n"
FIELD = "seconds\ninteger\noptional\nHow long\n"


def rewritten(text: str) -> tuple[list[str], list[tuple[int, str]]]:
    """The lines of the rewritten page that say something, and its notes."""
    document = Document("x.txt", text)
    log = FactLog(document)
    made = stated_fields.rewritten(document, log)
    return [line for line in made.document.lines if line.strip()], [(n.line, n.text) for n in log.notes]


@pytest.mark.parametrize(
    ("below", "default"),
    [
        ("Default\n5\n", "5"),
        ("Default\n\n5\n", "5"),
        ("Default:\n\n\n`5`\n", "`5`"),
        ("默认值\n\n5\n", "5"),
        ("Default\n\n300\n", "300"),
        ("Default\n\nThe usual one is taken.\n", None),
        ("Default\n\nAllowed values:\n3, 5\n", None),
        ("Default\n\nResponse\n", None),
        ("Default\n\nname\nstring\nrequired\n", None),
        ("Default\n\n\n\n\n5\n", None),
    ],
)
def test_default_stands_below_its_label_and_perhaps_a_blank_line(below: str, default: str | None) -> None:
    lines, _ = rewritten(HEAD + FIELD + below)

    assert [line for line in lines if "Default: " in line] == ([f"  - Default: {default}"] if default else [])


def test_line_that_is_about_no_field_is_given_unabridged() -> None:
    example = '{"prompt": "' + "x" * 2_500 + '", "seconds": 5}'

    lines, notes = rewritten(f"{HEAD}{FIELD}\n```json\n{example}\n```\n")

    assert example in lines
    assert notes == []


def test_line_of_a_field_that_is_cut_is_told() -> None:
    _, notes = rewritten(f"{HEAD}{FIELD}{'word ' * 500}\n")

    assert notes == [(10, f"{CUT}a line is looked through for fields up to 2,000 characters")]


def test_value_of_an_example_that_is_left_out_is_no_cut() -> None:
    _, notes = rewritten(f"{HEAD}{FIELD}Example: {'word ' * 500}\n")

    assert notes == []


TABLE = """# Clip

POST /v1/clips

| Field | Type | Required | Description |
|---|---|---|---|
| prompt | string | Yes | Words |

mode string optional
Which one

seconds integer optional
How long

```json
{"prompt": "a cat", "mode": "quick", "seconds": 5}
```
"""


def test_notes_of_the_reading_that_is_not_taken_are_not_kept() -> None:
    reading = read(Document("x.md", TABLE, encoding="gb18030"))

    assert set(facts_of(reading)["POST /v1/clips"]) == {("", "prompt"), ("", "mode"), ("", "seconds")}
    assert [(n.kind, n.line, n.text) for n in reading.notes] == [
        ("mend", 1, "not UTF-8, read as gb18030"),
        (
            "mend",
            9,
            "the page states 2 fields that its format's reader leaves out; read by their names and types",
        ),
    ]


CALL = """# Clip

| Field | Type | Required | Description |
|---|---|---|---|
| prompt | string | Yes | Words |

```python
requests.post("https://api.clips.example/v1/clips", json={"prompt": "a cat"})
```
"""


def test_page_that_is_read_with_its_calls_still_tells_its_encoding() -> None:
    reading = read(Document("x.md", CALL, encoding="gb18030"))

    assert set(facts_of(reading)) == {"POST /v1/clips"}
    assert [(n.kind, n.line, n.text) for n in reading.notes] == [("mend", 1, "not UTF-8, read as gb18030")]


def test_note_of_a_page_with_calls_has_the_line_of_the_page() -> None:
    other = CALL.replace("requests.post(", "Request.send(HttpMethod.POST, ").replace(", json=", ", body=")

    reading = read(Document("x.md", other + "\n" * 3_000 + "words\n"))

    assert [(n.line, n.text) for n in reading.notes if n.text.startswith(CUT)] == [
        (3_001, f"{CUT}3,000 lines of a page with code are read")
    ]


@pytest.mark.parametrize(
    ("behind", "is_told"),
    [
        ("mode\nstring\noptional\nWhich one\n\nseconds\ninteger\noptional\nHow long\n", True),
        ("- `mode` (string): Which one\n- `seconds` (integer): How long\n", False),
        ("Words about a string and an integer that is required.\n" * 5, False),
        ("```\nmode string\nseconds integer\n```\n", False),
    ],
    ids=["not read", "read", "words", "code"],
)
def test_fields_behind_the_lines_that_are_looked_through_are_told(behind: str, is_told: bool) -> None:
    table = TABLE.partition("\nmode ")[0]

    reading = read(Document("x.md", table + "\n" * 3_000 + "## More\n\n" + behind))

    assert [(n.line, n.text) for n in reading.notes if n.text.startswith(CUT)] == (
        [(3_001, f"{CUT}3,000 lines are looked through for fields")] if is_told else []
    )
