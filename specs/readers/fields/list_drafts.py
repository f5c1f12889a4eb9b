"""The fields of a Markdown list with everything that its entries, and the lines below them, say of each."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.field_lists import (
    BARE,
    ITEM,
    MARKED,
    MAX_NESTED,
    FieldList,
    Item,
    is_title,
    is_typed,
)
from understudy.specs.readers.fields.field_words import (
    GOES_ON,
    OPTION,
    WORD,
    list_options,
    literal_union,
    paren,
    said_words,
    say,
    say_word,
)
from understudy.specs.readers.fields.said_clauses import without_clauses
from understudy.specs.readers.text.page_text import FieldDraft, Line, steps_of

if TYPE_CHECKING:
    from understudy.specs.readers.facts import FactLog

_LEADS_TO_VALUES = re.compile(
    r"(?:(?:available|possible|allowed|supported|valid|accepted)\s(?:values?|options?)(?:\s(?:are|is))?|one of(?: the following)?|(?:可选|可用|允许的?|枚举|取)值(?:为|有|如下)?)\s?[:：]\Z",
    re.IGNORECASE,
)


def drafts(fields: FieldList, log: FactLog) -> list[FieldDraft]:
    """The fields of a list with everything said of them, but for their descriptions' meaning."""
    out: list[FieldDraft] = []
    open_: list[tuple[int, FieldDraft]] = []
    outer = min(item.indent for item in fields.items)
    options: list[Line] | None = None
    below: list[Line] | None = None  # the entries below a line of a description that leads to values
    has_titles = any(is_typed(item) and is_title(MARKED.match(item.line.text)) for item in fields.items)
    for item in fields.items:
        if below is not None and open_ and not is_typed(item) and OPTION.match(item.line.text):
            below.append(item.line)
            list_options(open_[-1][1], below, log)
            open_[-1][1].pieces += item.below
            continue
        below = None
        while open_ and open_[-1][0] >= item.indent:
            open_.pop()
        name = MARKED.match(item.line.text) or (None if fields.items[1:] else BARE.fullmatch(item.line.text))
        if not has_titles and item.indent == outer and is_title(name) and not WORD.match(item.line.text):
            open_.clear()  # "1. **Create** a task": a step, or the like, among the entries of fields
            continue
        if (said := WORD.match(item.line.text)) and open_:
            say(open_[-1][1], said, item.line, log)
            options = [] if said["enum"] and not said["value"].strip("*_` ") else None
        elif open_ and options is not None and not is_typed(item) and OPTION.match(item.line.text):
            options.append(item.line)
            list_options(open_[-1][1], options, log)
        elif name and len(open_) < MAX_NESTED and (is_typed(item) or item.indent == outer):
            draft = _draft(name, item, open_, log, has_labels=fields.level > 0)
            out.append(draft)
            open_.append((item.indent, draft))
            below = [] if item.below and _LEADS_TO_VALUES.search(item.below[-1].text) else None
            continue
        elif open_:
            if len(open_) == MAX_NESTED and name and is_typed(item):
                log.cut(f"fields are read {MAX_NESTED} levels deep", item.line.number)
            open_[-1][1].pieces.append(Line(item.line.number, f"- {item.line.text}"))
        if open_:
            open_[-1][1].pieces += item.below
    return out


def _draft(
    name: re.Match[str],
    item: Item,
    open_: list[tuple[int, FieldDraft]],
    log: FactLog,
    *,
    has_labels: bool = False,
) -> FieldDraft:
    """The field of an entry; with `has_labels` lines below it may begin with labels though they are no entries."""
    steps = steps_of(next(filter(None, (name["code"], name["bold"], name["italic"], name["bare"]))))
    above: tuple[str, ...] = ()
    if open_:
        parent = open_[-1][1]
        above = (*parent.path, "[]") if parent.get("type") == "array" else parent.path
        if len(steps) > len(parent.path) and tuple(steps[: len(parent.path)]) == parent.path:
            above = ()  # the entry says its whole path
    draft = FieldDraft((*above, *steps), item.line.number)
    rest = item.line.text[name.end() :]
    if name["code"] and (union := literal_union(rest)):
        values, rest = union
        type_ = "integer" if isinstance(values[0], int) else "string"
        draft.keywords.append(log.keyword("type", type_, item.line.number))
        draft.keywords.append(log.keyword("enum", list(dict.fromkeys(values)), item.line.number))
    elif found := paren(rest):
        words, rest = found
        while (more := GOES_ON.match(rest)) and (known := said_words(more)):
            words, rest = [*words, *known], rest[more.end() :]
        for one in words:
            say_word(draft, one, item.line.number, log)
    rest = rest.lstrip(" :：—–-|")
    rest = without_clauses(draft, rest.lstrip("，。；"), item.line.number, log)
    if rest:
        draft.pieces.append(Line(item.line.number, rest))
    options: list[Line] | None = None
    for line in item.below:
        entry = ITEM.match(line.text)
        said = WORD.match(entry["text"] if entry else line.text) if entry or has_labels else None
        if said and (entry or said["type"] or said["required"] or said["default"]):
            say(draft, said, line, log)
            options = [] if said["enum"] and not said["value"].strip("*_` ") else None
        elif entry and options is not None and OPTION.match(entry["text"]):
            options.append(Line(line.number, entry["text"]))
            list_options(draft, options, log)
        else:
            draft.pieces.append(line)
    return draft
