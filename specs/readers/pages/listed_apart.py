"""What a page lists under a heading of its own where no table of Markdown is: its refusals, and the states of a task.

Errors                         Error codes                      Task status
- `400`: a field is wrong      HTTP  Code  Message  (tabs)      - `submitted`: waits
429 Too many requests          400   1201  Wrong field          succeed   It is done  (a tab)

A table of states with more columns than two, | Status | Meaning | `progress` |, is one of those lists.
The states may stand in one sentence, too: "Task states: waiting, running, done", 任务状态包括：submitted（已提交）、failed。
Or arrows tell them: see `text.state_diagrams`.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import Evidence, Keyword, Note, StatedRefusal
from understudy.specs.readers.fields import refusal_rows
from understudy.specs.readers.fields.column_roles import role_of
from understudy.specs.readers.fields.table_rows import Row, Table, page_lines
from understudy.specs.readers.text.page_text import FENCE
from understudy.specs.readers.text.part_headings import part_of
from understudy.specs.readers.text.state_diagrams import state_diagrams

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Operation, Reading

    # The states that one place lists, each with its line.
    _States = list[tuple[int, str]]

MAX_LINE = 400
MAX_ENTRIES = 200
MAX_SENTENCE = 1_000
MIN_SAID = 2  # a sentence that has no more states says some of them
MAX_BETWEEN = 3  # lines of words between a heading and its first entry

_BULLET = r"[ \t]{0,8}(?:[-*•·●][ \t]{1,4})?"
# Behind a number that is no status: "500 characters are allowed", "450 loops a day".
_UNIT = r"(?!(?:char(?:acter)?s?|words?|tokens?|pixels?|px|bytes?|[kmg]i?b|ms|milliseconds?|s|secs?|seconds?|minutes?|hours?|days?|items?|images?|pictures?|credits?|times|frames?|clips?|videos?|steps?|fps|字符|个字|字|像素|毫秒|秒|分钟|张|个|次|条|帧|积分)(?![a-z])|[a-z]{2,20}[ ]?(?:[ ](?:an?|per|each|every)[ ]|/[ ]?)(?:second|minute|hour|day|week|month)\b)"
_REFUSAL = re.compile(
    rf"{_BULLET}[`*\"]{{0,3}}(?P<status>[45]\d\d)[`*\"]{{0,3}}(?:[ \t]{{0,3}}[-–—:：|,，]{{1,2}}[ \t]{{0,3}}|[ \t]{{1,4}}{_UNIT})(?P<text>[^\W\d].{{0,300}})\Z"
)
# A status and a code, glued by a copy of a table whose headings are: "HttpCode错误码…", "40050411Not allowed".
_GLUED_CODES = re.compile(r"(?P<status>[45]\d\d)(?P<code>\d{4,7})(?=\D)(?P<text>.{1,300})\Z")
_GLUED_CODE_HEADS = re.compile(
    r"(?:http\s?(?:status\s?)?code|(?:http)?\s?状态码)\s?(?:错误码|业务码|(?:error\s?)?code)", re.IGNORECASE
)
_STATE = re.compile(
    rf"{_BULLET}[`*\"']{{0,3}}(?P<state>[A-Za-z][A-Za-z_-]{{1,39}})[`*\"']{{0,3}}(?P<apart>[ \t]{{0,3}}(?:[-–—:：(（=]|\t)[ \t]{{0,3}})(?P<text>\S.{{0,300}})\Z"
)
# A state alone: in code, or behind a bullet. A bare word may be anything, the button of a page among them.
_CODED = re.compile(
    r"[ \t]{0,8}(?:[-*•·●][ \t]{1,4}[`*\"']{0,3}|[`\"'])(?P<state>[A-Za-z][A-Za-z_-]{1,39})[`*\"']{0,3}[ \t]{0,3}\Z"
)
# A state and what it means in another script, glued by a copy of their table: "queued排队中".
_GLUED_STATE = re.compile(r"(?P<state>[A-Za-z][A-Za-z_-]{2,29})(?=[^\x00-\x7F])(?P<text>.{1,300})\Z")
# What heads the columns of such a list, and is no state.
# One state of a task at least is called like this: of other lists under "Status" none is.
_STATE_WORD = re.compile(
    r"pend|queu|wait|submit|creat|start|process|run|progress|generat|succe|complet|finish|done|ready|fail|error|cancel|expir|reject|time_?out",
    re.IGNORECASE,
)
# The same in a sentence: its beginning, and the states with what each means in brackets.
_ONE = r"[`\"*]{0,3}[A-Za-z][A-Za-z_-]{1,30}[`\"*]{0,3}(?:\s?[(（][^()（）]{1,40}[)）])?"
_IN_A_SENTENCE = re.compile(
    r"(?:(?:任务)?状态(?:值|流转|变化|枚举)?(?:包括|包含|有|分为|为|依次为)?|\b(?:task\s)?(?:status(?:es)?|states?)(?:\s(?:values?|enum|are|include|can\sbe|is\sone\sof|flow))?)"
    rf"\s?[:：]?\s?(?P<states>{_ONE}(?:\s?(?:[,，、/|;；→]|[-=]>|\b(?:or|and)\b|[或和])\s?(?:(?:or|and)\s|[或和]\s?)?{_ONE}){{2,9}})(?=\s?(?:[.。;；\n)）]|\Z))",
    re.IGNORECASE,
)
_JOINERS = ("or", "and")
# Before it: nothing, or no word for what else has states: "Delivery states are", 订单状态包括.
_OF_TASKS = re.compile(
    r"(?:\A|[^\w\s-]\s{0,3}|\b(?:the|its?|a|an|all|any|these|those|following|possible|valid|available|allowed|current|final|tasks?|jobs?|generations?|of|in|has|have|with|by|and|返回)\s|任务|作业|[的是有为其该各种个，。：、])\W{0,3}\Z",
    re.IGNORECASE,
)
# The name of a field by which a task is asked for, or that is of one.
_ID = re.compile(r"(?:\A|_)(?:id|uuid)\Z|(?<=[a-z])(?:Id|ID)\Z|task|job", re.ASCII)
# The headings of a table of states with more than what each means, and what stands in its first column.
_TABLE_HEADS = re.compile(
    r"[ \t]{0,3}\|?[ \t*`]{0,4}(?:(?:task[ ])?(?:status|state)|(?:任务)?状态值?)[ \t*`]{0,4}\|(?:[^|]{1,80}\|){1,8}[^|]{0,80}\Z",
    re.IGNORECASE,
)
_FIRST_CELL = re.compile(r"[ \t]{0,3}\|?[ \t*`\"]{0,4}(?P<state>[A-Za-z][A-Za-z_-]{1,39})[ \t*`\"]{0,4}\|")
_SEPARATOR = re.compile(r"[ \t]{0,3}\|?[ \t]{0,3}:?-{2,}")
_NO_STATES = frozenset(("status", "state", "value", "name", "code", "meaning", "description", "note"))


# A sentence that leads to them: "The status codes that you may see:", 可能的错误码如下:
_LEADS_TO_REFUSALS = re.compile(
    r"(?:\b(?:status|error|response)\scodes?\b|(?:错误|状态|返回)码)[^.。]{0,60}[:：]\Z", re.IGNORECASE
)
# All of them on one line: "状态码：200（成功）/ 400（参数错误）", "Status codes: 200 (done), 404 (gone)".
_ON_ONE_LINE = re.compile(
    rf"{_BULLET}[`*]{{0,3}}(?:http\s?)?(?:状态码|status\s?codes?)[`*]{{0,3}}\s?[:：]", re.IGNORECASE
)
_ONE_OF_THEM = re.compile(r"(?<!\d)(?P<status>[45]\d\d)\s?[(（](?P<text>[^()（）]{1,80})[)）]")
# Behind a bullet a sentence goes on further in.
_GOES_ON = re.compile(r"(?:[ ]{2,8}|\t)[^\s*•·●`|-]")


@dataclass(frozen=True, slots=True)
class _Entry:
    line: int
    text: str


def with_listed(found: Reading, document: Document) -> Reading:
    """The reading with the refusals and states that the page lists apart."""
    refusals = list(found.refusals)
    known = {one.line for one in refusals}
    states: list[list[tuple[int, str]]] = []
    for part, entries in _lists(page_lines(document)):
        if part == "error":
            refusals += [one for one in _refusals(entries, document.name) if one.line not in known]
        elif listed := _states(entries):
            states.append(listed)
    states = states or ([] if _have_states(found) else list(_in_tables(page_lines(document))))
    states, doubtful = (states, []) if states else _in_sentences(document)
    refusals += _on_one_line(document, known)
    if len(refusals) > len(found.refusals):
        found = replace(found, refusals=tuple(sorted(refusals, key=lambda one: one.line)))
    if len(states) == 1:
        return _with_states(found, states)
    if not doubtful or _have_states(found):
        return found
    return replace(found, notes=(*found.notes, *(_unread(one, found.document) for one in doubtful)))


def _on_one_line(document: Document, known: set[int]) -> Iterator[StatedRefusal]:
    """The refusals of lines that name the statuses of an answer, each with what it means in brackets."""
    lines = page_lines(document)
    for number, line in enumerate(lines, 1):
        if number not in known and _ON_ONE_LINE.match(line[:MAX_LINE]):
            for one in _ONE_OF_THEM.finditer(line[:MAX_LINE]):
                yield StatedRefusal(int(one["status"]), "", "", one["text"].strip(), document.name, number)


def _lists(lines: Sequence[str]) -> Iterator[tuple[str, list[_Entry]]]:
    """The lines behind each heading of refusals or states, up to the next heading or anything but an entry."""
    part, entries, words, fenced = "", list[_Entry](), 0, False
    is_glued = False  # whether the rows at hand are of a status and a code, glued
    for number, line in enumerate(lines, 1):
        if is_fence := FENCE.match(line[:40]) is not None:
            fenced = not fenced
        if (fenced or is_fence) and part == "status" and not entries:
            continue  # a drawing of how one state follows another
        text = line.strip()
        heads = "" if fenced or len(text) > MAX_LINE else part_of(text) or _led_to(text)
        is_glued = (is_glued and bool(part)) or (
            part == "error" and _GLUED_CODE_HEADS.match(text) is not None
        )
        if is_glued and text[:1].isdigit() and not text.startswith(("4", "5")):
            continue  # a success among them
        if is_glued and _GLUED_CODES.match(text[:MAX_LINE]) and len(entries) < MAX_ENTRIES:
            entries.append(_Entry(number, text[:MAX_LINE]))
            continue
        if entries and _GOES_ON.match(line[:12]) and not entries[-1].text[:1].isalnum() and not fenced:
            continue
        is_entry = _is_entry(text) or (part == "status" and _GLUED_STATE.match(text[:MAX_LINE]) is not None)
        ends = fenced or heads or text.startswith("#") or (not is_entry and bool(entries))
        if part and text and ends:
            yield part, entries
            part, entries = "", []
        if heads in ("error", "status"):
            part, entries, words = heads, [], 0
        elif part and is_entry and len(entries) < MAX_ENTRIES:
            entries.append(_Entry(number, line[:MAX_LINE].strip("\n")))
        elif part and text:
            words += 1
            part = part if words <= MAX_BETWEEN else ""
    if part:
        yield part, entries


def _led_to(text: str) -> str:
    """ "error" where a sentence leads to refusals; words behind entries do not."""
    return "error" if text.endswith((":", "：")) and _LEADS_TO_REFUSALS.search(text.strip("*# ")) else ""


def _is_entry(text: str) -> bool:
    return "|" not in text and bool(
        "\t" in text
        or _REFUSAL.match(text[:MAX_LINE])
        or _STATE.match(text[:MAX_LINE])
        or _CODED.match(text[:60])
    )


def _refusals(entries: Sequence[_Entry], document: str) -> list[StatedRefusal]:
    if entries and "\t" in entries[0].text:
        cells = [tuple(cell.strip() for cell in one.text.split("\t")) for one in entries]
        rows = [Row(one.line, row) for one, row in zip(entries[1:], cells[1:], strict=True)]
        table = Table(tuple(map(role_of, cells[0])), cells[0], tuple(rows), entries[0].line)
        return list(refusal_rows.stated(table, document)) if table.lists_refusals else []
    found = [(one.line, _REFUSAL.match(one.text) or _GLUED_CODES.match(one.text)) for one in entries]
    return [
        StatedRefusal(
            int(match["status"]),
            match.groupdict().get("code") or "",
            "",
            match["text"].strip("`* "),
            document,
            line,
        )
        for line, match in found
        if match is not None
    ]


def _states(entries: Sequence[_Entry]) -> list[tuple[int, str]]:
    """The states, each with its line; [] where an entry is anything else."""
    found = [
        (one.line, _STATE.match(one.text) or _CODED.match(one.text) or _GLUED_STATE.match(one.text.strip()))
        for one in entries
    ]
    if found and found[0][1] is not None and found[0][1]["state"].lower() in _NO_STATES:
        found = found[1:]
    elif found and found[0][1] is None:
        found = found[1:]  # headings in another script
    listed = [(line, match["state"]) for line, match in found if match is not None]
    names = {state.lower() for _, state in listed}
    are_states = len(listed) == len(found) > 1 and not _NO_STATES & names
    return listed if are_states and any(map(_STATE_WORD.search, names)) else []


def _in_tables(lines: Sequence[str]) -> Iterator[_States]:
    """The states of each table of Markdown whose first column has them, with whatever else is said of each."""
    fenced = False
    for index, line in enumerate(lines[:-1]):
        fenced = fenced != (FENCE.match(line[:40]) is not None)
        if fenced or not _TABLE_HEADS.match(line[:MAX_LINE]) or not _SEPARATOR.match(lines[index + 1][:40]):
            continue
        rows = takewhile(lambda n: "|" in lines[n], range(index + 2, min(index + MAX_ENTRIES, len(lines))))
        found = [(n + 1, _FIRST_CELL.match(lines[n][:MAX_LINE])) for n in rows]
        listed = [(number, cell["state"]) for number, cell in found if cell is not None]
        if len(listed) == len(found) > 1 and any(_STATE_WORD.search(state) for _, state in listed):
            yield listed


def _in_sentences(document: Document) -> tuple[list[_States], list[_States]]:
    """The states of which one sentence or diagram of the page says that they are all, none where several say
    different ones; and what may be states, too few of them by words that are known for states."""
    found: list[_States] = []
    doubtful: list[_States] = []
    fenced = False
    for number, line in enumerate(page_lines(document), 1):
        if FENCE.match(line[:40]):
            fenced = not fenced
        said = None if fenced or "|" in line[:2] else _IN_A_SENTENCE.search(line[:MAX_SENTENCE])
        if said is None or not _OF_TASKS.search(line[max(0, said.start() - 40) : said.start()]):
            continue
        words = re.sub(r"[(（][^()（）]{1,40}[)）]", " ", said["states"])
        names = [one for one in re.findall(r"[A-Za-z][A-Za-z_-]{1,30}", words) if one.lower() not in _JOINERS]
        known = sum(_STATE_WORD.search(one) is not None for one in names)
        if known and len(names) > MIN_SAID:
            (found if known * 2 > len(names) else doubtful).append(
                [(number, n) for n in dict.fromkeys(names)]
            )
    drawn, cut = state_diagrams(page_lines(document))
    found, doubtful = found or drawn, doubtful + cut
    same = {frozenset(state for _, state in one) for one in found}
    return found[:1] if len(same) == 1 else [], doubtful


def _with_states(found: Reading, states: list[list[tuple[int, str]]]) -> Reading:
    """The reading with such a list as the values of the one field of its answers that is called a status."""
    (listed,) = states
    values = list(dict.fromkeys(state for _, state in listed))
    evidence = Evidence(found.document, listed[0][0], "prose")
    made = [_settled(one, Keyword("enum", values, evidence)) for one in found.operations]
    if any(was is not now for was, now in zip(found.operations, made, strict=True)):
        return replace(found, operations=tuple(made))
    if _have_states(found):
        return found
    return replace(found, notes=(*found.notes, _unread(listed, found.document)))


def _unread(listed: _States, document: str) -> Note:
    values = ", ".join(dict.fromkeys(state for _, state in listed))
    return Note("untold", f"states that no field takes: {values[:100]}", document, listed[0][0])


def _have_states(found: Reading) -> bool:
    """Whether something is read of the states of tasks already."""
    return any(is_state(one.name) and one.get("enum") for one in _answers(found.operations))


def _answers(operations: Sequence[Operation]) -> Iterator[Field]:
    for operation in operations:
        for fields in operation.responses.values():
            yield from fields


def _settled(operation: Operation, enum: Keyword) -> Operation:
    responses = {}
    if not _is_of_task(operation):
        return operation
    for status, fields in operation.responses.items():
        # A field whose example has another state has others: those of another form of the API.
        waiting = [one for one in fields if _waits(one) and set(one.shown) <= {None, *enum.value}]
        responses[status] = tuple(
            replace(one, keywords=(*one.keywords, enum)) if [one] == waiting else one for one in fields
        )
    changed = any(responses[status] != tuple(fields) for status, fields in operation.responses.items())
    return replace(operation, responses=MappingProxyType(responses)) if changed else operation


def _is_of_task(operation: Operation) -> bool:
    """Whether an operation is about a task: what only asks for something, by no id and for none, is not, as one
    that asks whether a service is well."""
    if operation.method != "get" or "{" in operation.path or operation.parameters:
        return True
    return any(_ID.search(one.name) for fields in operation.responses.values() for one in fields)


def _waits(one: Field) -> bool:
    return is_state(one.name) and one.get("enum") is None and one.get("type") in (None, "string")


def is_state(name: str) -> bool:
    """Whether a field of this name says how far a task is: status, task_state, taskStatus."""
    return name.lower() in ("status", "state") or name.endswith(("_status", "_state", "Status", "State"))
