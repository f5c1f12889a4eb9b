"""Words that may name a field, and those that are sure to."""
# ruff: noqa: E501 - lists read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import METHODS, parse_type

if TYPE_CHECKING:
    from collections.abc import Set

NAME = r"[A-Za-z_$][\w$-]{0,79}(?:\[\d?\])?(?:\.[A-Za-z_$][\w$-]{0,79}(?:\[\d?\])?){0,8}"
# Words that stand before a type in sentences and headings, and are no names.
_NO_NAMES = frozenset(
    ["a", "an", "the", "this", "that", "each", "every", "one", "any", "some", "no", "is", "are", "be", "as", "of", "in", "on", "to", "or", "and", "for", "with", "if", "when", "by", "from", "types", "required", "optional", "default", "returns", "return", "json", "http", "https", "request", "response", "note", "enum", "allowed", "possible", "available", "maximum", "minimum", "max", "min", "copy", "fields", "schema", "object", "string", "integer", "number", "boolean", "array", "null", "true", "false", "yes", "new", "beta", "deprecated", "nullable", "curl", "bash", "python", "application"]
)  # fmt: skip
# Words that are names only where a type is said of them, and nothing else stands on the line.
RARE_NAMES = frozenset(
    ["type", "example", "examples", "description", "body", "header", "headers", "query", "path", "parameters", "parameter", "params", "properties", "attributes", "value", "values", "content", "field", "name", "success", "error"]
)  # fmt: skip


def may_be_name(name: str) -> bool:
    """Whether a word may name a field: it is no type, no method and none that sentences have before a type."""
    bare = name.rstrip(".")
    return bare.lower() not in _NO_NAMES and bare.lower() not in METHODS and parse_type(bare) is None


def is_title(name: str) -> bool:
    """Whether a word is written as headings and labels are."""
    return name.istitle() and name.isalpha()


def is_sure_name(name: str, known: Set[str]) -> bool:
    """Whether a word is sure to be a name: the page's examples have it, or no plain word is written so."""
    leaf = re.sub(r"\[\d?\]", "", name).rpartition(".")[2]
    return leaf in known or "_" in name or "." in name or re.search(r"[a-z][A-Z]", name) is not None
