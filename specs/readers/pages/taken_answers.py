"""What the sentences of a guide take out of the answers to its calls, where no answer is shown.

Extract `request_id` from the response, then poll:      POST …: request_id
**Status handling:**                                 →  GET …: status, which is processing, done or failed
- `processing` → wait, poll again
- `done` → take the address from `result_url`                  result_url

Read for operations of whose answer nothing else is known, and for queries of which the page says no more than
that. States belong to the query, if the page has one alone.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import Evidence, Field, Keyword, Operation
from understudy.specs.readers.pages.called_answers import has_answer
from understudy.specs.readers.pages.named_calls import is_referred_to
from understudy.specs.readers.pages.page_lines import OPERATION
from understudy.specs.readers.text.page_text import BODILESS, FENCE, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Reading

MAX_LINES = 5_000
MAX_LINE = 400
MAX_STATES = 12
MAX_QUERIES = 20
# So many lines may stand between a label of states and the first of them.
MAX_BELOW = 2

_NAME = r"`(?P<{0}>[A-Za-z_]\w{{0,60}}(?:(?:\[\d{{0,2}}\])?\.[A-Za-z_]\w{{0,60}}){{0,4}})`"
# What comes back is an id or an address by its name, where a word alone says so: "Returns `done` at the end".
_OF_AN_ID = r"(?=`[\w.]{1,60}(?:_id|Id|_uuid|_url|Url)`)"
_TAKEN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:extract|save|note|keep|read|take|grab|copy|store|parse|get|find|retrieve|remember|fetch)\b[^.`]{{0,60}}{_NAME.format('name')}[^.`]{{0,40}}\b(?:from|in|of)\s(?:the\s|its\s|this\s|that\s)?(?:[\w-]{{1,20}}\s)?(?:response|answer|reply|output|json)\b",
        rf"\b(?:get|download|fetch|read|take|find)\b[^.`]{{0,60}}\b(?:urls?|links?|files?|videos?|images?|audios?|address(?:es)?)\b[^.`]{{0,20}}\b(?:from|in|at|under)\s(?:the\s)?{_NAME.format('name')}",
        rf"\b(?:response|answer|reply)\b[^.`]{{0,40}}\b(?:contains?|includes?|has|holds|carries)\b[^.`]{{0,30}}{_NAME.format('name')}",
        rf"从(?:响应|返回)(?!的?(?:页面|网页|链接|文件))[^。`]{{0,12}}(?:取出|提取|获取|读取|得到|保存|拿到)[^。`]{{0,8}}{_NAME.format('name')}",
        rf"(?:\A\W{{0,6}}|[.;:]\s|\bit\s|\b(?:this|the)\s(?:call|endpoint|request|operation|api)\s)(?:returns|will\sreturn)\s(?:you\s)?(?:an?\s|the\s|its\s)?(?:[\w-]{{1,15}}\s)?{_OF_AN_ID}{_NAME.format('name')}",
        rf"(?:\A\W{{0,6}}|[，。；]|接口|请求|成功后?|调用后?)返回(?:一个|该|任务)?(?:任务)?\s?{_OF_AN_ID}{_NAME.format('name')}",
        rf"(?:响应|返回)(?:结果|体|内容|数据)?[^。`]{{0,12}}(?:包含|包括|含有|带有)[^。`]{{0,8}}{_NAME.format('name')}",
        rf"(?:(?<![获领选])取出?|下载|读取)\s?(?=`\w*[_.]){_NAME.format('name')}",
    )
)
# Before what is not taken out, and behind what is taken out of something else: "the response of the setup wizard".
_IS_NOT = re.compile(r"(?:\b(?:not|never|if)\b|n't\b|不要?|勿|如果|若)[^.。,，`]{0,20}\Z", re.IGNORECASE)
_OF_ANOTHER = re.compile(
    r"\s(?:of|from)\s(?!(?:\w{1,12}\s){0,3}`?(?:calls?|requests?|steps?|apis?|endpoints?|submi\w{1,6}|creat\w{1,4}|tasks?|jobs?|quer(?:y|ies)|polls?|polling|post|get)\b)",
    re.IGNORECASE,
)
# What is no member of an answer: a file, a variable of the environment.
_NO_MEMBER = re.compile(
    r".*\.(?:json|ya?ml|toml|txt|md|py|js|ts|env|mp[34]|png|jpe?g|zip)|[A-Z][A-Z0-9]*_[A-Z0-9_]+"
)
_MORE = re.compile(rf"\s{{0,2}}(?:,|，|、|\band\b|和|及)(?:\s?and\b)?\s{{0,2}}{_NAME.format('name')}")
_STATE = r"(?P<state>\w{0,20}(?:status|state))"
_VALUE = r"[`\"']{1,2}([A-Za-z][\w-]{1,40})[`\"']{1,2}"
# "until `status` is `completed` or `failed`", "When `status = "done"`".
_COMPARED = re.compile(
    rf"\b(?:until|when|once|if|while)\s(?:the\s)?(?:\w{{1,12}}\s){{0,2}}`?{_STATE}`?\s?(?:is|becomes|equals|reaches|shows|={{1,3}})\s?(?P<values>{_VALUE}(?:(?:,\s?|,?\sor\s){_VALUE}){{0,8}})",
    re.IGNORECASE,
)
_STATES_LABEL = re.compile(r"(?:\bstatus(?:es)?\b|\bstates?\b|状态)", re.IGNORECASE)
_STATE_ENTRY = re.compile(
    r"\s{0,8}[-*•]\s{1,3}[`*\"]{1,3}(?P<value>[A-Za-z][\w-]{1,40})[`*\"]{1,3}\s{0,2}(?:→|->|=>|[:：=(（—–-])"
)


@dataclass(slots=True)
class _Said:
    """A field of an answer of which sentences speak: the values that they name, and whether those are all."""

    line: int
    values: list[str] = field(default_factory=list)
    are_all: bool = False


def with_taken(found: Reading, document: Document) -> Reading:
    """The reading, each operation without an answer with what the page's sentences take out of one."""
    open_ = [one for one in found.operations if one.path and not has_answer(one)]
    if not open_:
        return found
    lines = document.lines[:MAX_LINES]
    named = _named_queries(found, lines)
    said = _said_of([*found.operations, *named], lines)
    operations = tuple(
        _with_answer(one, said[index], document) if one in open_ and index in said else one
        for index, one in enumerate(found.operations)
    )
    more = [
        _with_answer(one, said[index], document)
        for index, one in enumerate(named, len(found.operations))
        if said.get(index)
    ]
    told = {f"{one.method.upper()} {one.path} is named, and nothing is said of it" for one in more}
    notes = tuple(note for note in found.notes if note.text not in told)
    return replace(found, operations=(*operations, *more), notes=notes)


