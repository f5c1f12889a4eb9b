"""Classes and records of Java, and data classes of Kotlin, whose fields are JSON, parsed line by line.

public class Body {                          a record
    @JsonProperty("model_name")                a member by its name in JSON
    private String modelName = "a-1";          …with a default
    @NotBlank @Size(max = 2500)
    private String prompt;                     a member that must be given, with a limit
}
record Body(@JsonProperty("n") Integer count) {}       data class Body(val n: Int? = null)
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.code.declared_types import MAX_NESTED, Declared, Member, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.facts import FactLog

LANGUAGES = r"java|kotlin|kt"
MAX_HEADER = 20_000

# The first line of a file that is in it.
BEGINS = re.compile(
    r"\s{0,8}(?:package\b|import\b|public\b|/\*|//|@\w|(?:final\s|abstract\s)?(?:data\s{1,4})?class\b|record\b)"
)
_MODIFIERS = r"(?:(?:public|private|protected|static|final|abstract|sealed|data|internal|open)\s{1,4}){0,5}"
OPENS = re.compile(
    rf"\s{{0,16}}{_MODIFIERS}(?P<kind>class|record|enum(?:\s{{1,4}}class)?)\s{{1,4}}(?P<name>[A-Z]\w{{0,79}})(?:<[^<>]{{1,80}}>)?\s{{0,4}}(?P<header>\()?(?:\s{{0,4}}(?:extends|:)\s{{1,4}}(?P<base>\w{{1,80}}))?"
)
_FIELD = re.compile(
    rf"\s{{0,16}}{_MODIFIERS}(?P<type>[A-Za-z][\w.]{{0,60}}(?:<[^<>]{{1,80}}(?:<[^<>]{{1,60}}>)?>)?(?:\[\])?)\s{{1,8}}(?P<name>[a-zA-Z_]\w{{0,79}})\s{{0,4}}(?:=\s{{0,4}}(?P<default>[^;]{{1,200}}))?;\s{{0,20}}(?://\s{{0,4}}(?P<words>.*))?\Z"
)
_PARAMETER = re.compile(
    r"\s{0,16}(?:(?:va[lr]\s{1,4})(?P<kname>\w{1,80})\s{0,4}:\s{0,4}(?P<ktype>[A-Za-z][\w.]{0,60}(?:<[^<>]{1,80}>)?)(?P<null>\?)?(?:\s{0,4}=\s{0,4}(?P<default>.{1,200}))?|(?P<type>[A-Za-z][\w.]{0,60}(?:<[^<>]{1,80}>)?(?:\[\])?)\s{1,8}(?P<name>\w{1,80}))\s{0,16}\Z",
    re.DOTALL,
)
_ANNOTATION = re.compile(
    r"@(?:\w{1,20}:)?(?P<name>[A-Z]\w{0,60})(?:\((?P<in>(?:[^()\"]++|\"(?:[^\"\\]|\\.)*+\"|\([^()]*+\))*+)\))?\s{0,8}"
)
_COMMENT = re.compile(r"\s{0,40}(?://|/\*+|\*+(?:/\s*\Z)?)\s{0,4}(?P<words>.*?)\s{0,4}(?:\*{1,3}/)?\Z")
_TEXT = re.compile(r"\"((?:[^\"\\]|\\.){0,400})\"")
_NAMED = re.compile(
    r"\b(?P<key>\w{1,40})\s{0,4}=\s{0,4}(?:\"(?P<text>(?:[^\"\\]|\\.){0,400})\"|(?P<word>[\w.-]{1,60}))"
)
_ENUM_ENTRY = re.compile(r"(?P<name>[A-Za-z_]\w{0,79})\s{0,4}(?:\(\s{0,4}\"(?P<value>[^\"]{1,80})\")?")
_LISTS = ("List", "Set", "Collection", "ArrayList", "MutableList", "Array")
_TYPES = {
    "String": "string", "CharSequence": "string", "UUID": "string", "Instant": "string", "Date": "string", "URI": "string",
    "LocalDateTime": "string", "Integer": "integer", "int": "integer", "Int": "integer", "Long": "integer", "long": "integer",
    "Short": "integer", "short": "integer", "BigInteger": "integer", "Double": "number", "double": "number",
    "Float": "number", "float": "number", "BigDecimal": "number", "Boolean": "boolean", "boolean": "boolean",
    "Object": "any", "Any": "any", "JsonNode": "any", "JSONObject": "object", "Map": "object", "HashMap": "object",
}  # fmt: skip
_RENAMED = ("JsonProperty", "SerializedName", "JSONField", "SerialName", "Json")
_MUST = ("NotNull", "NotBlank", "NotEmpty", "NonNull")
_BOUNDS = {
    "Min": "minimum: {}",
    "DecimalMin": "minimum: {}",
    "Max": "maximum: {}",
    "DecimalMax": "maximum: {}",
}
_DESCRIBED = ("Schema", "ApiModelProperty", "JsonPropertyDescription", "Parameter")


def parse(block: Sequence[tuple[int, str]], log: FactLog) -> Declared:
    """What the lines of a block declare; methods and what else stands between fields says nothing."""
    return _Parser(log).run(list(block))


class _Parser:
    def __init__(self, log: FactLog) -> None:
        self.log = log
        self.found = Declared()
        self.open: list[
            tuple[int, Record]
        ] = []  # the classes that are open, each with the depth of its braces
        self.depth = 0
        self.words: list[str] = []
        self.marks = ""  # the annotations that stand above

    def run(self, block: list[tuple[int, str]]) -> Declared:
        at = 0
        while at < len(block):
            number, line = block[at]
            at += 1
            if comment := _COMMENT.match(line):
                self.words += [comment["words"]] if comment["words"] else []
                continue
            bare, marks = _unmarked(line)
            self.marks += marks
            if not bare.strip():
                continue
            opens = OPENS.match(bare)
            if opens and opens["kind"].startswith("enum"):
                at = self._enum(opens["name"], block, at - 1)
            elif opens:
                at = self._class(opens, number, block, at - 1)
            elif self.open and self.depth == self.open[-1][0] and (one := _FIELD.match(bare)):
                self._field(one, number)
            self.depth += 0 if opens else bare.count("{") - bare.count("}")
            while self.open and self.depth < self.open[-1][0]:
                self.open.pop()
            self.words, self.marks = [], ""
        return self.found

    def _class(self, opens: re.Match[str], number: int, block: list[tuple[int, str]], at: int) -> int:
        """A class, with the members of its header where it has one; the index of the line behind what was read."""
        record = Record(opens["name"], number, " ".join(self.words))
        record.bases += [opens["base"]] if opens["base"] else []
        self.found.records[record.name] = record
        end = at
        if opens["header"]:
            end, members = _header(block, at)
            for line, text in members:
                self._parameter(record, line, text)
        elif not opens["base"]:
            base = re.search(r"\bextends\s{1,4}(\w{1,80})", block[at][1][:500])
            record.bases += [base[1]] if base else []
        braces = block[end][1].rpartition(")")[2] if opens["header"] else block[end][1]
        self.depth += braces.count("{") - braces.count("}")
        if braces.count("{") > braces.count("}") and len(self.open) < MAX_NESTED:
            self.open.append((self.depth, record))
        return end + 1

    def _enum(self, name: str, block: list[tuple[int, str]], at: int) -> int:
        """The values of an enumeration: the text in brackets behind each name, or else the name."""
        text, end = "", at
        for end in range(at, min(at + 100, len(block))):
            text += _COMMENT.sub("", block[end][1]) + " "
            if ";" in block[end][1] or "}" in block[end][1]:
                break
        inner = text.partition("{")[2].partition(";")[0].partition("}")[0]
        inner = _ANNOTATION.sub("", inner)
        entries = [_ENUM_ENTRY.match(part.strip()) for part in re.split(r",(?![^()]{0,200}\))", inner)]
        values = tuple(one["value"] or one["name"] for one in entries if one)
        if values:
            self.found.values[name] = values
        self.depth += sum(line.count("{") - line.count("}") for _, line in block[at : end + 1])
        return end + 1

    def _field(self, one: re.Match[str], number: int) -> None:
        if (
            re.match(r"\s{0,16}(?:return|throw|import|package)\b", one.group())
            or " static " in f" {one.group()}"
        ):
            return
        words = [*self.words, (one["words"] or "").strip()]
        self.open[-1][1].members.append(
            _member(one["name"], one["type"], number, words, self.marks, one["default"])
        )

    def _parameter(self, record: Record, number: int, text: str) -> None:
        bare, marks = _unmarked(text)
        one = _PARAMETER.match(bare)
        if one is None:
            if bare.strip():
                self.log.note("not-understood", " ".join(bare.split())[:120], number)
            return
        name, type_ = one["kname"] or one["name"], one["ktype"] or one["type"]
        member = _member(name, type_, number, [], marks, one["default"])
        if one["kname"] and member.required is None:
            member.required = not one["null"] and not one["default"]
        record.members.append(member)


def _unmarked(line: str) -> tuple[str, str]:
    """A line without the annotations that it begins with, and these."""
    text, marks = line.lstrip(), ""
    while found := _ANNOTATION.match(text):
        marks += found.group()
        text = text[found.end() :]
    return text, marks


def _header(block: list[tuple[int, str]], at: int) -> tuple[int, list[tuple[int, str]]]:
    """The members in the brackets behind the name of a class, each with its line, and the index of the last line."""
    members: list[tuple[int, str]] = []
    depth, text, begun, size, quoted = 0, "", 0, 0, False
    for index in range(at, len(block)):
        number, line = block[index]
        for sign in line + "\n":
            size += 1
            if sign == '"':
                quoted = not quoted
            opened = 0 if quoted else (sign in "(<[") - (sign in ")>]")
            if depth and not quoted and ((depth == 1 and sign == ",") or (depth == 1 and opened < 0)):
                members.append((begun or number, text))
                text, begun = "", 0
            elif depth:
                text += sign
                begun = begun or (number if sign.strip() else 0)
            depth += opened
            if opened < 0 and depth == 0:
                return index, members
        if size > MAX_HEADER:
            break
    return at, members


def _member(name: str, type_: str, number: int, words: list[str], marks: str, default: str | None) -> Member:
    outer, _, inner = type_.removesuffix("[]").partition("<")
    is_list = outer in _LISTS or type_.endswith("[]")
    bare = (inner.rstrip("> ") or "Object") if outer in _LISTS else outer
    known = _TYPES.get(bare.partition("<")[0])
    of = "" if known else bare.rpartition(".")[2]
    member = Member(name, number, known or "object", of, is_list=is_list, words=words)
    for mark in _ANNOTATION.finditer(marks):
        _say(member, mark["name"], mark["in"] or "")
    value = (default or "").strip()
    if text := _TEXT.fullmatch(value):
        member.words.append(f"Default: `{text[1]}`" if text[1] else "")
    elif re.fullmatch(r"-?\d{1,15}(?:\.\d{1,6})?[LlFfDd]?|true|false", value):
        literal = value if value in ("true", "false") else value.rstrip("LlFfDd")
        member.words.append(f"Default: `{literal}`")
    return member


def _say(member: Member, name: str, inside: str) -> None:
    """What an annotation says of a member."""
    said = {one["key"]: one["text"] or one["word"] for one in _NAMED.finditer(inside)}
    first = _TEXT.match(inside.strip())
    if name in _RENAMED:
        member.name = (first[1] if first else "") or said.get("value") or said.get("name") or member.name
        member.required = True if said.get("required") == "true" else member.required
    elif name in _MUST:
        member.required = True
    elif name in ("Size", "Length"):
        unit = "items" if member.is_list else "characters"
        words = (("min", "at least"), ("max", "at most"))
        member.words += [f"{word} {said[key]} {unit}" for key, word in words if key in said]
    elif name in _BOUNDS:
        value = first[1] if first else said.get("value") or inside.strip().rstrip("LlDd")
        member.words.append(_BOUNDS[name].format(value) if value else "")
    elif name == "Pattern" and (
        listed := re.fullmatch(
            r"\^?\(?([\w:.-]{1,40}(?:\|[\w:.-]{1,40}){1,40})\)?\$?", said.get("regexp") or ""
        )
    ):
        member.values = tuple(listed[1].split("|"))
    elif name in _DESCRIBED:
        _described(member, said, inside, first)


def _described(member: Member, said: dict[str, str], inside: str, first: re.Match[str] | None) -> None:
    told = said.get("description") or said.get("value") or (first[1] if first else "")
    member.words += [told, f"Default: `{said['defaultValue']}`" if said.get("defaultValue") else ""]
    if said.get("required") == "true" or (said.get("requiredMode") or "").endswith(".REQUIRED"):
        member.required = True
    listed = re.search(r"allowableValues\s{0,4}=\s{0,4}\{([^{}]{1,600})\}", inside)
    if listed:
        member.values = tuple(_TEXT.findall(listed[1]))
