"""What examples show: the fields of a JSON body with their types, and the request that a `curl` line sends.

An example proves that a field exists and what one of its values is. It never says what is required, nor which
values are refused; all its evidence is of the kind `example`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from understudy.specs.model import Field
from understudy.specs.readers.text.page_text import parse_type, path_of
from understudy.specs.readers.trees.held_json import held_json
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import BrokenError, Node, TooLargeError, plain_value, scalar_value
from understudy.specs.readers.trees.stand_ins import TYPE_WORDS, is_stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import FieldPath, Keyword, Kind
    from understudy.specs.readers.facts import FactLog

MAX_DEPTH = 12
MAX_FIELDS = 500
# Keys and values in all examples of one document.
MAX_VALUES = 40_000
MAX_ITEMS = 20  # of a list, whose fields are looked at

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}
# At a prompt, or where a script keeps what comes back: `ANSWER=$(curl …)`.
_CURL = re.compile(r"\s*(?:[$>]\s+)?(?:[A-Za-z_]\w{0,60}=[\"']?(?:\$\(|`)\s{0,4})?curl\b")
_ADDRESS = re.compile(r"(?P<host>https?://[^/\s'\"]+)?(?P<path>/[^\s'\"?#]*)")
_METHOD = re.compile(r"(?:\s-X\s*|\s--request[\s=]+)['\"]?(?P<method>[A-Za-z]+)")
_DATA = re.compile(r"\s(?:-d|--data(?:-raw|-binary|-ascii)?|--json)[\s=]+(?P<quote>\$?['\"])?")
# A field of a form as a command sends it: -F 'a=b', --data-urlencode a=b; -d a=b is one as well.
_FORM_FIELD = re.compile(
    r"\s(?:-F|--form(?:-string)?|-d|--data(?:-raw|-ascii|-urlencode)?)[ =]{1,4}"
    r"(?:'(?P<single>[\w.\[\]-]{1,80}=[^']{0,4000})'|\"(?P<double>[\w.\[\]-]{1,80}=[^\"]{0,4000})\"|"
    r"(?P<bare>[\w.\[\]-]{1,80}=[^\s'\"]{0,4000}))"
)
_SPLICED = re.compile(r"'\"?(?P<name>\$(?:\w{1,60}|\{\w{1,60}\}))\"?'")
# The address of a file to which a result or an input was put.
_MEDIA = re.compile(r"\.(?:mp4|mov|webm|png|jpe?g|webp|gif|mp3|wav|m4a|srt|vtt|zip|glb)\Z", re.IGNORECASE)
_IN_QUERY = re.compile(r"\s(?:-G|--get)(?=\s)")  # what it sends belongs to the address
# What stands for an id in the address of an example: a placeholder, a number, a hash, a task's prefix.
_ID = re.compile(
    r"(?:\{.*\}|<.*>|\$.*|:.*|[A-Z][A-Z_]{2,}|\d{3,}|(?=[^/]*\d)[0-9a-fA-F-]{8,}|(?=[^/]*\d)[A-Za-z0-9_]{14,}|"
    r"(?:task|job|id|gen|req|pred)[_-]?(?=[^/]*\d)[\w.-]+|(?=[^/]*\d)[A-Za-z0-9]+(?:[_-]\d+)|[A-Za-z][\w.]{0,19}:(?=[^/]*\d)[\w-]{8,}|(?:your|task)[\w-]*id)\Z"
)
# A step that is words in capitals for an id, before others: /videos/YOUR_VIDEO_ID/download.
_STAND_IN = re.compile(r"/(?:YOUR_|MY_|THE_|SOME_)?([A-Z]{1,20}(?:_[A-Z]{1,20}){0,3}_ID)(?:_HERE)?(?=/)")
# What a comment says first: "string, required."
_FIRST_WORD = re.compile(r"(?P<type>[A-Za-z]{3,10}(?:\[\])?)(?:\s{0,3}[,;.，。]\s{0,3}|\s(?=\()|\Z)")
# Behind what stands for a value: whether there must be one.
_PRESENCE_BEHIND = re.compile(
    r"\S\s{0,2}[(（](?:(?P<yes>required|必填|必选)|optional|可选|选填)[)）]\Z", re.IGNORECASE
)
# A comment of this word alone, which leads to values elsewhere: 可选：std、pro.
_OPTIONAL_ALONE = re.compile(r"[(（]?可选(?:参数|字段)?[)）]?[。.]?")
# Words with dashes between them, as models are called: "some-model-02", "kling-v2-1".
_MODEL = re.compile(r"[a-z]+\d{0,2}(?:[-.](?:[a-z]+\d{0,2}|v?\d{1,2})){1,8}\Z")
# A sentence instead of a key: "further fields: see below".
_NO_NAME = re.compile(r"[^\x00-\x7F]{12}|[^\x00-\x7F]{4}\S{0,100}\s|\w\s\w.{20}")
_UUID = re.compile(r"(?:\A|:)[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)
_VERSION = re.compile(r"v\d+\w*\Z|.*[a-z]2[a-z].*\Z")


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that an example sends; `body` is the offset of its body of JSON in the text, or -1; `form`
    holds the offset and `NAME=VALUE` of each field of a form."""

    method: str
    server: str
    path: str
    body: int
    form: tuple[tuple[int, str], ...] = ()


