"""A Postman collection (v2.0 and v2.1): requests with example bodies, folder by folder.

A collection declares no fields. What its examples show is evidence of the kind `example`; tables and lists in
descriptions are read as on a page.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.behaviour.forms import MULTIPART, URLENCODED
from understudy.specs.errors import UnderstudyError
from understudy.specs.model import Field, Operation, Parameter, Reading
from understudy.specs.readers.derived import moved_fields
from understudy.specs.readers.facts import place_pictures
from understudy.specs.readers.machine.described_text import described
from understudy.specs.readers.text.page_text import NOISE
from understudy.specs.readers.trees import examples
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import BrokenError, Node, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "Postman collection"
MAX_REQUESTS = 2_000
MAX_ADDRESS = 4_000

_BEGINS = re.compile(r'"_postman_id"\s*:|"schema"\s*:\s*"https?://schema\.(?:get)?postman\.com/')
_FORMS = {"formdata": MULTIPART, "urlencoded": URLENCODED}  # its modes of a body
_VARIABLE = re.compile(r"\{\{([^{}]{1,80})\}\}")
_ADDRESS = re.compile(r"(?P<host>https?://[^/?#]+)?(?P<path>/[^?#]*)?")


def recognises(document: Document) -> bool:
    """Whether the text is JSON that calls itself a Postman collection."""
    head = document.text[:100_000].lstrip("\ufeff \t\n")
    return head.startswith("{") and _BEGINS.search(head) is not None


def read(document: Document, log: FactLog) -> Reading:
    """The operations of all requests; requests with the same method and path are one.

    Raises UnderstudyError for a collection of version 1 and for text that is no JSON.
    """
    try:
        found = parse_json(document.text)
    except (BrokenError, TooLargeError) as error:
        raise UnderstudyError(error.what, where=f"{document.name}:{error.line}:{error.column}") from error
    for kind, what, line, column in found.remarks:
        log.note("mend" if kind == "mend" else "problem", what, line, column=column)
    root = found.root
    if root.get("item") is None:
        raise UnderstudyError(
            "this Postman collection has no `item`; versions 2.0 and 2.1 are read",
            where=f"{document.name}:{root.line}",
            advice="export it again as Collection v2.1",
        )
    names = {key: value[:MAX_ADDRESS] for key, value in _pairs(root.get("variable"))}
    operations: dict[tuple[str, str], Operation] = {}
    for count, entry in enumerate(_requests(root)):
        if count == MAX_REQUESTS:
            log.cut(f"{MAX_REQUESTS:,} requests of a collection are read", entry.line)
            break
        operation = _operation(entry, names, log)
        if operation is not None:
            operations.setdefault((operation.method, operation.path), operation)
    return Reading(document.name, FORMAT, tuple(operations.values()), log.sorted_notes())


def _requests(root: Node) -> Iterator[Node]:
    """The entries that hold a request, in the order of the collection, folders opened."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.get("request") is not None:
            yield node
        inner = node.get("item")
        waiting += reversed([one for one in (inner.items if inner is not None else []) if one.kind == "map"])


def _pairs(listed: Node | None) -> Iterator[tuple[str, str]]:
    for one in listed.items if listed is not None else ():
        yield _text(one, "key"), _text(one, "value")


def _text(node: Node | None, key: str) -> str:
    value = node.get(key) if node is not None and node.kind == "map" else None
    return value.text if value is not None and value.kind == "scalar" else ""


def _operation(entry: Node, names: dict[str, str], log: FactLog) -> Operation | None:
    request = entry.get("request")
    url = request.get("url") if request is not None and request.kind == "map" else request
    address = url.text if url is not None and url.kind == "scalar" else _text(url, "raw")
    for _ in range(3):
        # Bounded: a variable may stand for many others.
        address = _VARIABLE.sub(lambda match: names.get(match[1], match.group()), address[:MAX_ADDRESS])
    host, path = _host_and_path(address)
    if request is None or not path:
        log.note("problem", "a request without a path", entry.line)
        return None
    told = _told(request, entry, log)
    shown = _body(request.get("body"), log) if request.kind == "map" else []
    stated = list(told.request) if told is not None else []
    responses: dict[str, tuple[Field, ...]] = dict(told.responses) if told is not None else {}
    for status, fields in _responses(entry, log):
        responses.setdefault(status, fields)
    return Operation(
        (_text(request, "method") or "get").lower(), path, tuple(place_pictures(stated or shown)),
        MappingProxyType(responses), servers=(host,) if host else (), line=request.line,
        parameters=tuple(_parameters(url, log)), form=_FORMS.get(_text(request.get("body"), "mode"), ""),
    )  # fmt: skip


def _host_and_path(address: str) -> tuple[str, str]:
    """The server and the path of an address; a variable that nobody gives a value stands for a server."""
    address = re.sub(r"\A\{\{[^{}]*\}\}", "", address)
    if address and not address.startswith(("/", "http")):
        address = f"https://{address}"
    match = _ADDRESS.match(address)
    path = match["path"] or "" if match else ""
    path = re.sub(r"/:([\w-]+)", r"/{\1}", path)
    return (match["host"] or "") if match else "", examples.with_parameter(path) if path.strip("/") else ""


def _told(request: Node, entry: Node, log: FactLog) -> Operation | None:
    for node in (request, entry):
        text = node.get("description") if node.kind == "map" else None
        text = text.get("content") if text is not None and text.kind == "map" else text
        if text is not None and text.kind == "scalar":
            operation = described(text.text, _always(text.line), log)
            if operation is not None:
                return operation
    return None


def _body(body: Node | None, log: FactLog) -> list[Field]:
    mode = _text(body, "mode")
    if body is None or mode in ("", "none"):
        return []
    content = body.get(mode)
    if mode == "raw" and content is not None:
        return _shown(content, log)
    log.note("problem", f"no JSON body, but {mode}; its fields are read all the same", body.line)
    fields = []
    for one in content.items if content is not None and mode in ("urlencoded", "formdata") else ():
        if name := _text(one, "key"):
            type_ = log.keyword("type", "string", one.line, "example")
            told = log.told(_text(one, "description"), "string", _always(one.line), (name,))
            fields.append(Field((name,), log.combined((name,), [type_, *told]), line=one.line))
    return fields


def _shown(content: Node, log: FactLog) -> list[Field]:
    """The fields of a body that stands as a text inside the collection."""
    text = _VARIABLE.sub("0", content.text) if '"{{' not in content.text else content.text
    start = len(text) - len(text.lstrip())
    shown = examples.shown(text, start, content.line, log, inside=True) if text.strip() else None
    if shown is None:
        return []
    return list(moved_fields(examples.shown_fields(shown.root, log), _always(content.line)))


def _responses(entry: Node, log: FactLog) -> Iterator[tuple[str, tuple[Field, ...]]]:
    listed = entry.get("response")
    for one in listed.items if listed is not None else ():
        status, body = _text(one, "code"), one.get("body") if one.kind == "map" else None
        if status and body is not None and body.text.lstrip().startswith(("{", "[")):
            yield status, tuple(_shown(body, log))


def _parameters(url: Node | None, log: FactLog) -> Iterator[Parameter]:
    for place, key in (("path", "variable"), ("query", "query")):
        listed = url.get(key) if url is not None and url.kind == "map" else None
        for one in listed.items if listed is not None else ():
            name = _text(one, "key")
            if name and name.lower() not in NOISE:
                told = log.told(_text(one, "description"), None, _always(one.line), (name,))
                yield Parameter(place, Field((name,), log.combined((name,), told), line=one.line))


def _always(line: int) -> Callable[[int], int]:
    return lambda _: line
