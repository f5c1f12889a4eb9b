"""Schemas that TypeScript builds with zod, read as declared types.

export const Body = z.object({                          a record
  mode: z.enum(["std", "pro"]).default("std"),            a member: two values, optional
  list: z.array(z.object({ image: z.string() })).max(4)   a list whose items are declared where it stands
});
const Mode = z.enum(["std", "pro"]);                    a schema under a name, for members further below

What a schema says beyond that, as `.refine(…)` does, is listed as untold.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.code.declared_types import MAX_NESTED, Declared, Member, Record
from understudy.specs.readers.code.zod_syntax import NAMED, ZodCall, ZodChain, ZodObject, ZodParser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.facts import FactLog

# How many members schemas take over from others by `.partial()` and the like.
MAX_COPIED = 20_000

LANGUAGES = r"tsx?|typescript|jsx?|javascript|zod"
# The first line of a file that is in it, and one on which a schema begins.
BEGINS = re.compile(r"\s{0,8}(?:/\*|//|import\b|export\b|const\b|[\"']use)")
OPENS = re.compile(
    r"\s{0,40}(?:export\s{1,4})?(?:const|let|var)\s{1,4}(?P<name>\w{1,80})\s{0,4}(?::[^=]{1,80})?=\s{0,4}z\s{0,4}\.\s{0,4}object\s{0,4}\(\s{0,4}\{"
)
_COMMENT = re.compile(r"\s{0,40}(?://|/\*+|\*+(?:/\s*\Z)?)\s{0,4}(?P<words>.*?)\s{0,4}(?:\*{1,3}/)?\Z")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")
_QUOTES = "\"'`"
_TYPES = {
    "string": "string", "number": "number", "boolean": "boolean", "bigint": "integer", "date": "string",
    "record": "object", "file": "string", "url": "string", "base64": "string", "uuid": "string",
    "email": "string", "datetime": "string", "int": "integer", "map": "object",
}  # fmt: skip
_FORMATS = {
    "url": "A URL",
    "httpUrl": "A URL",
    "base64": "Base64",
    "uuid": "A UUID",
    "email": "An email address",
}
# What bounds a text or a list, and what a number, by the name of the call.
_LIMITS = {"min": "at least", "max": "at most", "length": "exactly", "nonempty": "at least"}
_BOUNDS = {
    "min": "minimum: {}", "max": "maximum: {}", "gte": "minimum: {}", "lte": "maximum: {}",
    "gt": "greater than {}", "lt": "less than {}", "positive": "greater than {}", "negative": "less than {}",
    "nonnegative": "minimum: {}", "nonpositive": "maximum: {}",
}  # fmt: skip
# The bound of those that are given none.
_OWN_BOUND = {"nonempty": "1", "positive": "0", "negative": "0", "nonnegative": "0", "nonpositive": "0"}
_UNBOUND = ("file", "date")  # what these are given as bounds is neither characters nor a number
_OBJECTS = ("object", "strictObject", "looseObject")
_EXTENDS = ("extend", "safeExtend")
# Calls whose last argument is the schema that they are about, and those that say it may be left out.
_AROUND = ("lazy", "preprocess", "optional", "nullable", "nullish")
_OPTIONAL = ("optional", "nullish")
# Calls that say nothing of what a request may hold.
_QUIET = (
    "coerce", "iso", "any", "unknown", "null", "undefined", "strict", "passthrough", "strip", "loose",
    "readonly", "brand", "trim", "toLowerCase", "toUpperCase", "finite", "safe", "nullable",
)  # fmt: skip
# Calls that use a schema and make none.
_USES = ("parse", "safeParse", "parseAsync", "safeParseAsync")


def parse(block: Sequence[tuple[int, str]], log: FactLog) -> Declared:
    """What the lines of a block declare; what stands between the schemas says nothing."""
    reader = _Reader(log)
    above: list[str] = []
    for index, (number, line) in enumerate(block):
        if named := NAMED.match(line):
            parser = ZodParser(block[index:], named.end())
            reader.declare(named["name"], number, " ".join(above), parser.value())
            if parser.is_cut:
                log.cut(f"schemas in one another are read {MAX_NESTED} levels deep", number)
        if comment := _COMMENT.match(line):
            above += [comment["words"]] if comment["words"] else []
        elif line.strip():
            above = []
    return reader.found


class _Reader:
    """Makes records and members of what is parsed; `schemas` and `limits` are what has a name."""

    def __init__(self, log: FactLog) -> None:
        self.log = log
        self.found = Declared()
        self.schemas: dict[str, Member] = {}
        self.limits: dict[str, list[str]] = {}
        self.copied = 0

    def declare(self, name: str, line: int, words: str, value: object) -> None:
        """Keep a schema, or a list of values, under its name; anything else is none of ours."""
        if isinstance(value, list) and _values(value):
            self.found.values[name] = _values(value)
        if not isinstance(value, ZodChain) or any(call.name in _USES for call in value.calls):
            return
        is_schema = not value.of or value.of in self.schemas
        if not value.calls or not (is_schema or value.calls[0].name in _EXTENDS):
            return
        member, self.limits[name] = self._read(name, line, value)
        if member.record is not None and not member.is_list:
            self.found.records[name] = replace(member.record, words=words)
            member = replace(member, of=name, record=None)
        elif member.values:
            self.found.values[name] = member.values
        self.schemas[name] = member

    def _member(self, name: str, line: int, value: object, words: Sequence[str] = ()) -> Member:
        member, limits = self._read(name, line, value)
        member.words = [*words, *member.words, *limits]
        return member

    def _read(self, name: str, line: int, value: object) -> tuple[Member, list[str]]:
        """A member, and apart from it the limits of what it is, which are none of a list of it."""
        member, limits = Member(name, line, required=True), list[str]()
        calls = self._begun(member, limits, value) if isinstance(value, ZodChain) else []
        is_bound = not any(call.name in _UNBOUND for call in calls)
        for call in calls:
            if call.name in ("array", "set"):
                self._list(member, limits, call)
            elif call.name in _AROUND and isinstance(_last(call), ZodChain):
                inner, limits = self._read(name, line, _last(call))
                _become(member, inner)
                member.required = inner.required and call.name not in _OPTIONAL
            elif call.name in _OPTIONAL:
                member.required = False
            elif is_bound and (call.name in _LIMITS or call.name in _BOUNDS):
                limits += self._limit(member, call)
            elif not (_said(member, call) or self._shape(member, call) or self._choice(member, call)):
                self._untold(call.name, name, call.line)
        return member, limits

    def _untold(self, what: str, name: str, line: int) -> None:
        self.log.note("untold", f"the schema of {name!r} says {what!r}", line)

    def _know(self, bases: Sequence[str], name: str, line: int) -> None:
        """Note the schemas whose members another one has, too, but which are not declared above it."""
        for base in bases:
            if base not in self.found.records:
                self._untold(f"the members of {base}", name, line)

    def _begun(self, member: Member, limits: list[str], chain: ZodChain) -> list[ZodCall]:
        """Make the member what the name in front of a chain stands for; the calls that are left."""
        member.words += chain.words
        calls = chain.calls
        known = self.schemas.get(chain.of)
        if len(calls) > 1 and calls[0].name == "shape":
            record = self.found.records.get(chain.of)
            inner = [one for one in record.members if one.name == calls[1].name] if record else []
            if not inner:
                self._untold(f"{chain.of}.shape.{calls[1].name}", member.name, calls[1].line)
            known, calls = (inner[0] if inner else None), calls[2:]
        elif known is None:
            member.of = chain.of
        else:
            limits += self.limits[chain.of]
        if known is not None:
            _become(member, known)
        return calls

    def _list(self, member: Member, limits: list[str], call: ZodCall) -> None:
        """`array(…)` around a schema, `.array()` behind one."""
        if call.arguments:
            inner, more = self._read(member.name, member.line, call.arguments[0])
            required = member.required
            _become(member, inner)
            member.required = required
            limits += more
        if member.is_list:
            self._untold("a list of lists", member.name, call.line)
        for limit in limits:
            self._untold(f"{limit} of each item", member.name, call.line)
        limits.clear()
        member.is_list = True

    def _limit(self, member: Member, call: ZodCall) -> list[str]:
        number = _OWN_BOUND.get(call.name) or _literal(call.arguments)
        is_counted = member.is_list or member.type == "string"
        if not _NUMBER.fullmatch(number) or call.name not in (_LIMITS if is_counted else _BOUNDS):
            self._untold(call.name, member.name, call.line)
            return []
        if is_counted:
            return [f"{_LIMITS[call.name]} {number} {'items' if member.is_list else 'characters'}"]
        return [_BOUNDS[call.name].format(number)]

    def _shape(self, member: Member, call: ZodCall) -> bool:
        """What a call says of the members of an object; whether it does."""
        first = call.arguments[0] if call.arguments else None
        if call.name in _OBJECTS and isinstance(first, ZodObject):
            member.type, member.record = "object", self._record(member.name, member.line, first)
            return True
        if call.name in (*_EXTENDS, "merge") and isinstance(first, (ZodObject, ZodChain)):
            added = self._record(
                member.name, member.line, first if isinstance(first, ZodObject) else ZodObject()
            )
            bases = [member.of] if member.of and member.record is None else []
            bases += [first.of] if isinstance(first, ZodChain) else []
            own = member.record or Record(member.name, member.line)
            names = {one.name for one in added.members}
            kept = [one for one in own.members if one.name not in names]
            self._know(bases, member.name, call.line)
            every = list(dict.fromkeys([*own.bases, *bases, *added.bases]))
            member.record = replace(own, members=[*kept, *added.members], bases=every)
            member.type, member.of = "object", ""
            return all(every)
        record = member.record or self.found.records.get(member.of)
        if record is None or record.bases or call.name not in ("partial", "pick", "omit"):
            return False
        self.copied += len(record.members)
        if self.copied > MAX_COPIED:
            return False
        names = {one.name for one in first.entries} if isinstance(first, ZodObject) else set()
        chosen = _chosen(record.members, call.name, names)
        member.record, member.of = Record(member.name, member.line, members=chosen), ""
        return True

    def _record(self, name: str, line: int, parts: ZodObject) -> Record:
        members = [self._member(one.name, one.line, one.value, one.words) for one in parts.entries]
        record = Record(name, line, members=members)
        for at, other in parts.others:
            if isinstance(other, ZodChain) and other.of and [call.name for call in other.calls] == ["shape"]:
                record.bases = list(dict.fromkeys([*record.bases, other.of]))
                self._know([other.of], name, at)
            else:
                self._untold(other if isinstance(other, str) else "...", name, at)
        return record

    def _choice(self, member: Member, call: ZodCall) -> bool:
        """What a call says of the values; whether it does."""
        first = call.arguments[0] if call.arguments else None
        listed = first if isinstance(first, list) else call.arguments
        if call.name == "enum" and isinstance(first, ZodChain):
            member.type, member.of = "string", first.of
            member.values = self.found.values.get(first.of, ())
            return bool(member.values)
        if call.name == "enum" and isinstance(first, ZodObject):
            listed = [one.value for one in first.entries]
        if call.name in ("enum", "literal"):
            member.type = _common([_kind(one) for one in listed])
            member.values = _values(listed)
            return len(member.values) == len(listed)
        if call.name in ("exclude", "extract") and member.values:
            chosen = _values(listed)
            member.values = tuple(one for one in member.values if (one in chosen) == (call.name == "extract"))
            return True
        return call.name in ("union", "discriminatedUnion") and self._union(member, _last(call))

    def _union(self, member: Member, listed: object) -> bool:
        """One of several schemas: their values, or what they are if all are the same; whether that is all."""
        schemas = [one for one in listed if isinstance(one, ZodChain)] if isinstance(listed, list) else []
        several = [
            self._member(member.name, member.line, one)
            for one in schemas
            if [call.name for call in one.calls] not in (["null"], ["undefined"])
        ]
        if not several:
            return False
        is_left_out = any(call.name == "undefined" for one in schemas for call in one.calls)
        required = all(one.required for one in several) and not is_left_out
        first = several[0]
        values = tuple(dict.fromkeys(value for one in several for value in one.values))
        if all(one.values and not one.is_list for one in several):
            member.type, member.values = _common([one.type for one in several]), values
        elif all((one.type, one.is_list) == (first.type, first.is_list) for one in several):
            _become(member, first)
        member.required = required
        return bool(member.values) or len(several) == 1


def _become(member: Member, other: Member) -> None:
    """Make a member what another one is, under its own name and line."""
    member.type, member.of, member.is_list = other.type, other.of, other.is_list
    member.values, member.record, member.required = other.values, other.record, other.required
    member.words = [*member.words, *other.words]


def _chosen(members: Sequence[Member], how: str, names: set[str]) -> list[Member]:
    """The members behind `.partial()`, `.partial({…})`, `.pick({…})`, `.omit({…})`."""
    if how == "partial":
        return [replace(one, required=False) if not names or one.name in names else one for one in members]
    return [one for one in members if (one.name in names) == (how == "pick")]


def _said(member: Member, call: ZodCall) -> bool:
    """Whether a call says what a plain value is, means, or is unless given."""
    if call.name == "default":
        member.required = False
        member.words += [f"Default: `{default}`"] if (default := _literal(call.arguments)) else []
        return bool(default)
    if call.name in ("describe", "message"):
        text = _joined(call.arguments)
        member.words.append(text)
        return bool(text)
    if call.name == "int":
        member.type = "integer"
    elif member.type == "any":
        member.type = _TYPES.get(call.name, "any")
    if call.name in _FORMATS:
        member.words.append(_FORMATS[call.name])
    return call.name in _TYPES or call.name in _FORMATS or call.name in _QUIET


def _last(call: ZodCall) -> object:
    return call.arguments[-1] if call.arguments else None


def _literal(arguments: Sequence[object]) -> str:
    """The one text, number or truth value that is given; "" where it is something else, or is computed."""
    is_computed = len(arguments) > 1 and isinstance(arguments[1], str) and arguments[1] in [*"+-*/%?&|<>=!"]
    return "" if is_computed or not arguments else _plain(arguments[0])


def _joined(arguments: Sequence[object]) -> str:
    """The text that is given, in one piece or in several: `"a" + "b"`."""
    said = [one for one in arguments if isinstance(one, str) and one != "+"]
    is_text = all(one[:1] in _QUOTES for one in said if one) and len(arguments) == 2 * len(said) - 1
    return "".join(map(_plain, said)) if is_text else ""


def _values(listed: Sequence[object]) -> tuple[str, ...]:
    return tuple(filter(None, map(_plain, listed)))


def _plain(value: object) -> str:
    """A literal as a list says it; "" for what is none."""
    if isinstance(value, ZodChain):
        return value.of if value.of in ("true", "false") and not value.calls else ""
    if not isinstance(value, str) or "${" in value:
        return ""
    if len(value) > 1 and value[0] in _QUOTES:
        return value[1:-1].replace("\n", " ")
    return value if _NUMBER.fullmatch(value) else ""


def _common(kinds: Sequence[str]) -> str:
    """The type of values of these types."""
    several = set(kinds)
    if several == {"integer", "number"}:
        return "number"
    return kinds[0] if len(several) == 1 else "any"


def _kind(value: object) -> str:
    text = value if isinstance(value, str) else ""
    if text[:1] in _QUOTES and text:
        return "string"
    if _NUMBER.fullmatch(text):
        return "number" if "." in text else "integer"
    return "boolean" if _plain(value) else "any"
