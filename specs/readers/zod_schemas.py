"""Schemas that TypeScript builds with zod, read as declared types.

export const Body = z.object({                          a record
  mode: z.enum(["std", "pro"]).default("std"),            a member: two values, optional
  list: z.array(z.object({ image: z.string() })).max(4)   a list whose items are declared where it stands
});
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.specs.readers.declared_types import MAX_NESTED, Declared, Member, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.readers.facts import FactLog

LANGUAGES = r"tsx?|typescript|jsx?|javascript|zod"
# The first line of a file that is in it, and one on which a schema begins.
BEGINS = re.compile(r"\s{0,8}(?:/\*|//|import\b|export\b|const\b|[\"']use)")
OPENS = re.compile(
    r"\s{0,40}(?:export\s{1,4})?(?:const|let|var)\s{1,4}(?P<name>\w{1,80})\s{0,4}(?::[^=]{1,80})?=\s{0,4}z\s{0,4}\.\s{0,4}object\s{0,4}\(\s{0,4}\{"
)
_COMMENT = re.compile(r"\s{0,40}(?://|/\*+|\*+(?:/\s*\Z)?)\s{0,4}(?P<words>.*?)\s{0,4}(?:\*{1,3}/)?\Z")
_TOKEN = re.compile(
    r"\s+|//(?P<comment>[^\n]*)|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|(?P<text>\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`[^`]*+(?:`|\Z))|(?P<number>-?\d[\d_]*(?:\.\d+)?)|(?P<name>[A-Za-z_$][\w$]*)|(?P<sign>.)",
    re.DOTALL,
)
_TYPES = {
    "string": "string", "number": "number", "boolean": "boolean", "bigint": "integer", "date": "string",
    "record": "object", "object": "object", "enum": "string", "nativeEnum": "string", "file": "string",
}  # fmt: skip
_LIMITS = {"min": "at least", "max": "at most", "length": "exactly", "gte": "at least", "lte": "at most"}
_BOUNDS = {"min": "minimum", "max": "maximum", "gte": "minimum", "lte": "maximum"}


@dataclass(slots=True)
class _Call:
    """`.name(arguments)`: the arguments are texts, numbers, names, lists of arguments, objects, or chains."""

    name: str
    arguments: list[object] = field(default_factory=list)


@dataclass(slots=True)
class _Chain:
    """`z.string().max(9)`, or the name of another schema."""

    calls: list[_Call]
    of: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def parse(block: Sequence[tuple[int, str]], log: FactLog) -> Declared:
    """What the lines of a block declare; what stands between the schemas says nothing."""
    found = Declared()
    above: list[str] = []
    for index, (number, line) in enumerate(block):
        if opens := OPENS.match(line):
            parser = _Parser(block[index:], opens.end() - 1)
            record = Record(opens["name"], number, " ".join(above))
            record.members = parser.members(0)
            found.records[record.name] = record
            if parser.is_cut:
                log.cut(f"schemas in one another are read {MAX_NESTED} levels deep", number)
        if comment := _COMMENT.match(line):
            above += [comment["words"]] if comment["words"] else []
        elif line.strip():
            above = []
    return found


class _Parser:
    """Reads tokens from the first brace of a schema on, as far as that is open."""

    def __init__(self, block: Sequence[tuple[int, str]], start: int) -> None:
        self.tokens = list(_tokens(block, start))
        self.at = 0
        self.is_cut = False

    def _next(self) -> _Token:
        token = self.tokens[self.at] if self.at < len(self.tokens) else _Token("end", "", 0)
        self.at += 1
        return token

    def _ahead(self, more: int = 0) -> str:
        return self.tokens[self.at + more].text if self.at + more < len(self.tokens) else ""

    def members(self, depth: int) -> list[Member]:
        """The members between the braces that begin here."""
        out: list[Member] = []
        self._next()
        while self.at < len(self.tokens) and self._ahead() != "}":
            token = self._next()
            if token.kind in ("name", "text") and self._ahead() == ":":
                self._next()
                value = self._value(depth + 1)
                member = _member(token.text.strip("\"'`"), token.line, value)
                out.append(member)
                if self._ahead() == ",":
                    self._next()
                if self.at < len(self.tokens) and self.tokens[self.at].kind == "comment":
                    member.words.append(self._next().text)
        self._next()
        return out

    def _value(self, depth: int) -> object:
        if depth > MAX_NESTED * 3:
            self.is_cut = True
            self._skip()
            return ""
        if self._ahead() == "{":
            return self.members(depth)
        if self._ahead() == "[":
            return self._several("]", depth)
        token = self._next()
        if token.kind != "name":
            return token.text
        chain = _Chain([], "" if token.text == "z" else token.text)
        while self._ahead() == ".":
            self._next()
            call = _Call(self._next().text)
            if self._ahead() == "(":
                call.arguments = self._several(")", depth)
            chain.calls.append(call)
        return chain

    def _several(self, end: str, depth: int) -> list[object]:
        out: list[object] = []
        self._next()
        while self.at < len(self.tokens) and self._ahead() != end:
            if self._ahead() in (",", ";", ":", "=", ">", "?", "!", ")", "]", "}", "(") or (
                self.tokens[self.at].kind == "comment"
            ):
                self._next()
                continue
            out.append(self._value(depth + 1))
        self._next()
        return out

    def _skip(self) -> None:
        """Past what is open, or one token."""
        open_ = 0
        while self.at < len(self.tokens):
            text = self._next().text
            open_ += (text in "([{" and bool(text)) - (text in ")]}" and bool(text))
            if open_ <= 0:
                return


def _tokens(block: Sequence[tuple[int, str]], start: int) -> Iterator[_Token]:
    text = "\n".join(line for _, line in block)
    starts = [0]
    for _, line in block:
        starts.append(starts[-1] + len(line) + 1)
    depth = 0
    for found in _TOKEN.finditer(text, start):
        kind = found.lastgroup
        if kind is None:
            continue
        index = min(bisect.bisect_right(starts, found.start()) - 1, len(block) - 1)
        yield _Token(kind, found["comment"].strip() if kind == "comment" else found.group(), block[index][0])
        depth += (found.group() in "([{") - (found.group() in ")]}") if kind == "sign" else 0
        if depth <= 0 and kind == "sign":
            return


def _member(name: str, line: int, value: object) -> Member:
    member = Member(name, line, required=True)
    limits: list[_Call] = []
    for call in value.calls if isinstance(value, _Chain) else ():
        first = call.arguments[0] if call.arguments else ""
        if call.name in ("optional", "nullish"):
            member.required = False
        elif call.name == "default":
            member.required = False
            member.words.append(f"Default: `{_plain(first)}`" if _plain(first) else "")
        elif call.name in ("describe", "message") and isinstance(first, str):
            member.words.append(_plain(first))
        elif call.name == "int":
            member.type = "integer"
        elif call.name in ("url", "base64"):
            member.words.append({"url": "A URL", "base64": "Base64"}[call.name])
        elif call.name in (*_LIMITS, *_BOUNDS) and _plain(first):
            limits.append(call)
        else:
            _base(member, call, first, line)
    if isinstance(value, _Chain) and value.of:
        member.of, member.type = value.of, "object"
    member.words += [_limit(member, call) for call in limits]
    return member


def _base(member: Member, call: _Call, first: object, line: int) -> None:
    """What the beginning of a chain says: `enum([…])`, `array(…)`, `object({…})`."""
    if call.name == "enum" and isinstance(first, list):
        member.type, member.values = "string", tuple(map(_plain, first))
    elif call.name == "literal":
        member.type, member.values = _kind(first), (_plain(first),)
    elif call.name == "union" and isinstance(first, list):
        several = [_member(member.name, line, one) for one in first]
        member.type = several[0].type if several else "any"
        member.values = (
            tuple(value for one in several for value in one.values)
            if all(one.values for one in several)
            else ()
        )
    elif call.name == "array":
        inner = _member(member.name, line, first)
        member.is_list, member.type, member.of = True, inner.type, inner.of
        member.record, member.values = inner.record, inner.values
    elif call.name == "object" and isinstance(first, list):
        member.type, member.record = (
            "object",
            Record(member.name, line, members=[one for one in first if isinstance(one, Member)]),
        )
    elif call.name in _TYPES and member.type == "any":
        member.type = _TYPES[call.name]


def _limit(member: Member, call: _Call) -> str:
    number = _plain(call.arguments[0])
    if member.is_list or member.type == "string":
        return f"{_LIMITS[call.name]} {number} {'items' if member.is_list else 'characters'}"
    return f"{_BOUNDS.get(call.name, call.name)}: {number}"


def _plain(value: object) -> str:
    return value.strip("\"'`") if isinstance(value, str) else (value.of if isinstance(value, _Chain) else "")


def _kind(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "string" if text[:1] in "\"'`" else "integer" if re.fullmatch(r"-?\d+", text) else "boolean"