def shown_fields(root: Node, log: FactLog, path: FieldPath = ()) -> list[Field]:
    """The fields of the JSON body `root`, a parent before its children; of a list the first items count.

    With a `path`, `root` is the value of the field there, which comes first.
    """
    out: list[Field] = []
    _show(root, path, out, log)
    return out


def _show(node: Node, path: FieldPath, out: list[Field], log: FactLog) -> None:
    if len(path) > MAX_DEPTH or len(out) >= MAX_FIELDS:
        log.cut(f"{MAX_FIELDS} fields of an example, {MAX_DEPTH} levels deep, are read", node.line)
        return
    if path:
        shown_type = _type(node)
        said, comment = _typed(node.comment, shown_type)
        type_ = said or shown_type
        kind: Kind = "declared" if said else "example"
        keywords = (log.keyword("type", type_, node.line, kind),) if type_ else ()
        told = log.told(comment, type_, lambda _: node.line, path) if comment else ()
        held = held_json(node, log) if type_ == "string" else []
        presence = _presence(node, log)
        words = log.combined(path, (*keywords, *held, *presence, *told))
        out.append(Field(path, words, line=node.line, shown=_shown(node, type_)))
    seen: set[str] = set()
    for key, value in node.pairs:
        if _NO_NAME.search(key.text):
            log.note("untold", f"a key of an example that is no name: {key.text[:80]!r}", key.line)
        elif key.text and key.text not in seen:
            seen.add(key.text)
            _show(value, (*path, key.text), out, log)
    if node.items:
        begin = len(out)
        _show(node.items[0], (*path, "[]"), out, log)
        _widen(node.items, (*path, "[]"), out, begin)
        _show_more(node.items, (*path, "[]"), out, log)


def _widen(items: Sequence[Node], path: FieldPath, out: list[Field], begin: int) -> None:
    """Take for a number what is whole in the first object of a list alone: `{"s": 2}, {"s": 0.5}`."""
    broken = {
        key.text
        for item in items[1:MAX_ITEMS]
        for key, value in item.pairs
        if value.kind == "scalar" and isinstance(scalar_value(value), float)
    }
    for index in range(begin, len(out) if broken else begin):
        one = out[index]
        if one.path[:-1] == path and one.name in broken and one.get("type") == "integer":
            words = (replace(word, value="number") if word.name == "type" else word for word in one.keywords)
            out[index] = replace(one, keywords=tuple(words))


def _show_more(items: Sequence[Node], path: FieldPath, out: list[Field], log: FactLog) -> None:
    """What further objects of a list have that the first one has not: `{"type": "text"}, {"url": …}`."""
    known = {key.text for key, _ in items[0].pairs}
    for item in items[1:MAX_ITEMS] if known else ():
        for key, value in item.pairs:
            if key.text and key.text not in known and not _NO_NAME.search(key.text):
                known.add(key.text)
                _show(value, (*path, key.text), out, log)


def _shown(node: Node, type_: str | None) -> tuple[Any, ...]:
    """The value itself, where the node is null or one of the type; a word that stands for a type is none."""
    if node.kind != "scalar" or node.is_placeholder or node.text.strip("<> ").lower() in TYPE_WORDS:
        return ()
    value = scalar_value(node)
    if is_stand_in(value):
        return ()
    return (value,) if value is None or _TYPES.get(type(value)) == type_ else ()


def _presence(node: Node, log: FactLog) -> list[Keyword]:
    """Whether the field must be given, where what stands for its value says so: "an address (optional)"."""
    if _OPTIONAL_ALONE.fullmatch(node.comment[:20]):
        return [log.keyword("required", False, node.line)]
    said = _PRESENCE_BEHIND.search(node.text[:200]) if node.kind == "scalar" else None
    return [log.keyword("required", said["yes"] is not None, node.line)] if said else []


def _typed(comment: str, shown_type: str | None) -> tuple[str | None, str]:
    """The type that a comment begins with, and the rest of it: "string, required. The face.".

    It is none where the value is of another: "Number, as it was given".
    """
    first = _FIRST_WORD.match(comment)
    types = parse_type(first["type"]) if first else None
    if first is None or types is None or len(types) > 1:
        return None, comment
    if shown_type not in (None, types[0][1]) and {shown_type, types[0][1]} != {"integer", "number"}:
        return None, comment
    return str(types[0][1]), comment[first.end() :]


