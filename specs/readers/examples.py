"""What examples show: the fields of a JSON body with their types, and the request that a `curl` line sends.

An example proves that a field exists and what one of its values is. It never says what is required, nor which
values are refused; all its evidence is of the kind `example`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specs.model import Field
from specs.readers.json_nodes import parse_json
from specs.readers.nodes import BrokenError, Node, TooLargeError, plain_value, scalar_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specs.model import FieldPath
    from specs.readers.facts import Scribe

MAX_DEPTH = 12
MAX_FIELDS = 500
# Keys and values in all examples of one document.
MAX_VALUES = 40_000

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}
_CURL = re.compile(r"\s*(?:[$>]\s+)?curl\b")
_ADDRESS = re.compile(r"(?P<host>https?://[^/\s'\"]+)?(?P<path>/[^\s'\"?#]*)")
_METHOD = re.compile(r"(?:\s-X\s*|\s--request[\s=]+)['\"]?(?P<method>[A-Za-z]+)")
_DATA = re.compile(r"\s(?:-d|--data(?:-raw|-binary|-ascii)?|--json)[\s=]+(?P<quote>\$?['\"])?")
# What stands for an id in the address of an example: a placeholder, or something with a digit in it.
_ID = re.compile(r"(?:\{.*\}|<.*>|\$.*|:.*|[A-Z][A-Z_]{2,}|(?=[^/]*\d)[\w.-]{3,}|(?:your|task)[\w-]*id)\Z")
_VERSION = re.compile(r"v\d+\w*\Z|.*[a-z]2[a-z].*\Z")


@dataclass(frozen=True, slots=True)
class Request:
    """A request that an example sends; `body` is the offset of its body in the text, or -1."""

    method: str
    server: str
    path: str
    body: int


def shown_fields(root: Node, scribe: Scribe) -> list[Field]:
    """The fields of the JSON body `root`, a parent before its children; of a list the first item counts."""
    out: list[Field] = []
    _show(root, (), out, scribe)
    return out


def _show(node: Node, path: FieldPath, out: list[Field], scribe: Scribe) -> None:
    if len(path) > MAX_DEPTH or len(out) >= MAX_FIELDS:
        scribe.cut(f"{MAX_FIELDS} fields of an example, {MAX_DEPTH} levels deep, are read", node.line)
        return
    if path:
        type_ = _type(node)
        keywords = (scribe.keyword("type", type_, node.line, "example"),) if type_ else ()
        out.append(Field(path, keywords, line=node.line))
    seen: set[str] = set()
    for key, value in node.pairs:
        if key.text and key.text not in seen:
            seen.add(key.text)
            _show(value, (*path, key.text), out, scribe)
    if node.items:
        _show(node.items[0], (*path, "[]"), out, scribe)


def _type(node: Node) -> str | None:
    if node.kind != "scalar":
        return "object" if node.kind == "map" else "array"
    return _TYPES.get(type(scalar_value(node)))


@dataclass(frozen=True, slots=True)
class Shown:
    """An example body: its tree, its value, and where it ends in the text."""

    root: Node
    value: Any
    end: int


def shown(
    text: str, start: int, line: int, scribe: Scribe, *, quiet: bool = False, inside: bool = False
) -> Shown | None:
    """The JSON that begins at `start` of `text`, on line `line`; None, noted, when it cannot be read.

    With `inside`, `text` is a value of one line of the document: its line ends are none of the document's.
    """
    try:
        found = parse_json(text, start, line, MAX_VALUES - scribe.values_read)
        scribe.values_read += found.count
        value = plain_value(found.root)
    except TooLargeError as error:
        # What is left is not spent on further ones: each of them would be begun again.
        scribe.values_read = MAX_VALUES
        scribe.cut(f"{MAX_VALUES:,} values of examples are read", line if inside else error.line)
        return None
    except BrokenError as error:
        if not quiet:
            what = f"the example cannot be read: {error.what}"
            place = (line, 0) if inside else (error.line, error.column)
            scribe.note("problem", what, place[0], column=place[1])
        return None
    for kind, what, at, column in found.remarks:
        place = (line, 0) if inside else (at, column)
        scribe.note("mend" if kind == "mend" else "problem", what, place[0], column=place[1])
    return Shown(found.root, value, found.end)


def is_curl(line: str) -> bool:
    """Whether the line begins a `curl` command."""
    return _CURL.match(line[:200]) is not None and "/" in line[:4000] + "/"


def curl(text: str) -> Request | None:
    """The request that the `curl` command at the beginning of `text` sends; None when it names no address.

    curl("curl -X POST 'https://a.test/v1/x' -d '{}'") → Request("post", "https://a.test", "/v1/x", 37)
    """
    if not _CURL.match(text[:200]):
        return None
    data = _DATA.search(text[:20_000])
    head = text[: data.start()] if data else text[:20_000]
    quoted = re.sub(r"(?:-H|--header)[\s=]+(?:'[^']*'|\"[^\"]*\")", lambda m: " " * len(m.group()), head)
    address = _ADDRESS.search(quoted, 0)
    if address is None or not address["path"].strip("/"):
        # The address may stand behind the body.
        address = _ADDRESS.search(text, text.rfind("}") + 1) if data else None
    if address is None or not address["path"].strip("/"):
        return None
    method = _METHOD.search(quoted)
    body = -1
    if data:
        bracket = re.compile(r"[{\[]").search(text, data.end(), data.end() + 200)
        body = bracket.start() if bracket else -1
    said = method["method"].lower() if method else ("post" if data else "get")
    return Request(said, address["host"] or "", with_parameter(address["path"]), body)


def with_parameter(path: str) -> str:
    """A path of an example as the path of its operation: "/v1/x/831" → "/v1/x/{id}"."""
    path = re.sub(r"/\{\{([^{}/]+)\}\}", r"/{\1}", path.rstrip("/"))
    head, _, last = path.rpartition("/")
    if head.count("/") >= 2 and _ID.match(last) and not _VERSION.match(last) and not last.startswith("{"):
        return f"{head}/{{id}}"
    return path


def curl_lines(lines: Sequence[str], start: int) -> int:
    """Behind the last line of the `curl` command that begins at `start`: a line goes on below while it ends
    in a backslash, or a quote is open."""
    quote = ""
    for index in range(start, min(len(lines), start + 2_000)):
        line = lines[index].rstrip()
        for match in re.finditer(r"\\.|['\"]", line[:20_000]):
            sign = match.group()
            if quote == sign:
                quote = ""
            elif not quote and sign in "'\"":
                quote = sign
        if not quote and not line.endswith("\\"):
            return index + 1
    return min(len(lines), start + 2_000)