def _named_queries(found: Reading, lines: Sequence[str]) -> list[Operation]:
    """The queries that sentences name and the reading does not have, as it has nothing of them."""
    known = {(one.method, re.sub(r"{[^{}]*}", "{}", one.path)) for one in found.operations}
    out = []
    for number, text in _sentences(lines):
        for call in OPERATION.finditer(text) if "/" in text else ():
            method, path = call["method"].lower(), path_of(call)
            key = (method, re.sub(r"{[^{}]*}", "{}", path))
            if method in BODILESS and "{" in path and key not in known and not is_referred_to(text, call):
                known.add(key)
                out.append(Operation(method, path, line=number))
    return out[:MAX_QUERIES]


def _said_of(operations: Sequence[Operation], lines: Sequence[str]) -> dict[int, dict[str, _Said]]:
    """Of which operations, by their index, the page says what is in an answer, by name."""
    out: dict[int, dict[str, _Said]] = {}
    queries = [n for n, one in enumerate(operations) if one.method in BODILESS and "{" in one.path]
    labelled = -MAX_LINES  # the line of the last label of states
    begins = sorted((one.line, n) for n, one in enumerate(operations) if one.line > 0)
    names = [{field.name for field in one.request} for one in operations]
    for number, text in _sentences(lines):
        at = bisect_right(begins, (number, len(operations))) - 1
        owner = begins[at][1] if at >= 0 else -1
        sent = names[owner] if owner >= 0 else set()
        for name in _taken(text) if owner >= 0 else ():
            if name not in sent:
                out.setdefault(owner, {}).setdefault(name, _Said(number))
        if len(queries) != 1:
            continue
        known = out.setdefault(queries[0], {})
        for compared in _COMPARED.finditer(text):
            one = known.setdefault(compared["state"], _Said(number))
            one.values += re.findall(_VALUE, compared["values"])
        if _STATES_LABEL.search(text) and text.rstrip("* ").endswith((":", "：")):
            labelled = number
        elif (entry := _STATE_ENTRY.match(text)) and number - labelled <= MAX_BELOW:
            labelled = number
            known.setdefault("", _Said(number)).values.append(entry["value"])
    for known in out.values():
        _join_states(known)
    return out


def _sentences(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines of a page outside of its code, each with its number."""
    is_code = False
    for number, line in enumerate(lines, 1):
        if FENCE.match(line[:40]):
            is_code = not is_code
        elif not is_code and line.strip() and "|" not in line[:3]:
            yield number, line[:MAX_LINE]


def _taken(text: str) -> Iterator[str]:
    """The names that a sentence takes out of an answer."""
    if "`" not in text:
        return
    for pattern in _TAKEN:
        for found in pattern.finditer(text):
            if _IS_NOT.search(text[: found.start()]) or _OF_ANOTHER.match(text, found.end()):
                continue
            if not _NO_MEMBER.fullmatch(found["name"]):
                yield found["name"]
            at = found.end("name") + 1
            while more := _MORE.match(text, at):
                yield more["name"]
                at = more.end()


def _join_states(known: dict[str, _Said]) -> None:
    """Give the states of a list the one field with whose values the page compares them."""
    listed = known.pop("", None)
    named = [one for one in known.values() if one.values]
    if listed is None or len(named) != 1 or not 1 < len(listed.values) <= MAX_STATES:
        return
    if set(named[0].values) <= set(listed.values):
        named[0].values, named[0].are_all, named[0].line = listed.values, True, listed.line


def _with_answer(one: Operation, said: dict[str, _Said], document: Document) -> Operation:
    fields: dict[tuple[str, ...], Field] = {}
    for name, what in said.items():
        path = tuple(re.sub(r"\[\d{0,2}\]", ".[]", name).split("."))
        for end in range(1, len(path)):
            evidence = Evidence(document.name, what.line, "declared")
            type_ = "array" if path[end] == "[]" else "object"
            fields.setdefault(
                path[:end], Field(path[:end], (Keyword("type", type_, evidence),), line=what.line)
            )
        fields[path] = _field(path, what, document)
    own = tuple(fields.values())
    others = {status: inner for status, inner in one.responses.items() if inner}
    return replace(one, responses=MappingProxyType({"200": own, **others})) if own else one


def _field(path: tuple[str, ...], said: _Said, document: Document) -> Field:
    evidence = Evidence(document.name, said.line, "declared")
    values = list(dict.fromkeys(said.values))
    words = [Keyword("type", "string", evidence)] if values else []
    words += [Keyword("enum", values, evidence)] if said.are_all else []
    return Field(path, tuple(words), line=said.line, shown=tuple(values))