def _type(node: Node) -> str | None:
    if node.kind != "scalar":
        return "object" if node.kind == "map" else "array"
    word = node.text.strip("<> ").lower()
    if node.is_placeholder:
        return TYPE_WORDS.get(word)  # `<ms>` stands for a value of a type that it does not say
    return TYPE_WORDS.get(word) or _TYPES.get(type(scalar_value(node)))


@dataclass(frozen=True, slots=True)
class Shown:
    """An example body: its tree, its value, and where it ends in the text."""

    root: Node
    value: Any
    end: int


def shown(
    text: str, start: int, line: int, log: FactLog, *, quiet: bool = False, inside: bool = False
) -> Shown | None:
    """The JSON that begins at `start` of `text`, on line `line`; None, noted, when it cannot be read.

    With `inside`, `text` is a value of one line of the document: its line ends are none of the document's.
    """
    try:
        found = parse_json(text, start, line, MAX_VALUES - log.values_read)
        log.values_read += found.count
        value = plain_value(found.root)
    except TooLargeError as error:
        # What is left is not spent on further ones: each of them would be begun again.
        log.values_read = MAX_VALUES
        log.cut(f"{MAX_VALUES:,} values of examples are read", line if inside else error.line)
        return None
    except BrokenError as error:
        if not quiet:
            what = f"the example cannot be read: {error.what}"
            place = (line, 0) if inside else (error.line, error.column)
            log.note("problem", what, place[0], column=place[1])
        return None
    for kind, what, at, column in found.remarks:
        place = (line, 0) if inside else (at, column)
        log.note("mend" if kind == "mend" else "problem", what, place[0], column=place[1])
    return Shown(found.root, value, found.end)


def is_media(path: str) -> bool:
    """Whether a path is that of a file of pictures or sounds: a result, and no operation."""
    return _MEDIA.search(path[-40:]) is not None


def is_curl(line: str) -> bool:
    """Whether the line begins a `curl` command."""
    return _CURL.match(line[:200]) is not None and "/" in line[:4000] + "/"


def curl(text: str) -> SentRequest | None:
    """The request that the `curl` command at the beginning of `text` sends; None when it names no address.

    curl("curl -X POST 'https://a.test/v1/x' -d '{}'") → SentRequest("post", "https://a.test", "/v1/x", 37)
    """
    if not _CURL.match(text[:200]):
        return None
    fields = list(_FORM_FIELD.finditer(text[:20_000]))
    data = None if fields else _DATA.search(text[:20_000])
    head = text[: data.start()] if data else _FORM_FIELD.sub(_blanked, text[:20_000])
    quoted = re.sub(r"(?:-H|--header)[\s=]+(?:'[^']*'|\"[^\"]*\")", _blanked, head)
    address = _ADDRESS.search(quoted, 0)
    if address is None or not path_of(address).strip("/"):
        # The address may stand behind the body.
        address = _ADDRESS.search(text, text.rfind("}") + 1) if data else None
    if address is None or not path_of(address).strip("/"):
        return None
    method = _METHOD.search(quoted)
    if not data and not fields and not method and is_media(address["path"]):
        return None  # what it fetches is a result, no answer of an operation
    body = -1
    if data:
        bracket = re.compile(r"[{\[]").search(text, data.end(), data.end() + 200)
        body = bracket.start() if bracket else -1
    if _IN_QUERY.search(head):
        fields = []
    said = method["method"].lower() if method else ("post" if data or fields else "get")
    form = tuple((one.start(one.lastgroup or 0), one[one.lastgroup or 0]) for one in fields)
    path = with_parameter(address["path"])
    action = path_of(address).removeprefix(address["path"])
    return SentRequest(said, address["host"] or "", f"{path or '/'}{action}", body, form)


def unspliced(text: str) -> str:
    """The text of a command, each variable for which its shell leaves a quoted body in that body instead:
    `-d '{"url": "'"$ADDRESS"'"}'` → `-d '{"url": "  $ADDRESS  "}'`. What stands behind keeps its place."""
    return _SPLICED.sub(lambda found: found["name"].center(len(found.group())), text)


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match.group())


def with_parameter(path: str) -> str:
    """A path of an example as the path of its operation: "/v1/x/831" → "/v1/x/{id}"."""
    path = re.sub(r"/\{\{([^{}/]+)\}\}", r"/{\1}", path.rstrip("/"))
    path = _STAND_IN.sub(lambda found: f"/{{{found[1].lower()}}}", path)
    path = re.sub(r"/(?:\$\{(\w{1,60})\}|\$(\w{1,60})|<([\w-]{1,60})>)(?=/)", r"/{\1\2\3}", path)
    head, _, last = path.rpartition("/")
    is_name = (_VERSION.match(last) and not _UUID.search(last)) or _MODEL.match(last) or last.startswith("{")
    # Renderers put the word "string" where an example of a text is missing.
    if head.count("/") >= 2 and (last == "string" or (_ID.match(last) and not is_name)):
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
