"""Where fields stand on rendered pages, which show no levels: as an example has it; else it is told."""

from __future__ import annotations

from understudy.specs.documents import Document
from understudy.specs.readers import read

FIELDS = """
Body
application/json

prompt
string
required

voice
object

Who speaks.

Show child attributes

speed
number
default:1

How fast.

Required range: 0.5 <= x <= 2
"""
CALL = """
curl --request POST \\
  --url https://api.example.com/task/make \\
  --header 'Content-Type: application/json' \\
  --data '{
  "prompt": "a boat",
  "voice": {
    "speed": 1
  }
}'
"""
ANSWER = """
Response
200

{
  "taskNo": "1"
}
"""
LOST = "whether fields belong into 'voice' is lost; no example shows it"


def places(text: str) -> tuple[list[str], list[str]]:
    reading = read(Document("page.txt", text))
    (operation,) = reading.operations
    lost = [note.text for note in reading.notes if "is lost" in note.text]
    return [".".join(one.path) for one in operation.request], lost


def test_call_that_alone_says_the_path_shows_what_is_inside_of_what() -> None:
    assert places(f"Make a clip\n{FIELDS}{CALL}{ANSWER}") == (["prompt", "voice", "voice.speed"], [])


def test_level_that_no_example_shows_is_told_though_the_answer_has_one() -> None:
    assert places(f"POST /v1/clips\n{FIELDS}{ANSWER}") == (["prompt", "voice", "speed"], [LOST])
