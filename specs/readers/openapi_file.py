"""An OpenAPI document as a file, JSON or YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specs.errors import UnderstudyError
from specs.model import Reading
from specs.readers.json_nodes import parse_json
from specs.readers.mend import read_yaml
from specs.readers.nodes import BrokenError, TooLargeError
from specs.readers.openapi import looks_like_openapi, read_tree
from specs.readers.relevel import has_lost_indentation, relevel

if TYPE_CHECKING:
    from specs.documents import Document
    from specs.readers.facts import Scribe
    from specs.readers.nodes import Node

FORMAT = "OpenAPI file"


def recognises(document: Document) -> bool:
    """Whether the whole text is an OpenAPI document: its root key stands before any Markdown."""
    head = document.text[:100_000].lstrip("\ufeff \t\n")
    if head.startswith("{"):
        return looks_like_openapi(head) or '"openapi"' in head or '"swagger"' in head
    return any(
        line.startswith(("openapi:", "swagger:", '"openapi":', "'openapi':")) for line in head.split("\n")
    ) and not any(
        line.startswith(("```", "~~~", "# ", "## ")) and not line.startswith("# ")
        for line in head.split("\n")
    )


def read(document: Document, scribe: Scribe) -> Reading:
    """The operations of the file. Raises UnderstudyError when it cannot be read at all."""
    root, lines = parse_tree(document.text, scribe)
    found = read_tree(root, lines, scribe)
    return Reading(document.name, FORMAT, found.operations, scribe.sorted_notes(), found.document)


def parse_tree(text: str, scribe: Scribe) -> tuple[Node, list[str]]:
    """The tree of `text`, JSON or YAML, and the lines it was parsed from; mends are noted.

    Raises UnderstudyError when there is none.
    """
    name = scribe.document.name
    try:
        if text.lstrip("\ufeff \t\n").startswith("{"):
            found = parse_json(text)
            root: Node | None = found.root
            remarks = found.remarks
        else:
            before = []
            if has_lost_indentation(text):
                relevelled = relevel(text)
                text, before = "\n".join(relevelled.lines), relevelled.remarks
            mended = read_yaml(text)
            root, remarks = mended.root, [*before, *mended.remarks]
    except TooLargeError as error:
        # A part of an OpenAPI file would be a guess: what its references lead to mostly stands at its end.
        raise UnderstudyError(
            error.what,
            where=f"{name}:{error.line}:{error.column}",
            advice="give the part of the file that matters: its paths, and the components that they use",
        ) from error
    except BrokenError as error:
        raise UnderstudyError(error.what, where=f"{name}:{error.line}:{error.column}") from error
    for kind, what, line, column in remarks:
        scribe.note("mend" if kind == "mend" else "problem", what, line, column=column)
    if root is None:
        _, what, line, column = ([("", "it is empty", 1, 1), *(r for r in remarks if r[0] == "problem")])[-1]
        raise UnderstudyError(f"nothing could be read: {what}", where=f"{name}:{line}:{column}")
    return root, text.split("\n")
