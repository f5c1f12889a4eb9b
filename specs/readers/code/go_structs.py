"""Structs of Go with tags that say how their fields are called in JSON, parsed line by line.

type Body struct {                                       a record
    Mode string `json:"mode,omitempty"` // std or pro      a member that may be left out
    Data struct {                                          a record declared where it stands
        ID string `json:"id"`
    } `json:"data"`
}
const ( StatusDone Status = "done" )                     one of the values of Status
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.code.declared_types import MAX_NESTED, Declared, Member, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.facts import FactLog

LANGUAGES = r"go|golang"

# The first line of a file that is in it.
BEGINS = re.compile(r"\s{0,8}(?://|/\*|package\b|type\b|import\b)")
OPENS = re.compile(
    r"\s{0,8}(?:type\s{1,4})?(?P<name>[A-Za-z_]\w{0,79})\s{1,8}struct\s{0,4}\{\s{0,4}(?://.*)?\Z"
)
_TAG = r"`(?P<tag>[^`]{1,300})`"
_FIELD = re.compile(
    rf"\s{{0,16}}(?P<name>[A-Za-z_]\w{{0,79}})\s{{1,60}}(?P<type>[\w.*\[\]{{}}]{{1,120}})(?:\s{{1,60}}{_TAG})?\s{{0,60}}(?://\s{{0,4}}(?P<words>.*))?\Z"
)
_HOLDS = re.compile(
    r"\s{0,16}(?P<name>[A-Za-z_]\w{0,79})\s{1,60}(?P<list>\[\])?\*?struct\s{0,4}\{\s{0,4}(?://.*)?\Z"
)
_CLOSES = re.compile(rf"\s{{0,16}}\}}\s{{0,8}}(?:{_TAG})?\s{{0,60}}(?://\s{{0,4}}(?P<words>.*))?\Z")
_EMBEDDED = re.compile(r"\s{0,16}\*?(?:\w{1,40}\.)?(?P<name>[A-Z]\w{0,79})\s{0,8}(?://.*)?\Z")
_COMMENT = re.compile(r"\s{0,16}//\s{0,4}(?P<words>.*)\Z")
_CONSTANT = re.compile(
    r"\s{0,8}(?:const\s{1,4})?\w{1,80}\s{1,60}(?P<type>[A-Za-z_]\w{0,79})\s{0,60}=\s{0,4}\"(?P<value>[^\"]{1,80})\""
)
_JSON = re.compile(r"\bjson:\"(?P<name>[^\",]{0,80})(?P<rest>[^\"]{0,80})\"")
_CHECKS = re.compile(r"\b(?:binding|validate):\"(?P<rules>[^\"]{1,200})\"")
_TYPES = {
    "string": "string", "bool": "boolean", "float32": "number", "float64": "number", "time.Time": "string",
    "interface{}": "any", "any": "any", "json.RawMessage": "any", "byte": "integer",
}  # fmt: skip
_INTEGER = re.compile(r"u?int(?:8|16|32|64)?\Z")


def parse(block: Sequence[tuple[int, str]], log: FactLog) -> Declared:
    """What the lines of a block declare; what stands between declarations says nothing."""
    return _Parser(log).run(block)


class _Parser:
    def __init__(self, log: FactLog) -> None:
        self.log = log
        self.found = Declared()
        self.open: list[Record] = []
        self.above: list[str] = []

    def run(self, block: Sequence[tuple[int, str]]) -> Declared:
        for number, line in block:
            if comment := _COMMENT.match(line):
                self.above.append(comment["words"])
            elif not self.open:
                self._outside(number, line)
            elif closes := _CLOSES.match(line):
                self._close(closes)
            elif holds := _HOLDS.match(line):
                self._holds(holds, number)
            elif embedded := _EMBEDDED.match(line):
                self.open[-1].bases.append(embedded["name"])
                self.above = []
            elif one := _FIELD.match(line):
                self._member(one, number)
            elif line.strip():
                self.log.note("not-understood", line.strip()[:120], number)
        return self.found

    def _outside(self, number: int, line: str) -> None:
        if opens := OPENS.match(line):
            self.open = [Record(opens["name"], number, " ".join(self.above))]
            self.found.records[opens["name"]] = self.open[0]
        elif constant := _CONSTANT.match(line):
            known = self.found.values.get(constant["type"], ())
            if constant["type"] != "string" and len(known) < 200:
                self.found.values[constant["type"]] = (*known, constant["value"])
        self.above = []

    def _close(self, closes: re.Match[str]) -> None:
        self.open.pop()
        self.above = []
        if self.open and self.open[-1].members:
            member = self.open[-1].members[-1]
            _tagged(member, closes["tag"] or "")
            member.words += [(closes["words"] or "").strip()]
            if not member.name:
                self.open[-1].members.pop()

    def _holds(self, holds: re.Match[str], number: int) -> None:
        record = Record(holds["name"], number)
        member = Member(holds["name"], number, is_list=bool(holds["list"]), required=True, words=self.above)
        member.record, self.above = record, []
        self.open[-1].members.append(member)
        if len(self.open) < MAX_NESTED:
            self.open.append(record)

    def _member(self, one: re.Match[str], number: int) -> None:
        type_ = one["type"]
        bare = type_.lstrip("*")
        is_list = bare.startswith("[]")
        bare = bare.removeprefix("[]").lstrip("*")
        words = [*self.above, (one["words"] or "").strip()]
        self.above = []
        member = Member(one["name"], number, is_list=is_list, required=not type_.startswith("*"), words=words)
        if bare.startswith("map["):
            member.type = "object"
        elif _INTEGER.match(bare):
            member.type = "integer"
        elif bare in _TYPES:
            member.type = _TYPES[bare]
        else:
            member.type, member.of = "object", bare.rpartition(".")[2]
        if bare == "byte" and is_list:
            member.type, member.is_list = "string", False
        _tagged(member, one["tag"] or "")
        if member.name and (one["tag"] or one["name"][:1].isupper()):
            self.open[-1].members.append(member)


def _tagged(member: Member, tag: str) -> None:
    """Call the member as its tag does, "" where JSON leaves it out, and take what is checked of it."""
    json = _JSON.search(tag)
    if json is not None:
        member.name = "" if json["name"] == "-" else json["name"] or member.name
        if "omitempty" in json["rest"]:
            member.required = False
    checks = _CHECKS.search(tag)
    for rule in checks["rules"].split(",") if checks else ():
        name, _, value = rule.strip().partition("=")
        unit = "items" if member.is_list else "characters" if member.type == "string" else ""
        if name == "required":
            member.required = True
        elif name == "oneof" and value:
            member.values = tuple(value.replace("'", "").split())
        elif name in ("max", "lte", "min", "gte") and value:
            bound = "maximum" if name in ("max", "lte") else "minimum"
            said = {"maximum": "at most", "minimum": "at least"}[bound]
            member.words.append(f"{said} {value} {unit}" if unit else f"{bound}: {value}")
