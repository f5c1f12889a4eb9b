"""Dumps of the parameters of a call by place: `{"header": [{"name": "x", "required": true}]}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.model import Parameter
from understudy.specs.readers.pages.page_state import PARAMETERS
from understudy.specs.readers.text.page_text import NOISE
from understudy.specs.readers.trees.nodes import Node
from understudy.specs.readers.trees.schemas import SchemaReader

if TYPE_CHECKING:
    from understudy.specs.readers.pages.page_state import PageState

_SCHEMA_KEY = Node("scalar", 0, 0, "schema")


def take(page: PageState, root: Node) -> bool:
    """Whether the block is a dump of parameters by place: `{"header": [{"name": …}], "query": […]}`."""
    if (
        root.kind != "map"
        or not root.pairs
        or not {key.text for key, _ in root.pairs} <= {*PARAMETERS, "cookie", "body"}
    ):
        return False
    if not all(value.kind == "seq" for _, value in root.pairs):
        return False
    for key, value in root.pairs:
        for entry in value.items if key.text in PARAMETERS else ():
            name = entry.get("name") if entry.kind == "map" else None
            if name is not None and name.text.lower() not in NOISE:
                told = [pair for pair in entry.pairs if pair[0].text in ("required", "description")]
                types = [pair for pair in entry.pairs if pair[0].text == "type"]
                schema = Node("map", entry.line, entry.column, pairs=types)
                node = Node("map", entry.line, entry.column, pairs=[*told, (_SCHEMA_KEY, schema)])
                field = SchemaReader(entry, [], page.log).parameter(name.text, node)
                page.current.parameters.append(Parameter(key.text, field))
    return True
