"""Values of a field that stand apart from it: in a table of their own, below a heading that names the field,
or in a block under its name.

| Status      | Meaning |          model_name (optional, defaults to "a-1"):
| `submitted` | waits   |          - a-1
| `succeed`   | done    |          - a-2   ← what most take
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.prose.values import typed
from understudy.specs.readers.fields import field_rows
from understudy.specs.readers.pages.page_prose import named_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from understudy.specs.model import Field
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.fields.table_rows import Table
    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.text.page_text import Line

MAX_VALUES = 200
_VALUE = re.compile(r"[A-Za-z][\w-]{0,39}")
_NAME = re.compile(r"[A-Za-z][\w ]{0,30}")
# What a table of states may call them.
_STATES = {
    "状态": ("status", "state"),
    "任务状态": ("status", "state"),
    "状态值": ("status", "state"),
    "任务状态值": ("status", "state"),
    "status": ("status", "state"),
}
# Of a heading above a few of all values.
_SOME = re.compile(
    r"\b(?:popular|recommended|common|typical|featured|deprecated|legacy)\b|推荐|常用|热门|部分|弃用",
    re.IGNORECASE,
)
# What heads a column of values, and the field that they are of: "`ratio` 可选值", "Options for `ratio`".
_OF_VALUES = re.compile(r"(?:可选|枚举|取|参数)?值|(?:enum\s)?values?|options?|choices?", re.IGNORECASE)
_ANY_VALUE = re.compile(r"[\w.:+/*-]{1,60}")
_HEADS_VALUES = re.compile(
    r"`?(?P<name>[A-Za-z_][\w.]{0,60})`?\s{0,2}(?:的|参数|字段|field\s|parameter\s){0,2}(?:可选值|可选项|取值(?:说明)?|枚举值?|支持的?值|值说明|(?:supported\s|allowed\s)?(?:values|options|choices))"
    r"|(?:supported\s|allowed\s|available\s)?(?:values|options|choices)\s(?:of|for)\s(?:the\s)?`?(?P<of>[A-Za-z_][\w.]{0,60})`?",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\s{0,8}[`\"*]{0,2}(?P<name>[a-z][a-z0-9]*(?:_[a-z0-9]+)*)[`\"*]{0,2}\s{0,3}(?:\([^()]{0,120}\)\s{0,3})?[:：]\s{0,3}"
)
_ENTRY = re.compile(r"\s{0,8}[-*•]\s{1,3}[`\"']?(?P<value>[A-Za-z0-9][\w.:/+-]{0,79})[`\"']?(?=\s|\Z|[,;，])")


def take_table(table: Table, draft: OperationDraft, log: FactLog) -> bool:
    """Whether a table lists the values of a field that says none itself; they are its `enum` then."""
    values = [row.cells[0].strip("`* ") for row in table.rows if row.cells]
    if not all(_VALUE.fullmatch(value) for value in values):
        return False
    is_named = _named(table)
    for into in (draft.request, *draft.responses.values(), *draft.shown.values()):
        for index, known in enumerate(into):
            if is_named(known.name) and known.get("enum") is None and known.get("type") in (None, "string"):
                enum = log.keyword("enum", values, table.line)
                into[index] = replace(known, keywords=log.combined(known.path, [*known.keywords, enum]))
                return True
    return False


def lists_some(heading: str) -> bool:
    """Whether a heading stands above a few of all values: "Recommended models"."""
    return _SOME.search(heading) is not None


def take_proven(table: Table, drafts: Sequence[OperationDraft], log: FactLog) -> bool:
    """Whether a table whose rows begin with values in code lists those of a field of requests, wherever it
    stands: one that says none, has the name of the first column, and as its default or in an example one."""
    cells = [row.cells[0].strip() for row in table.rows if row.cells]
    values = [cell.strip("`* ") for cell in cells]
    are_code = len(values) > 1 and all(cell.strip("*").startswith("`") for cell in cells)
    if not are_code or {"name", "type", "method"} & set(table.roles):
        return False
    is_named = _named(table)
    is_taken = False
    for draft in drafts:
        shown = {value for one in draft.shown.get("body", ()) if is_named(one.name) for value in one.shown}
        for into in (draft.request, draft.shown.get("body", [])):
            for index, known in enumerate(into):
                is_silent = is_named(known.name) and known.get("enum") is None
                if is_silent and {known.get("default"), *shown} & set(values):
                    enum = log.keyword("enum", values, table.line)
                    into[index] = replace(known, keywords=log.combined(known.path, [*known.keywords, enum]))
                    is_taken = True
    return is_taken


def take_headed(table: Table, heading: str, draft: OperationDraft, log: FactLog) -> bool:
    """Whether a table lists the values of a field that the heading above it names; they are its `enum`."""
    heads = _HEADS_VALUES.fullmatch(heading.strip()[:120])
    values = [row.cells[0].strip('`*" ') for row in table.rows if row.cells]
    if heads is None or not _OF_VALUES.fullmatch(table.headings[0].strip("`* ")):
        return False
    for into in (draft.request, *draft.responses.values()):
        known = named_in(into, heads["name"] or heads["of"])
        listed = [typed(value, field_rows.single(known.get("type"))) for value in values] if known else []
        are_values = bool(listed) and None not in listed and all(map(_ANY_VALUE.fullmatch, values))
        if known and known.get("enum") is None and are_values:
            enum = log.keyword("enum", listed, table.line)
            at = next(index for index, one in enumerate(into) if one is known)
            into[at] = replace(known, keywords=log.combined(known.path, [*known.keywords, enum]))
            return True
    return False


def _named(table: Table) -> Callable[[str], bool]:
    """Whether a field is what heads the first column: by its name, or, of code, by the end of its name."""
    heading = table.headings[0].strip("`* ")
    names = _STATES.get(heading.lower(), (heading.lower().replace(" ", "_"),))
    are_code = all(row.cells[0].strip(" *").startswith("`") for row in table.rows if row.cells)
    ends = tuple(f"_{name}" for name in names) if are_code or heading.lower() in _STATES else ()
    glued = tuple(name.capitalize() for name in names) if heading.lower() in _STATES else ()
    return lambda name: name.lower() in (heading.lower(), *names) or name.endswith((*ends, *glued))


def lists_states(table: Table) -> bool:
    """Whether a table is one of the states of a task by its heading."""
    return table.headings[0].strip("`* ").lower() in _STATES


def could_be(table: Table) -> bool:
    """Whether each row may be a value of the field that heads the first column, and what it means."""
    return (
        len(table.headings) == 2
        and table.roles[1] == "description"
        and (
            _NAME.fullmatch(table.headings[0].strip("`* ")) is not None
            or table.headings[0].strip() in _STATES
        )
        and len(table.rows) > 1
    )


def take_names(table: Table, draft: OperationDraft, log: FactLog) -> None:
    """A table of values by name, as Apifox exports enums behind the fields."""
    values = field_rows.enums_of(table)
    for into in (draft.request, *draft.responses.values()):
        for index, known in enumerate(into):
            if known.name in values and known.get("enum") is None:
                listed = [
                    typed(value, field_rows.single(known.get("type"))) for value, _ in values[known.name]
                ]
                keyword = log.keyword("enum", listed, values[known.name][0][1])
                into[index] = replace(known, keywords=log.combined(known.path, [*known.keywords, keyword]))


def of_block(lines: Sequence[Line]) -> tuple[str, list[tuple[str, int]]] | None:
    """The field that a block names on its first line, and the values on the others, each with its line."""
    shown = [line for line in lines if line.text.strip()]
    first = _FIRST.fullmatch(shown[0].text[:300]) if shown else None
    found = [_ENTRY.match(line.text[:300]) for line in shown[1 : MAX_VALUES + 1]]
    if first is None or len(found) < 2:
        return None
    values = [(one["value"], line.number) for one, line in zip(found, shown[1:], strict=False) if one]
    return (first["name"], values) if len(values) == len(found) else None


def with_blocks(
    fields: Iterable[Field], blocks: dict[str, list[tuple[str, int]]], log: FactLog
) -> list[Field]:
    """The fields, those without values with the ones that a block under their name lists."""
    out = []
    for one in fields:
        listed = blocks.get(one.name, []) if one.get("enum") is None and len(one.path) == 1 else []
        values = [typed(value, field_rows.single(one.get("type"))) for value, _ in listed]
        if values and None not in values:
            keyword = log.keyword("enum", values, listed[0][1])
            one = replace(one, keywords=log.combined(one.path, [*one.keywords, keyword]))  # noqa: PLW2901
        out.append(one)
    return out
