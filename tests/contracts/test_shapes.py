"""A schema is compiled with the parts of its document that it leads to, however it leads there."""

from __future__ import annotations

import pytest

from understudy.contracts.failures import TargetError
from understudy.contracts.shapes import shape

SCHEMAS = {
    "Task": {"properties": {"parent": {"$ref": "#/components/schemas/Task"}, "sizes": {"type": "array"}}},
    "Size": {"$defs": {"whole": {"type": "integer"}}},
    "Sized": {"anyOf": [{"$ref": "#/components/schemas/Size/$defs/whole"}, {"type": "null"}]},
    "Deep": {"allOf": [{"properties": {"size": {"$ref": "#/components/schemas/Sized"}}}]},
    "a/b": {"type": "null"},
    "Named": {"$anchor": "named", "type": "boolean"},
    "Lost": {"$ref": "#/components/schemas/Gone"},
}
DOCUMENT = {"components": {"schemas": SCHEMAS}}


@pytest.mark.parametrize(
    ("ref", "good", "bad"),
    [
        ("#/components/schemas/Task", {"parent": {"sizes": []}}, {"parent": {"parent": {"sizes": 1}}}),
        ("#/components/schemas/Size/$defs/whole", 1, "1"),
        ("#/components/schemas/Deep", {"size": None}, {"size": "1"}),
        ("#/components/schemas/a~1b", None, 0),
    ],
)
def test_reference_is_followed(ref, good, bad):
    made = shape({"$ref": ref}, DOCUMENT)
    assert (made.takes(good), made.takes(bad)) == (True, False)


def test_what_has_a_name_of_its_own_is_found_by_that():
    made = shape({"properties": {"on": {"$ref": "#/components/schemas/Named"}}}, DOCUMENT)
    assert (made.takes({"on": True}), made.takes({"on": 1})) == (True, False)


def test_reference_to_nothing_is_an_error_where_it_is_led_to_and_nowhere_else():
    with pytest.raises(TargetError, match="a schema cannot be compiled"):
        shape({"$ref": "#/components/schemas/Lost"}, DOCUMENT)
    assert shape({"type": "null"}, DOCUMENT).takes(None)
