"""Interfaces, object types and lists of values of TypeScript, parsed line by line.

interface Body {                          a record
  mode?: "std" | "pro";  // default std     a member: optional, two values
  list: { image: string }[];                a list whose items are declared where it stands
}
type Ratio = "16:9" | "1:1";              values under a name
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.code.declared_types import MAX_NESTED, Declared, Member, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.readers.facts import FactLog

LANGUAGES = r"tsx?|typescript"
QUOTES = "\"'"

# The first line of a file that is in it.
BEGINS = re.compile(r"\s{0,8}(?:/\*|//|import\b|export\b|interface\b|type\b|declare\b|[\"']use)")
OPENS = re.compile(
    r"\s{0,40}(?:export\s{1,4})?(?:declare\s{1,4})?(?:interface\s{1,4}(?P<interface>\w{1,80})(?:<[^<>{}]{0,80}>)?(?:\s{1,4}extends\s{1,4}(?P<bases>[\w\s,]{1,200}))?[^{=]{0,80}|type\s{1,4}(?P<type>\w{1,80})\s{0,4}=\s{0,4})\{\s{0,4}(?://.*)?\Z"
)
_ALIAS = re.compile(
    r"\s{0,40}(?:export\s{1,4})?type\s{1,4}(?P<name>\w{1,80})\s{0,4}=\s{0,4}(?P<type>[^;{}]{0,600}?)\s{0,4}(?P<end>;\s{0,4}(?://.*)?)?\Z"
)
_ALIAS_GOES_ON = re.compile(r"\s{0,40}\|\s{0,4}(?P<type>[^;{}/]{1,300}?)\s{0,4}(?P<end>;\s{0,4})?(?://.*)?\Z")
_FIELD = re.compile(
    r"\s{0,40}(?:readonly\s{1,4})?[\"']?(?P<name>[A-Za-z_$][\w$-]{0,79})[\"']?(?P<optional>\??)\s{0,4}:\s{0,4}(?P<type>(?>\{[^{}]{1,300}\}|<[^<>]{0,200}>|<\{(?=\s{0,4}\Z)|[^;,/<]){1,400}?)\s{0,4}[;,]?\s{0,80}(?://\s{0,4}(?P<words>.*)|/\*+\s{0,4}(?P<note>[^*]{0,400})\*/\s{0,4})?\Z"
)
_COMMENT = re.compile(r"\s{0,40}(?://|/\*+|\*+(?:/\s*\Z)?)\s{0,4}(?P<words>.*?)\s{0,4}(?:\*{1,3}/)?\Z")
_CLOSES = re.compile(r"\s{0,40}\}(?P<list>\[\]|>)?\s{0,4}[;,]?\s{0,80}(?://\s{0,4}(?P<words>.*))?\Z")
_INLINE = re.compile(r"(?:Array<)?\{(?P<fields>[^{}]{1,300})\}(?P<list>\[\]|>)?\Z")
# An object whose keys are not declared: `Record<string, unknown>`, `{ [key: string]: number }`.
_OF_ANY_KEYS = re.compile(
    r"(?:Record|Map|Dictionary)<[^<>]{1,80}>|\{\s?\[\w{1,20}:\s?string\]\s?:[^{}]{1,60}\}|object"
)
_LITERAL = re.compile(r"\"[^\"]{1,80}\"|'[^']{1,80}'|-?\d{1,15}(?:\.\d{1,6})?")
_NUMBER = re.compile(r"-?\d")
_PLAIN = ("string", "number", "boolean")
# So long the values of one member are put together.
MAX_MEMBER = 2_000


# A line that goes on with the values of the member above: `| "pro"; // how it is made`.
_GOES_ON = re.compile(
    r"\s{0,80}(?P<bar>\|)?\s{0,4}(?P<code>[^;/|}\s][^;/]{0,300})(?P<end>[;,]?)\s{0,80}(?P<words>//.*)?\Z"
)
_HAS_UNION = re.compile(r"\s{0,40}[\"']?[A-Za-z_$][\w$-]{0,79}[\"']?\??\s{0,4}:[^;{}]{0,400}\Z")


def parse(block: Sequence[tuple[int, str]], log: FactLog) -> Declared:
    """What the lines of a block declare; what stands between declarations says nothing."""
    return _Parser(log).run(block)


def _whole_members(block: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines of a block, those of a member whose values go on below as one:

    mode?: "std"            →  mode?: "std" | "pro"; // how it is made
      | "pro"; // how it is made
    """
    kept = code = words = ""  # of a member that may go on: its line, and what is put together
    number = 0
    for at, line in block:
        more = _GOES_ON.match(line[:400]) if code else None
        more = more if more and (more["bar"] or code[-1] in "|:") else None
        if more:
            code = f"{code.rstrip(' |')} | {more['code'].strip()}{more['end']}"
            words = " ".join(filter(None, (words, (more["words"] or "").lstrip("/ "))))
            kept = f"{code} // {words}" if words else code
        if kept and (more is None or more["end"] or len(code) > MAX_MEMBER):
            yield number, kept
            kept = code = ""
        if more:
            continue
        bare, _, said = line.partition("//")
        if _HAS_UNION.match(bare.rstrip()[:600]):
            kept, code, words, number = line, bare.rstrip(), said.strip(), at
        else:
            yield at, line
    if kept:
        yield number, kept


