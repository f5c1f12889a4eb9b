"""Pages in traditional Chinese, read as in simplified: | 參數 | 類型 | → | 参数 | 类型 |."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.prose.traditional import is_traditional, simplified, traditional
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.model import Reading

# Where a remark begins in a block of code: what stands before it is a name or a value.
_REMARK = re.compile(r"(?<!:)//|(?<=\s)#(?=\s)")


def in_simplified(document: Document) -> Document:
    """The document with the words of traditional Chinese as simplified has them, each in its place."""
    if not is_traditional(document.text):
        return document
    out: list[str] = []
    fenced = False
    for line in document.text.split("\n"):
        if FENCE.match(line[:40]):
            fenced = not fenced
        remark = _REMARK.search(line) if fenced else None
        start = len(line) if fenced and remark is None else remark.start() if remark else 0
        out.append(line[:start] + simplified(line[start:]))
    return replace(document, text="\n".join(out))


def as_written(reading: Reading, document: Document) -> Reading:
    """The reading with the notes in the words of the document as it is written."""
    notes = (replace(one, text=traditional(one.text, document.text)) for one in reading.notes)
    return replace(reading, notes=tuple(notes))
