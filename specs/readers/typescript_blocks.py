"""Interfaces of TypeScript in a page's code blocks, rewritten as lists of fields where they stand.

    interface CreateRequest {                    ### Request body
      mode?: "std" | "pro";  // default "std" →  - `mode` (string, optional): One of …
      list: { image: string }[];                 - `list` (array of objects, required):
    }                                              - `image` (string, required):

The rewritten text keeps its lines.
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

FORMAT = "TypeScript interfaces"
MAX_LINES = 1_500
MAX_LINE = 1_000
MAX_NESTED = 12
QUOTES = "\"'"

_FENCE = re.compile(r"[ \t]{0,12}`{3,}[ \t]{0,4}(?:ts|tsx|typescript)\b", re.IGNORECASE)
_END = re.compile(r"[ \t]{0,12}`{3,}[ \t]{0,4}\Z")
_OPENS = re.compile(
    r"\s{0,40}(?:export\s{1,4})?(?:interface\s{1,4}(?P<interface>\w{1,80})[^{=]{0,80}|type\s{1,4}(?P<type>\w{1,80})\s{0,4}=\s{0,4})\{\s{0,4}\Z"
)
_FIELD = re.compile(
    r"\s{0,40}(?:readonly\s{1,4})?[\"']?(?P<name>[A-Za-z_$][\w$-]{0,79})[\"']?(?P<optional>\??)\s{0,4}:\s{0,4}(?P<type>[^;,/]{1,400}?)\s{0,4}[;,]?\s{0,80}(?://\s{0,4}(?P<words>.*)|/\*+\s{0,4}(?P<note>[^*]{0,400})\*/\s{0,4})?\Z"
)
_COMMENT = re.compile(r"\s{0,40}(?://|/\*+|\*+(?:/\s*\Z)?)\s{0,4}(?P<words>.*?)\s{0,4}(?:\*{1,3}/)?\Z")
_CLOSES = re.compile(r"\s{0,40}\}(?P<list>\[\]|>)?\s{0,4}[;,]?\s{0,80}(?://\s{0,4}(?P<words>.*))?\Z")
_INLINE = re.compile(r"(?:Array<)?\{(?P<fields>[^{}]{1,300})\}(?P<list>\[\]|>)?\Z")
_ANSWER = re.compile(r"resp|result|answer|output|reply|return", re.IGNORECASE)
_LITERAL = re.compile(r"\"[^\"]{1,80}\"|'[^']{1,80}'|-?\d{1,15}(?:\.\d{1,6})?")
_NUMBER = re.compile(r"-?\d")


def recognises(document: Document) -> bool:
    """Whether a fenced block of TypeScript declares the members of an interface."""
    return any(_FENCE.match(line[:60]) for line in document.lines[:MAX_LINES]) and any(
        _OPENS.match(line[:300]) for line in document.lines[:MAX_LINES]
    )


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a heading and a list where each interface stands."""
    out: list[tuple[int, str]] = []
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with TypeScript are read", MAX_LINES + 1)
    fenced = False
    block: list[tuple[int, str]] = []
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if fenced and _END.match(line[:40]):
            fenced = False
            out += [*_read(block, log), (number, "")]
        elif fenced:
            block.append((number, line[:MAX_LINE]))
        elif _FENCE.match(line[:60]):
            fenced, block = True, []
            out.append((number, ""))
        else:
            out.append((number, line))
    out += list(_read(block, log)) if fenced else []
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _read(block: list[tuple[int, str]], log: FactLog) -> Iterator[tuple[int, str]]:
    depth = 0  # how many braces of the interface are open
    above: list[str] = []  # comments, which are about the member that follows
    for number, line in block:
        if not depth:
            if opens := _OPENS.match(line):
                depth = 1
                yield from (
                    (number, ""),
                    (number, _heading(opens["interface"] or opens["type"])),
                    (number, ""),
                )
        elif closes := _CLOSES.match(line):
            depth -= 1
            if closes["list"] == "[]":
                log.note("problem", "this is a list of what is read as one object", number)
        elif comment := _COMMENT.match(line):
            above += [comment["words"]] if comment["words"] else []
        elif field := _FIELD.match(line):
            if field["type"].endswith("{"):
                is_list = field["type"].startswith("Array<")
                yield number, _entry(depth, field, "array of objects" if is_list else "object", *above)
                depth = min(depth + 1, MAX_NESTED)
            else:
                yield from ((number, text) for text in _entries(depth, field, *above))
            above = []
        elif line.strip():
            log.note("not-understood", line.strip()[:120], number)


def _heading(name: str) -> str:
    return "### Response" if _ANSWER.search(name) else "### Request body"


def _entry(depth: int, field: re.Match[str], type_: str, *words: str) -> str:
    said = f"{type_}, {'optional' if field['optional'] else 'required'}"
    told = ". ".join(filter(None, [*words, (field["words"] or field["note"] or "").strip()]))
    return f"{'  ' * (depth - 1)}- `{field['name']}` ({said}): {told}"


def _entries(depth: int, field: re.Match[str], *above: str) -> Iterator[str]:
    """A member on one line; the members of an object that it holds on the same line follow it."""
    text = field["type"].strip()
    if inline := _INLINE.match(text):
        yield _entry(depth, field, "array of objects" if inline["list"] else "object", *above)
        for one in inline["fields"].split(";"):
            if inner := _FIELD.match(one):
                yield from _entries(depth + 1, inner)
        return
    parts = [part.strip() for part in text.split("|") if part.strip() not in ("null", "undefined", "")]
    if parts and all(_LITERAL.fullmatch(part) for part in parts):
        type_ = "number" if all(map(_NUMBER.match, parts)) else "string"
        listed = [f"`{part.strip(QUOTES)}`" for part in parts]
        words = f"One of {', '.join(listed)}" if len(listed) > 1 else f"fixed: {listed[0]}"
        yield _entry(depth, field, type_, words, *above)
        return
    bare = parts[0] if len(parts) == 1 else text
    known = re.fullmatch(r"(?:Array<)?(string|number|boolean|object|\w{1,60})(>|\[\])?", bare)
    if known is None:
        yield _entry(depth, field, "any", f"Type: {text}", *above)
        return
    item = known[1] if known[1] in ("string", "number", "boolean") else "object"
    yield _entry(depth, field, f"array of {item}s" if known[1] and known[2] else item, *above)
