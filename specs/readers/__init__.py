"""Readers: one module a document format, never one a provider. `read(document)` picks the format and reads.

Every reader returns facts with evidence and notes about what was mended, contradicts itself, or was not
understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specs.errors import UnderstudyError
from specs.readers import (
    apifox_page,
    markdown_tables,
    mdx_page,
    mintlify_page,
    openapi_file,
    openapi_markdown,
)
from specs.readers.facts import Scribe

if TYPE_CHECKING:
    from specs.documents import Document
    from specs.model import Kind, Reading

# In this order: the formats that say most come first.
READERS: tuple[Any, ...] = (
    openapi_markdown,
    openapi_file,
    mdx_page,
    markdown_tables,
    apifox_page,
    mintlify_page,
)
FORMATS = tuple(reader.FORMAT for reader in READERS)

MAX_LINES = 120_000

__all__ = ["FORMATS", "READERS", "read"]


def read(document: Document, kind: Kind = "declared") -> Reading:
    """Everything that `document` states.

    `kind` is the evidence of what is declared; give `vendor` for the vendor's own promise, and all evidence
    is of that
    kind. Raises UnderstudyError, with the place, when the document is in no known format or cannot be read
    at all.
    """
    if document.text.count("\n") > MAX_LINES:
        raise UnderstudyError(
            f"the document has more than {MAX_LINES:,} lines",
            where=f"{document.url or document.name}:{MAX_LINES + 1}",
            advice="give the page of one operation, or the part of the OpenAPI file that matters",
        )
    scribe = Scribe(document, kind)
    if document.encoding not in ("", "utf-8", "utf-8-sig"):
        scribe.note("mend", f"not UTF-8, read as {document.encoding}", 1)
    for reader in READERS:
        if reader.recognises(document):
            reading: Reading = reader.read(document, scribe)
            return reading
    raise UnderstudyError(
        "the document is in no known format",
        where=document.url or document.name,
        advice=f"known formats: {', '.join(FORMATS)}",
    )
