"""What a page says of a field outside of its row: in a list of notes, or below a heading that is its name.

    - `prompt`: cannot exceed 2500 characters          #### n
    - `n` 取值范围 [1, 9]                                 Value range: [1, 9]

A line is about a field when it begins with its name, stands below it as a heading, or holds no other name
of a field in code; a clause of a sentence in which each begins with a name is about that one. What a line
says of two fields at once is not read here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs import prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.specs.model import Field, FieldPath, Keyword
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.text.page_text import Line

MAX_LINES = 2_000
MAX_LINE = 2_000

_IN_BACKTICKS = re.compile(r"`([A-Za-z_][\w.\[\]-]{0,79})`")
_BEGINS = re.compile(
    r"[\s\-*+•·\d.)]{0,12}(?:\*\*|__)?(?:`?-{2}(?=[a-z])|`)?(?P<name>[A-Za-z_][\w.\[\]-]{0,79})`?(?:\*\*|__)?\s{0,3}"
    r"(?:[:：]|[-–—]\s|(?=[^\x00-\x7F])|(?:字段|参数)\s{0,3}[:：]?)\s{0,3}(?P<rest>\S.*)\Z"
)
# A sentence of which a field is the subject: "Resolution can be 540p or 720p".
_SUBJECT = re.compile(
    r"(?:[Tt]he\s)?(?P<name>[A-Za-z_]\w{1,79})(?:\s(?:parameter|field|value))?\s(?:(?:can|must|may|should)\sbe|is\sone\sof|supports)\s"
)
_SENTENCE = re.compile(r"(?<=[.。!！])\s{1,3}|(?<=[。！])")
# Before a name with which a clause begins: nothing, or what ends another one.
_BEGINS_CLAUSE = re.compile(
    r"(?:\A|[,，;；:：])\s{0,3}(?:[-*•]\s{1,3})?(?:(?:and|but|while|并且?|且|而|同时)\s{0,3})?\Z",
    re.IGNORECASE,
)
_IN_A_CASE = re.compile(
    r"\b(?:if|when|whenever|unless|with|without|for|either|instead|or|once)\b|如果|若|当|如|对于|否则|或|时",
    re.IGNORECASE,
)
_PRESENCE = re.compile(
    r"\s{0,2}(?:(?:is|are)\s|为|是)?(?:always\s)?(?P<said>required|mandatory|optional|必填|必选|可选|选填)(?:的|项)?",
    re.IGNORECASE,
)
# Before the name of a field on which something else depends: "for each `model` the size can be", "depending
# on the `model`", 不同 `model` 支持的时长; that it is given at all is said of the field itself.
_BY_THE_WAY = re.compile(
    r"(?:\b(?:depend(?:s|ing|ent)?\s(?:up)?on|for\s(?:each|every|all|any|some|other)|each|every|when(?:ever)?|if|where|what(?:ever)?|which(?:ever)?|(?:ir)?regardless\sof|irrespective\sof|without|unless"
    r"|per|of\s(?:each|every|a|an)|that\s(?:a|an|the|each|every)|(?:supported|accepted|allowed|taken|determined|limited)\sby|based\son|according\sto|var(?:y|ies)\s(?:with|by)|(?:same|chosen|selected|other|different)(?:\sas)?)"
    r"\s(?:(?:the|a|an|each|every|your|this|chosen|selected|given)\s){0,2}|(?:取决于|根据|依据|依赖|不同的?|每个|每种|各个?|当|如果|若|对于|由|随着?|所选的?|选择的?)\s?)[`*\"]{0,3}\Z",
    re.IGNORECASE,
)
_IS_GIVEN = re.compile(
    r"[`*\"]{0,3}\s?(?:(?:is|are)\s(?:given|set|sent|provided|specified|present|used|passed)\b|不为空|已?(?:传入|填写|指定|设置|提供))",
    re.IGNORECASE,
)
MAX_BEFORE = 80
# A further sentence or clause whose subject is another thing: "…。分辨率支持 720p", "…，画面比例支持 1:1".
_OTHER_SUBJECT = re.compile(
    r"[。；;，,]\s?(?!该|此|其|它|这|那|本|均|都|也|还|并|且|则|只|仅|默认|目前|当前|最|可|不|如|若|当|以|但|每|或|和|及|取|值|参|字|单|同|具)(?:[\u4e00-\u9fff]{2,8}?)(?:仅|只|目前)?(?:支持|可选|可取|可设为)(?:值)?(?:为|[:：])?\s?`"
)
# An entry of a list, all of which is about the field that it names.
_ENTRY = re.compile(r"\W{0,12}`[^`]{1,80}`\W{0,4}[:：—–-]")
# So many marks hold the names of two fields.
MIN_MARKS = 4
# What a sentence about a picture says belongs to the field itself only where the line is about it alone.
_OF_PICTURES = ("x-source", "x-image")


def text_of(path: FieldPath) -> str:
    """How documents write a place: "image_list[].image"."""
    out = ""
    for step in path:
        out += "[]" if step == "[]" else f".{step}" if out else step
    return out


def named_in(fields: Iterable[Field], name: str) -> Field | None:
    """The field that a document means by `name`: its whole place, or its own name where only one has it."""
    wanted = name.strip("`").removesuffix("[]")
    place = wanted.replace("[]", "")
    # A place ends in the field's own name: few of the fields are compared in full.
    several = [one for one in fields if one.path and place.endswith(one.path[-1])]
    exact = next((one for one in several if text_of(one.path).replace("[]", "") == place), None)
    own = [one for one in several if one.path[-1] == wanted]
    return exact or (own[0] if len(own) == 1 else None)


class Names:
    """Fields by what a document may call them: built once, however many lines are held against it."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._places: dict[str, Field] = {}
        self._own: dict[str, list[Field]] = {}
        self._steps: set[str] = set()
        for one in fields:
            self._steps.update(one.path)
            if one.path and one.path[-1] != "[]":
                self._places.setdefault(text_of(one.path).replace("[]", ""), one)
                self._own.setdefault(one.path[-1], []).append(one)

    def named(self, name: str) -> Field | None:
        """As `named_in`."""
        wanted = name.strip("`").removesuffix("[]")
        own = self._own.get(wanted, [])
        return self._places.get(wanted.replace("[]", "")) or (own[0] if len(own) == 1 else None)

    def about(self, text: str, below: str) -> Field | None:
        """The field that a line is about: it begins with its name, stands `below` it, or names it alone."""
        found = _BEGINS.match(text[:MAX_LINE])
        about = self.named(found["name"]) if found else None
        if about is None and (subject := _SUBJECT.match(text[:MAX_LINE])):
            about = self.named(subject["name"]) or self.named(subject["name"].lower())
        if about is None and below:
            about = self.named(below)
        if about is None:
            mentions = [one for one in _IN_BACKTICKS.finditer(text[:MAX_LINE]) if one[1] in self._steps]
            is_one = len({one[1] for one in mentions}) == 1 and not _is_by_the_way(text, mentions[0])
            about = self.named(mentions[0][1]) if is_one else None
        return about

    def clauses(self, text: str) -> tuple[list[tuple[Field, str]], list[str]]:
        """What each clause says of the field with whose name in code it begins; of sentences in which every
        name of a field begins one, and that hold in every case: "`a` has 1-50 characters, and `b` is
        required". And the other sentences beside those which have a name in code."""
        found: list[tuple[Field, str]] = []
        others: list[str] = []
        if text.count("`") < MIN_MARKS or _ENTRY.match(text):
            return found, others
        for piece in _SENTENCE.split(text):
            known = [(one, self.named(one[1])) for one in _IN_BACKTICKS.finditer(piece)]
            starts = [(one, field) for one, field in known if field is not None]
            is_plain = all(_BEGINS_CLAUSE.search(piece[: one.start()]) for one, _ in starts)
            if len({field.path for _, field in starts}) < 2 or _IN_A_CASE.search(piece) or not is_plain:
                others += [piece] if known else []
                continue
            ends = [*(one.start() for one, _ in starts[1:]), len(piece)]
            for (one, field), end in zip(starts, ends, strict=True):
                said = re.sub(
                    r"[\s,，;；.。]{1,3}(?:(?:and|but|while|并且?|且|而|同时)\s{0,3})?\Z",
                    "",
                    piece[one.end() : end],
                )
                presence = _PRESENCE.fullmatch(said)
                found.append((field, f"({presence['said']})" if presence else said))
        return found, others if found else []


