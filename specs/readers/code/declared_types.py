"""Types that source code declares, whatever its language, written as lists of fields that are read.

    type Body = { mode?: "std" | "pro" }   →   ### Request body
                                               - `mode` (string, optional): One of `std`, `pro`

A type that a field names is written inside of that field. What a parser makes of a language is here: records
with their members, and the values of types that are lists of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.specs.readers.code.client_options import are_options, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.readers.facts import FactLog

MAX_NESTED = 12
MAX_MEMBERS = 1_000
# How many records, one inside of the other or inheriting from the other, are written.
MAX_ABOVE = 40

_SAID_ANSWER = re.compile(
    r"\W{0,4}(?:the\s)?(?:answer|response|reply|result)s?\b|\W{0,4}(?:响应|返回)", re.IGNORECASE
)
_ANSWER = re.compile(r"resp|result|answer|output|reply|return", re.IGNORECASE)


@dataclass(slots=True)
class Member:
    """A member of a record: `type` as a list of fields says it, `of` the name of what it is, or each of its
    items; `required` is None where the code does not say."""

    name: str
    line: int
    type: str = "any"
    of: str = ""
    is_list: bool = False
    required: bool | None = None
    words: list[str] = field(default_factory=list)
    values: tuple[str, ...] = ()
    record: Record | None = None  # what it holds, declared where it stands


@dataclass(slots=True)
class Record:
    """A declared type: `words` is the comment above it, `bases` are records whose members it has, too."""

    name: str
    line: int
    words: str = ""
    members: list[Member] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)

    @property
    def is_answer(self) -> bool:
        """Whether its name, or the comment above it, is of what is answered."""
        return _ANSWER.search(self.name) is not None or _SAID_ANSWER.match(self.words) is not None


@dataclass(slots=True)
class Declared:
    """The records of a text by name, and the values and the meaning of names that are no records."""

    records: dict[str, Record] = field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    other_names: dict[str, str] = field(default_factory=dict)

    def outermost(self) -> list[Record]:
        """The records that no other one holds, in their order, without those of how a client calls."""
        held = set[str]()
        for record in self.records.values():
            held.update(record.bases, *map(_named, record.members))
        outer = [one for one in self.records.values() if one.name not in held and _has_members(one)]
        return [one for one in outer if one.bases or not are_options(_names(one))]


def _named(member: Member) -> set[str]:
    if member.record is None:
        return {member.of}
    return {member.of, *member.record.bases}.union(*map(_named, member.record.members))


def _names(record: Record) -> list[str]:
    return [one.name for one in record.members]


def _has_members(record: Record) -> bool:
    return bool(record.members or record.bases)


def choice(values: tuple[str, ...]) -> str:
    """Values as a description lists them."""
    listed = [f"`{one}`" for one in values]
    return f"One of {', '.join(listed)}" if len(listed) > 1 else f"fixed: {listed[0]}" if listed else ""


class Writer:
    """Writes records as lists of fields, each entry with the line that it was declared on."""

    def __init__(self, declared: Declared, log: FactLog) -> None:
        self.declared, self.log = declared, log
        self.count = 0
        for record in declared.records.values():
            if not record.bases and are_options(_names(record)):
                log.note("untold", told(_names(record)), record.line)

    def section(self, record: Record, heading: str = "") -> Iterator[tuple[int, str]]:
        """A heading and the fields of a record; the heading says whether it is sent or answered."""
        said = heading or ("### Response" if record.is_answer else "### Request body")
        yield from ((record.line, ""), (record.line, said), (record.line, ""))
        yield from self.entries(record, 0, frozenset())
        yield record.line, ""

    def entries(self, record: Record, depth: int, above: frozenset[str]) -> Iterator[tuple[int, str]]:
        """The fields of a record, those of its bases first; `above` holds the records around it."""
        above |= {record.name}
        for base in record.bases:
            self.count += 1  # those without members take time, too
            if self.count > MAX_MEMBERS:
                self.log.cut(f"{MAX_MEMBERS:,} members of declared types are read", record.line)
                return
            inherited = self.declared.records.get(base)
            if inherited is not None and len(above) > MAX_ABOVE:
                self.log.note("untold", f"the members of {base!r} inside of {record.name!r}", record.line)
            elif inherited is not None and base not in above:
                yield from self.entries(inherited, depth, above)
        for member in record.members:
            self.count += 1
            if self.count > MAX_MEMBERS:
                self.log.cut(f"{MAX_MEMBERS:,} members of declared types are read", member.line)
                return
            yield from self._entry(member, depth, above)

    def _entry(self, member: Member, depth: int, above: frozenset[str]) -> Iterator[tuple[int, str]]:
        of = self.declared.other_names.get(member.of, member.of)
        values = member.values or self.declared.values.get(of, ())
        record = member.record or self.declared.records.get(of)
        type_ = member.type
        if record is not None:
            type_ = "object"
        elif values and type_ in ("any", "object"):
            type_ = "string"
        shown = (
            f"array of {type_}s"
            if member.is_list and type_ != "any"
            else "array"
            if member.is_list
            else type_
        )
        said = [shown, *([] if member.required is None else ["required" if member.required else "optional"])]
        told = ". ".join(filter(None, [choice(values), *(word.strip().rstrip(".") for word in member.words)]))
        yield member.line, f"{'  ' * depth}- `{member.name}` ({', '.join(said)}): {told}"
        if member.is_list and values:
            said_of_items = f"each item of {member.name!r} is one of {', '.join(values)}"[:200]
            self.log.note("untold", said_of_items, member.line)
        if record is None:
            return
        if depth >= MAX_NESTED or record.name in above:
            self.log.note("untold", f"the members of {record.name!r} inside of {member.name!r}", member.line)
            return
        yield from self.entries(record, depth + 1, above)


def merged(several: Mapping[int, Declared]) -> Declared:
    """What several parts of a page declare together."""
    out = Declared()
    for one in several.values():
        out.records.update(one.records)
        out.values.update(one.values)
        out.other_names.update(one.other_names)
    return out
