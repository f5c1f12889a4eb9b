"""A rendered page as text, operation by operation, with what its examples show.

The readers of such pages know one operation; a whole reference copied at once is cut where a method and a
path stand on lines of their own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.model import UNSAID_PATH, Reading
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.fields import shapes
from understudy.specs.readers.machine.joined import with_more
from understudy.specs.readers.pages import markdown_tables
from understudy.specs.readers.text.page_text import METHODS, Line, with_whole_fragments
from understudy.specs.readers.trees.examples import is_curl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Operation

MAX_OPERATIONS = 200
_METHOD = re.compile(rf"(?:{'|'.join(METHODS)})\Z", re.IGNORECASE)
_PATH = re.compile(r"(?:https?://[^/\s]+)?(?P<path>/[\w.~/{}:-]*[\w}])\Z")
_BOTH = re.compile(
    rf"(?:(?:method|请求方式|方法)\s{{0,3}}[:：]\s{{0,3}})?(?P<method>{'|'.join(METHODS)})[\s:：]{{0,3}}(?:(?:endpoint|path|url|地址|路径)\s{{0,3}}[:：]\s{{0,3}})?(?:https?://[^/\s]+)?"
    r"(?P<path>/[\w.~/{}:-]*[\w}])\Z",
    re.IGNORECASE,
)
_MAX_TITLE = 60


def read(reader: Any, document: Document, log: FactLog) -> Reading:
    """All operations of the page, each read by `reader`, with what examples show where it says nothing."""
    parts = _parts(document)
    if len(parts) > MAX_OPERATIONS:
        log.cut(f"{MAX_OPERATIONS} operations of a copied page are read", parts[MAX_OPERATIONS][0] + 1)
    operations: tuple[Operation, ...] = ()
    for start, end in parts[:MAX_OPERATIONS]:
        part = _part(document, start, end)
        read_ = reader.read(part, log).operations
        operations += _with_examples(read_, part, log, start, end)
    operations = tuple(_with_holders(one, log) for one in operations)
    for one in operations:
        if not one.path:
            log.note(
                "problem", "the page does not say the path of its operation", one.line or 1, code=UNSAID_PATH
            )
    return Reading(document.name, reader.FORMAT, operations, log.sorted_notes())


def _with_holders(one: Operation, log: FactLog) -> Operation:
    """The operation, each field of which no type is said with the type that what is inside of it gives it."""
    responses = {status: tuple(_holders(fields, log)) for status, fields in one.responses.items()}
    return replace(one, request=tuple(_holders(one.request, log)), responses=MappingProxyType(responses))


def _holders(fields: Sequence[Field], log: FactLog) -> Iterator[Field]:
    lists = {one.path[:n] for one in fields for n, step in enumerate(one.path) if step == "[]"}
    objects = {one.path[:-1] for one in fields if len(one.path) > 1} - lists
    for one in fields:
        type_ = "array" if one.path in lists else "object" if one.path in objects else ""
        said = (log.keyword("type", type_, one.line, "example"),) if type_ and one.get("type") is None else ()
        yield replace(one, keywords=(*one.keywords, *said)) if said else one


def _with_examples(
    found: tuple[Operation, ...], part: Document, log: FactLog, start: int, end: int
) -> tuple[Operation, ...]:
    """The operation of a part with what the examples between the lines `start` and `end` show."""
    lines = part.lines[start : min(end, start + 30_000)]
    if not any(is_curl(line) or line.strip()[:1] == "{" for line in lines):
        return tuple(_with_envelope(one) for one in found)
    own = FactLog(part, log.kind, prose_read=log.prose_read, values_read=log.values_read, said=log.said)
    one = found[0] if found and found[0].path else None
    about = (one.method, one.path) if one is not None else None
    shown = markdown_tables.read(_without_fragments(part), own, is_page=False, only_blocks=True, about=about)
    log.prose_read, log.values_read = own.prose_read, own.values_read
    placed = tuple(_placed(one, shown.operations) for one in found)
    return with_more(placed, shown.operations, log, stated=False)


def _without_fragments(part: Document) -> Document:
    """The part, JSON of one field, `"image_list": [ … ]`, on one line: inside of it is no example request."""
    lines = [""] * len(part.lines)
    for one in with_whole_fragments([Line(index, text) for index, text in enumerate(part.lines)]):
        lines[one.number] = one.text
    return replace(part, text="\n".join(lines))


def _with_envelope(one: Operation) -> Operation:
    """The operation with what its answers hold as data inside of `data`: such a text loses the level."""
    answers = {status: tuple(shapes.enveloped(fields)) for status, fields in one.responses.items()}
    return replace(one, responses=MappingProxyType(answers))


def _placed(one: Operation, shown: Sequence[Operation]) -> Operation:
    """The operation with the fields of its bodies where the examples have them: such a text loses what is
    inside of what."""
    same = next((other for other in shown if (other.method, other.path) == (one.method, one.path)), None)
    if same is None and not one.path and len(shown) == 1 and shown[0].method == one.method:
        same = shown[0]  # of which the page says nowhere but in its call what its path is
    if same is None:
        return one
    responses = {
        status: tuple(shapes.placed(fields, same.responses.get(status, ())))
        for status, fields in one.responses.items()
    }
    request = tuple(shapes.placed(one.request, same.request))
    return replace(one, request=request, responses=MappingProxyType(responses))


def _part(document: Document, start: int, end: int) -> Document:
    """The lines from `start` to `end` (indices), each on the line where it stands."""
    if start == 0 and end == len(document.lines):
        return document
    return replace(document, text="\n" * start + "\n".join(document.lines[start:end]))


def _parts(document: Document) -> list[tuple[int, int]]:
    """Where the part of each operation begins and ends; one part where the page states one or none."""
    starts: list[int] = []
    said: list[tuple[str, str]] = []
    lines = document.lines
    for index, line in enumerate(lines):
        stated = _stated(lines, index, line.strip()[:300])
        if stated is None:
            continue
        if stated not in said:
            said.append(stated)
            starts.append(_with_title(lines, index))
    if len(starts) < 2:
        return [(0, len(lines))]
    starts[0] = 0
    return list(zip(starts, [*starts[1:], len(lines)], strict=True))


def _stated(lines: list[str], index: int, text: str) -> tuple[str, str] | None:
    if both := _BOTH.match(text):
        return both["method"].lower(), both["path"]
    if _METHOD.match(text):
        following = next((one.strip() for one in lines[index + 1 : index + 4] if one.strip()), "")
        if path := _PATH.match(following[:300]):
            return text.lower(), path["path"]
    return None


def _with_title(lines: list[str], index: int) -> int:
    """The line of the title above an operation, or the operation's own."""
    for above in range(index - 1, max(index - 4, -1), -1):
        text = lines[above].strip()
        if text:
            is_title = len(text) <= _MAX_TITLE and text[:1].isalpha() and text[-1] not in ".。:：,，;；"
            return above if is_title else index
    return index
