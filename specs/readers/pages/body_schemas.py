"""Blocks that hold the JSON Schema of a body, bare or in a dump of a page's data.

{"type": "object", "properties": {"prompt": {"type": "string", "maxLength": 500}}, "required": ["prompt"]}
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.pages import dumped_parameters
from understudy.specs.readers.text.page_text import TYPE_WORDS
from understudy.specs.readers.trees.schemas import SchemaReader

if TYPE_CHECKING:
    from understudy.specs.model import Field
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.pages.page_state import PageState
    from understudy.specs.readers.trees.nodes import Node

# Keywords of the schema of one value.
_OF_A_VALUE = frozenset(
    ("type", "title", "format", "description", "enum", "default", "maxLength", "minLength")
)


def take(page: PageState, root: Node, text: str, line: int) -> bool:
    """Whether the block is the JSON Schema of a body; then its fields are read."""
    inner = root.get("jsonSchema") if root.kind == "map" else None
    schema = inner or root
    if schema.kind != "map":
        return False
    type_, properties = schema.get("type"), schema.get("properties")
    if (
        type_ is not None
        and type_.text in TYPE_WORDS
        and {key.text for key, _ in schema.pairs} <= _OF_A_VALUE
    ):
        page.log.note("untold", f"the schema of a body that is no object: {type_.text}", line)
        return len(schema.pairs) > 1
    if (
        type_ is None
        or type_.text not in ("object", "array")
        or (properties is None and schema.get("items") is None)
    ):
        return dumped_parameters.take(page, root)
    lines = [""] * (line - 1) + text.split("\n")
    fields = SchemaReader(schema, lines, page.log).fields(schema)
    if inner is not None:
        # Such a dump lists all that is required.
        fields = [_or_optional(one, page.log) for one in fields]
    into = page.list_of("response" if page.section == "response" else "body")
    known = page.known(into)
    new = [one for one in fields if one.path and one.path not in known.paths]
    into += new
    known.paths.update(one.path for one in new)
    return True


def _or_optional(one: Field, log: FactLog) -> Field:
    if one.get("required") is not None or not one.path or one.path[-1] == "[]":
        return one
    optional = log.keyword("required", False, one.line)
    return replace(one, keywords=(*one.keywords, optional))