class _Parser:
    def __init__(self, log: FactLog) -> None:
        self.log = log
        self.found = Declared()
        self.open: list[Record] = []  # the record that is open, and those declared inside of it
        self.above: list[str] = []  # comments, which are about what follows
        self.alias = ""  # a list of values that goes on below

    def run(self, block: Sequence[tuple[int, str]]) -> Declared:
        for number, line in _whole_members(block):
            if not self.open:
                self._outside(number, line)
            elif closes := _CLOSES.match(line):
                self._close(closes, number)
            elif comment := _COMMENT.match(line):
                self.above += [comment["words"]] if comment["words"] else []
            elif one := _FIELD.match(line):
                self._member(one, number)
            elif line.strip():
                self.log.note("not-understood", line.strip()[:120], number)
        return self.found

    def _outside(self, number: int, line: str) -> None:
        if self.alias and (more := _ALIAS_GOES_ON.match(line)):
            self.found.values[self.alias] = (
                *self.found.values.get(self.alias, ()),
                *_literals(more["type"])[0],
            )
            self.alias = "" if more["end"] else self.alias
            return
        self.alias = ""
        if opens := OPENS.match(line):
            bases = re.findall(r"\w{1,80}", opens["bases"] or "")
            name = opens["interface"] or opens["type"]
            self.open = [Record(name, number, " ".join(self.above), bases=bases)]
            self.found.records[name] = self.open[0]
            self.above = []
        elif alias := _ALIAS.match(line):
            self._alias(alias)
        elif comment := _COMMENT.match(line):
            self.above += [comment["words"]] if comment["words"] else []
        elif line.strip():
            self.above = []

    def _alias(self, alias: re.Match[str]) -> None:
        values, _ = _literals(alias["type"])
        if values:
            self.found.values[alias["name"]] = values
        elif re.fullmatch(r"\w{1,80}", alias["type"]):
            self.found.other_names[alias["name"]] = alias["type"]
        self.alias = alias["name"] if not alias["end"] and (values or not alias["type"]) else ""
        self.above = []

    def _close(self, closes: re.Match[str], number: int) -> None:
        closed = self.open.pop()
        if self.open and closes["list"]:
            self.open[-1].members[-1].is_list = True
        elif closes["list"] == "[]":
            self.log.note("problem", f"{closed.name} is a list of what is read as one object", number)
        self.above = []

    def _member(self, one: re.Match[str], number: int) -> None:
        words = [*self.above, (one["words"] or one["note"] or "").strip()]
        self.above = []
        member = _member_of(one, number, words)
        self.open[-1].members.append(member)
        if one["type"].endswith("{"):
            member.record = Record(one["name"], number)
            member.is_list = one["type"].startswith("Array<")
            if len(self.open) < MAX_NESTED:
                self.open.append(member.record)


def _member_of(one: re.Match[str], number: int, words: list[str]) -> Member:
    member = Member(one["name"], number, required=not one["optional"], words=words)
    text = one["type"].strip()
    if inline := _INLINE.match(text):
        inner = [found for part in inline["fields"].split(";") if (found := _FIELD.match(part))]
        member.record = Record(
            one["name"], number, members=[_member_of(found, number, []) for found in inner]
        )
        member.is_list = bool(inline["list"])
        return member
    if _OF_ANY_KEYS.fullmatch(text):
        member.type = "object"
        return member
    member.values, is_number = _literals(text)
    if member.values:
        member.type = "number" if is_number else "string"
        return member
    parts = [part.strip() for part in text.split("|") if part.strip() not in ("null", "undefined", "")]
    known = re.fullmatch(r"(?:Array<)?(\w{1,60})(>|\[\])?", parts[0] if len(parts) == 1 else text)
    if known is None:
        member.words = [f"Type: {text}" if not text.endswith("{") else "", *words]
        return member
    member.is_list = bool(known[2])
    member.type = (
        known[1] if known[1] in _PLAIN else "object" if known[1] not in ("any", "unknown") else "any"
    )
    member.of = known[1] if known[1] not in _PLAIN else ""
    return member


def _literals(text: str) -> tuple[tuple[str, ...], bool]:
    """The values of a union of literals and whether they are numbers; () for any other type."""
    parts = [part.strip() for part in text.split("|") if part.strip() not in ("null", "undefined", "")]
    if not parts or not all(_LITERAL.fullmatch(part) for part in parts):
        return (), False
    return tuple(part.strip(QUOTES) for part in parts), all(map(_NUMBER.match, parts))
