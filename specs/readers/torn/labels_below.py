"""Calls headed by their path alone, and the labels of their parts as entries of a list.

### 2. `/loops/{id}`                        ### GET /loops/{id}
- **Method:** `GET`                 →       - **Method:** `GET`
- **Response body (when done):**            **Response body (when done):**
    ```json                                     ```json
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    Lines = list[tuple[int, str]]

MAX_LINE = 200
# So many lines below the heading the method stands.
MAX_TO_METHOD = 5

_HEADED = re.compile(
    r"(?P<marks>#{2,6})[ \t]{1,3}(?:\d{1,2}(?:\.\d{1,2})?[.)、]?[ \t]{1,2})?[`*]{0,3}"
    r"(?P<path>(?:/(?:[\w.~-]{1,80}|:\w{1,60}|\{\w{1,60}\})){1,10})[`*]{0,3}[ \t]*\Z",
    re.ASCII,
)
_METHOD = re.compile(
    r"[ \t]{0,3}(?:[-*+][ \t]{1,3})?[*_]{0,2}(?:(?:http|request)[ ])?(?:method|方法|请求方[法式])[*_]{0,2}"
    r"[ ]?[:：][*_]{0,2}[ ]?[`*]{0,3}(?P<method>POST|GET|PUT|PATCH|DELETE)[`*]{0,3}[ \t]*\Z",
    re.IGNORECASE,
)
_PART = re.compile(
    r"[ ]{0,3}[-*+][ \t]{1,3}(?P<label>\*\*(?:(?P<states>(?:(?:possible|task)[ ])?(?:status(?:es)?|states))"
    r"|(?:request|response|answer)(?:[ ](?:body|payload|example|format))?(?:[ ][(][^()*]{1,40}[)])?)"
    r"[ ]?:?\*\*[ ]?:?)[ \t]*\Z",
    re.IGNORECASE,
)
_STATE = re.compile(r"[ \t]{1,8}[-*+][ \t]{1,3}`\w{2,40}`")


def are_below(lines: Sequence[str]) -> bool:
    """Whether a page has such lines."""
    return any(_mended(lines, index) != line for index, line in enumerate(lines))


def with_calls(lines: Lines) -> Lines:
    """The lines, such headings with their methods, and such labels as no entries."""
    texts = [text for _, text in lines]
    return [(number, _mended(texts, index)) for index, (number, _) in enumerate(lines)]


def _mended(lines: Sequence[str], index: int) -> str:
    line = lines[index]
    if line[:1] == "#" and "/" in line and (headed := _HEADED.match(line[:MAX_LINE])):
        method = _method_below(lines, index + 1)
        return f"{headed['marks']} {method} {headed['path']}" if method else line
    if "**" in line and len(line) <= MAX_LINE and (part := _PART.match(line)):
        below = next((one for one in lines[index + 1 : index + 3] if one.strip()), "")
        is_led = _STATE.match(below) if part["states"] else below[:1] in " \t" and FENCE.match(below[:40])
        return part["label"] if is_led else line
    return line


def _method_below(lines: Sequence[str], start: int) -> str:
    """The method that a label says in the first lines of a part; "" where it has none."""
    for line in lines[start : start + MAX_TO_METHOD]:
        if line[:1] == "#" or FENCE.match(line[:40]):
            return ""
        if found := _METHOD.match(line[:MAX_LINE]):
            return found["method"].upper()
    return ""
