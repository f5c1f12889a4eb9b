"""Comments of apiDoc in source code, `@apiBody {String{..80}="a","b"} [name="a"] words`, rewritten as lists.

 * @api {post} /v1/x Make one                        POST /v1/x
 * @apiBody {Object[]{1..4}} list Things         →   - `list` (array of objects, required): 1 to 4 items.
 * @apiSuccess {Number} code 0 for success           ### Response … - `code` (number): 0 for success

The rewritten text keeps its lines: https://apidocjs.com says what each tag means.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "apiDoc comments"
MAX_LINES = 1_500
MAX_LINE = 2_000
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
    out: list[tuple[int, str]] = []
    section = ""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of comments are read", MAX_LINES + 1)
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        text = _bare(line)
        if operation := _OPERATION.match(text):
            section = ""
            out += [
                (number, ""),
                (number, f"{operation['method'].upper()} {operation['path']}"),
                (number, ""),
            ]
        elif field := _FIELD.match(text):
            if _SECTIONS[field["tag"]] != section:
                section = _SECTIONS[field["tag"]]
                out += [(number, ""), (number, section), (number, "")]
            out.append((number, _entry(field)))
        elif text.startswith("@"):
            out.append((number, ""))  # what another tag says is no part of a field
        elif text.strip("*/ ") and section:
            out.append((number, f"  {text}"))
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _bare(line: str) -> str:
    line = line[:MAX_LINE]
    lead = _LEAD.match(line)
    return line[lead.end() if lead else 0 :].rstrip().removesuffix("*/").rstrip()


def _entry(field: re.Match[str]) -> str:
    type_ = (field["type"] or "").lower()
    said = [f"array of {type_[:-2]}s" if type_.endswith("[]") else type_] if type_ else []
    if field["tag"] not in ("Success", "Error"):
        said.append("optional" if field["optional"] else "required")
    words = [field["words"].strip().rstrip(".")]
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