def _is_by_the_way(text: str, mention: re.Match[str]) -> bool:
    """Whether a line names a field only as what something else depends on."""
    before = text[max(0, mention.start() - MAX_BEFORE) : mention.start()]
    return _BY_THE_WAY.search(before) is not None and _IS_GIVEN.match(text, mention.end() - 1) is None


def with_prose(
    fields: Sequence[Field], lines: Sequence[tuple[Line, str]], log: FactLog, beside: str = ""
) -> list[Field]:
    """The fields with what the lines say of them; each line with the name that it stands below, or "".

    `beside` is what all lines of the page that are given stand beside: then each that is too long is noted.
    """
    if len(lines) > MAX_LINES:
        what = f"{MAX_LINES:,} lines beside {beside or 'the fields of a page'} are read"
        log.cut(what, lines[MAX_LINES][0].number)
    names = Names(fields)
    added: dict[FieldPath, list[Keyword]] = {}
    for line, below in lines[:MAX_LINES]:
        text = line.text[:MAX_LINE]
        found = _BEGINS.match(text)
        about = names.about(text, below)
        begins = about is not None and found is not None and names.named(found["name"]) is about
        rest, is_own = (found["rest"], True) if begins and found else (text, bool(below))
        if len(line.text) > MAX_LINE and (about is not None or beside):
            what = f"a line beside {beside or 'the fields of a page'} is read up to {MAX_LINE:,} characters"
            log.cut(what, line.number)
        if stray := _OTHER_SUBJECT.search(rest):
            rest = rest[: stray.start()]
        clauses, others = names.clauses(text)
        if about is not None and not clauses:
            told = _told(about, rest, line.number, log)
            added.setdefault(about.path, []).extend(k for k in told if is_own or k.name not in _OF_PICTURES)
        for one, said in clauses:
            added.setdefault(one.path, []).extend(_told(one, said, line.number, log))
        for other in others:
            if (read := prose.read(other)).constraints or read.leftovers:
                what = f"said of fields in a sentence that is in no fact: {other[:160]}"
                log.note("untold", what, line.number)
    return [
        replace(one, keywords=log.combined(one.path, [*one.keywords, *added[one.path]]))
        if one.path in added
        else one
        for one in fields
    ]


def _told(field: Field, text: str, line: int, log: FactLog) -> list[Keyword]:
    """What a text says of a field; a list in which its own name stands, "`cost` / `credits`", is of names."""
    type_ = field.get("type")
    told = log.told(text, type_ if isinstance(type_, str) else None, lambda _: line, field.path)
    return [one for one in told if one.name != "enum" or field.name not in one.value]
