"""Comments of apiDoc in source code, `@apiBody {String{..80}="a","b"} [name="a"] words`, rewritten as lists.

 * @api {post} /v1/x Make one                        POST /v1/x
 * @apiBody {Object[]{1..4}} list Things         →   - `list` (array of objects, required): 1 to 4 items.
 * @apiSuccess {Number} code 0 for success           ### Response … - `code` (number): 0 for success

In a fenced block of a page the tags stand without the marks of a comment. What @apiDefine says, @apiUse
repeats. The rewritten text keeps its lines: https://apidocjs.com says what each tag means.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "apiDoc comments"
MAX_LINES = 1_500
MAX_LINE = 2_000
# Lines of one definition that a use repeats.
MAX_USED = 100
# A block ends here: a comment, or a fence of a page.
END = "\0"
QUOTES = "\"' "

_LEAD = re.compile(r"[ \t]{0,40}(?:/\*\*|\*(?!/)|\*/|//|#)?[ \t]{0,20}")
_OPERATION = re.compile(r"@api[ \t]{1,4}\{(?P<method>\w{1,10})\}[ \t]{1,4}(?P<path>/\S{0,300})")
_FIELD = re.compile(
    r"@api(?P<tag>Body|Param|Query|Success|Error)[ \t]{1,4}(?:\([^()]{1,60}\)[ \t]{1,4})?"
    r"(?:\{(?P<type>\w{1,30}(?:\[\])?)(?:\{(?P<size>[^{}]{1,40})\})?"
    r"(?:=(?P<values>[^{}]{1,400}))?\}[ \t]{1,4})?"
    r"(?:\[(?P<optional>[\w.\[\]]{1,120}?)(?:=(?P<default>[^\]\n]{1,200}))?\]|(?P<name>[\w.\[\]]{1,120}))"
    r"(?P<words>.*)\Z"
)
_DEFINE = re.compile(r"@apiDefine[ \t]{1,4}(?P<name>\w{1,80})")
_USE = re.compile(r"@apiUse[ \t]{1,4}(?P<name>\w{1,80})")
_EXAMPLE = re.compile(
    r"@api(?P<tag>Success|Error|Param|Request|Body|Query|Header)?Example(?=[ \t])"
    r"(?:[ \t]{1,4}\{(?P<language>[\w/-]{1,30})\})?"
)
_STATUS_LINE = re.compile(r"HTTP/[\d.]{1,3}[ \t]{1,4}\d{3}\b")
_FENCE = re.compile(r"(?:```|~~~)[\w -]{0,40}\Z")
_ITEM, _CODE = re.compile(r"<li>"), re.compile(r"</?code>")
_TAG = re.compile(r"</?(?:ul|ol|li|p|br|b|i|strong|em) ?/?>")
_SIZE = re.compile(r"(?P<low>-?\d{1,15}(?:\.\d{1,6})?)?(?P<join>\.\.|-)(?P<high>-?\d{1,15}(?:\.\d{1,6})?)?\Z")
_SECTIONS = {
    "Body": "### Request body", "Param": "### Request body", "Query": "### Query parameters",
    "Success": "### Response", "Error": "### Response 400",
}  # fmt: skip


def recognises(document: Document) -> bool:
    """Whether a comment states an operation as apiDoc does."""
    return "@api" in document.text and any(
        _OPERATION.match(_bare(line)) for line in document.lines[:MAX_LINES] if "@api" in line
    )


def rewritten(document: Document, log: FactLog) -> Derived:
    """Each tag as a heading or an entry of a list; what is said below one goes on with it."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of comments are read", MAX_LINES + 1)
    lists = _Lists()
    for number, text in _repeated(document.lines[:MAX_LINES]):
        lists.add(number, text)
    lists.end(MAX_LINES)
    out = lists.out[: 4 * MAX_LINES]
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _repeated(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines without the marks of a comment, with what a tag uses of what others define; "" ends a
    block."""
    defined: dict[str, list[tuple[int, str]]] = {}
    kept: list[tuple[int, str]] = []
    name = ""
    for number, line in enumerate(lines, 1):
        text = _bare(line)
        if define := _DEFINE.match(text):
            name = define["name"]
        elif _FENCE.match(text) or line.lstrip().startswith(("/**", "*/")) or _OPERATION.match(text):
            name = ""
        if name:
            defined.setdefault(name, []).append((number, text if define is None else ""))
        else:
            kept.append((number, text))
            if line.rstrip().endswith("*/"):
                kept.append((number, END))
    for number, text in kept:
        yield number, END if _FENCE.match(text) else text
        if use := _USE.match(text):
            yield from defined.get(use["name"], [])[:MAX_USED]


class _Lists:
    """The rewritten lines, and the section and the example that the next line stands in."""

    def __init__(self) -> None:
        self.out: list[tuple[int, str]] = []
        self.method = self.section = ""
        self.in_example = False

    def add(self, number: int, text: str) -> None:
        if text == END or text.startswith("@"):
            self.end(number)
        if text == END:
            self.section = ""
        elif operation := _OPERATION.match(text):
            self.section, self.method = "", operation["method"].upper()
            self.out += [(number, ""), (number, f"{self.method} {operation['path']}"), (number, "")]
        elif field := _FIELD.match(text):
            self._head(number, field["tag"])
            self.out.append((number, _entry(field)))
        elif example := _EXAMPLE.match(text):
            self._head(number, example["tag"] or "Body")
            self.out.append((number, f"```{example['language'] or ''}"))
            self.in_example = True
        elif text.startswith("@"):
            self.out.append((number, ""))  # what another tag says is no part of a field
        elif self.in_example and not _STATUS_LINE.match(text):
            self.out.append((number, text))
        elif text.strip("*/ ") and self.section and not self.in_example:
            self.out.append((number, f"  {_plain(text)}"))

    def end(self, number: int) -> None:
        """Close the example that is open."""
        if self.in_example:
            self.out.append((number, "```"))
        self.in_example = False

    def _head(self, number: int, tag: str) -> None:
        is_query = tag == "Param" and self.method in ("GET", "HEAD", "DELETE")
        section = _SECTIONS.get("Query" if is_query else tag, _SECTIONS["Body"])
        if section != self.section:
            self.section = section
            self.out += [(number, ""), (number, section), (number, "")]


def _plain(text: str) -> str:
    """A line of a description, which may be HTML, as Markdown."""
    return _TAG.sub("", _CODE.sub("`", _ITEM.sub("- ", text))).strip()


def _bare(line: str) -> str:
    line = line[:MAX_LINE]
    lead = _LEAD.match(line)
    return line[lead.end() if lead else 0 :].rstrip().removesuffix("*/").rstrip()


def _entry(field: re.Match[str]) -> str:
    type_ = (field["type"] or "").lower()
    said = [f"array of {type_[:-2]}s" if type_.endswith("[]") else type_] if type_ else []
    if field["tag"] not in ("Success", "Error"):
        said.append("optional" if field["optional"] else "required")
    elif field["optional"]:
        said.append("optional")
    words = [_plain(field["words"]).rstrip(".。")]
    words += [_size(type_, field["size"])] if field["size"] else []
    if field["values"]:
        values = [f"`{one.strip(QUOTES)}`" for one in field["values"].split(",")]
        words.append(f"One of {', '.join(values)}" if len(values) > 1 else f"fixed: {values[0]}")
    if field["default"]:
        words.append(f"Default: `{field['default'].strip(QUOTES)}`")
    name = field["optional"] or field["name"]
    return f"- `{name}` ({', '.join(said)}): {'. '.join(filter(None, words))}."


def _size(type_: str, size: str) -> str:
    """ "..80" of a text is its length, "1..4" of a list the number of its items, "0-1" a number's range."""
    found = _SIZE.match(size.strip())
    if found is None:
        return f"Size {size}"
    low, high = found["low"], found["high"]
    if type_.endswith("[]") or type_ == "string":
        unit = "items" if type_.endswith("[]") else "characters"
        limits = ([f"at least {low} {unit}"] if low else []) + ([f"at most {high} {unit}"] if high else [])
        return ", ".join(limits)
    return f"Range: [{low}, {high}]" if low and high else f"{'Minimum' if low else 'Maximum'}: {low or high}"
