"""What a rendered Apifox page loses, the levels of its fields and what stands between values, is told."""

from __future__ import annotations

from understudy.specs.documents import Document
from understudy.specs.readers import read

PAGE = """Make a clip
POST
/v1/clips/made

Body Params application/json
prompt
string
required
camera
object
optional
kind
enum<string>
optional
Allowed values:
stillslow_and_calmforward_upright_turn_forwardleft_turn_back
length
string
optional
Example
{
"prompt": "a boat"
}
"""


def test_fields_that_may_stand_in_an_object_are_told_where_the_example_shows_neither() -> None:
    notes = [note.text for note in read(Document("page.txt", PAGE)).notes if note.kind == "problem"]

    assert notes == [
        "whether 'kind' and what follows belong into 'camera' is lost; no example shows it",
    ]


def test_one_value_longer_than_any_is_several_and_told() -> None:
    reading = read(Document("page.txt", PAGE))
    (kind,) = [one for one in reading.operations[0].request if one.name == "kind"]

    assert kind.get("enum") is None
    assert [note.text for note in reading.notes if "glued" in note.text] == [
        "glued values: 'stillslow_and_calmforward_upright_turn_forwardleft_turn_back'"
    ]
