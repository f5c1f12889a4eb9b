"""Whether the request of an operation is sent as a form: what headers, calls and prose of a page say."""

from __future__ import annotations

import bisect
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.forms import MULTIPART, URLENCODED
from understudy.specs.prose.values import typed
from understudy.specs.readers.trees.examples import Shown
from understudy.specs.readers.trees.nodes import Node, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Operation, Reading

MAX_LINE = 1_000
WITH_BODY = ("post", "put", "patch")

# A call that sends a form (curl's manual: -F, --form, --data-urlencode, -d), and the media types.
_CALLS = (
    (MULTIPART, re.compile(r"(?<![\w-])(?:-F|--form)[ =]{1,4}[$'\"]{0,2}[\w.\[\]-]{1,80}=")),
    (
        URLENCODED,
        re.compile(
            r"(?<![\w-])(?:-d|--data(?:-raw|-ascii|-urlencode)?)[ =]{1,4}[$'\"]{0,2}[\w.\[\]-]{1,80}="
        ),
    ),
)
_NAMED = (
    (MULTIPART, re.compile(r"multipart/form-data", re.IGNORECASE)),
    (URLENCODED, re.compile(r"application/x-www-form-urlencoded", re.IGNORECASE)),
)
# Of a line that names a media type: the request is no such form, or may be something else as well.
_BY_THE_WAY = re.compile(
    r"\b(?:not|never|no longer|instead|rather|unlike|elsewhere|other|or|also|either|alternatively)\b|n't\b|"
    r"不|而非|其他|也可|或",
    re.IGNORECASE,
)
# A body of JSON: by its header, or by the call that sends it. An answer's header says nothing of the request.
_SENDS_JSON = re.compile(
    r"content-type[^\w\n]{1,20}application/json|(?<![\w-])--json[ =]|"
    r"(?<![\w-])(?:-d|--data(?:-raw|-binary|-ascii)?)[ =]{1,4}\$?['\"]\s{0,40}[{\[]",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"^[ \t>]{0,8}HTTP/\d(?:\.\d)? \d{3}\b.*(?:\n(?!\s*$).*){0,20}", re.MULTILINE)


def with_forms(found: Reading, document: Document) -> Reading:
    """The reading of a page with the media type of each request that is sent as a form and never as JSON.

    What a page says of an operation stands between its line and that of the next one.
    """
    may_be = any(map(_may_be_form, found.operations))
    if not may_be or not any(pattern.search(document.text) for _, pattern in (*_CALLS, *_NAMED)):
        return found
    begins = sorted({max(one.line, 1) for one in found.operations})
    begins[0] = 1
    return replace(found, operations=tuple(_with_form(one, document, begins) for one in found.operations))


def _may_be_form(operation: Operation) -> bool:
    """Whether it has a body of which its document does not say the media type: an OpenAPI document does."""
    return operation.method.lower() in WITH_BODY and bool(operation.request) and operation.raw is None


def _with_form(operation: Operation, document: Document, begins: list[int]) -> Operation:
    if operation.form or not _may_be_form(operation):
        return operation
    place = bisect.bisect_right(begins, max(operation.line, 1))
    last = begins[place] if place < len(begins) else len(document.lines) + 1
    return replace(operation, form=_form("\n".join(document.lines[begins[place - 1] - 1 : last - 1])))


def shown_form(fields: Iterable[tuple[int, str]], text: str, line: int) -> Shown:
    """The form that the command `text`, on line `line`, sends, as an example of a body: all of it are texts.

    fields  the offset in the text and `NAME=VALUE` of each; `a[b]=c` is an object, `a[]=b` a list
    """
    root = Node.collection("map", line, 1)
    known: dict[tuple[int, str], Node] = {}  # what is there already, by the node that holds it and its key
    for offset, field in fields:
        name, _, value = field.partition("=")
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]  # curl takes the quotes for no part of what is sent: -F 'a="b;c"'
        at = line + text.count("\n", 0, offset)
        steps = re.split(r"\]?\[", name.removesuffix("]"))
        holder = root
        for step, below in zip(steps, [*steps[1:], None], strict=True):
            kind = "scalar" if below is None else "map" if below else "seq"
            inner = known.get((id(holder), step)) if step and kind != "scalar" else None
            if inner is None or inner.kind != kind:
                inner = (
                    Node("scalar", at, 1, text=value, end_line=at)
                    if below is None
                    else Node.collection("map" if below else "seq", at, 1)
                )
                if holder.kind == "seq":
                    holder.items.append(inner)
                else:
                    holder.pairs.append((Node("scalar", at, 1, text=step, end_line=at), inner))
                    known[id(holder), step] = inner
            holder = inner
    return Shown(root, plain_value(root), len(text))


def as_json(form: dict[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """The values of a form as those of a body: numbers, signs and lists are texts in it."""
    types = {one.name: one.get("type") for one in fields if len(one.path) == 1}
    out: dict[str, Any] = {}
    for name, value in form.items():
        type_ = types.get(name)
        if not isinstance(value, str) or not isinstance(type_, str):
            out[name] = value
        elif type_ == "array":
            out[name] = [value]
        else:
            as_typed = typed(value, type_)
            out[name] = value if as_typed is None else as_typed
    return out


def _form(text: str) -> str:
    said = _ANSWER.sub("", text)
    is_json = _SENDS_JSON.search(said) is not None
    shown = next((form for form, pattern in _CALLS if pattern.search(said)), "")
    lines = [line[:MAX_LINE] for line in said.split("\n") if "/" in line]
    plain = [line for line in lines if not _BY_THE_WAY.search(line)]
    named = next((form for form, pattern in _NAMED if any(map(pattern.search, plain))), "")
    return "" if is_json else shown or named
