"""What a page says once of several operations: a table below two creates, an answer below two queries.

POST /v1/videos/text2video      GET /v1/videos/text2video/{id}
POST /v1/videos/image2video     GET /v1/videos/image2video/{id}
| prompt | string | Yes |       {"task_id": …}
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import BODILESS
from understudy.specs.readers.text.part_headings import ANSWERED_BY_ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import Field
    from understudy.specs.readers.pages.operation_drafts import OperationDraft

# An example of fewer fields does not tell which table is its own.
MIN_SHOWN = 2
# What says that several operations have one answer.
_OF_ALL = re.compile(
    r"\ball\b[^.\n]{0,80}\b(?:return|respond|answer|share|have)\w{0,3}\b[^.\n]{0,30}\b(?:same|identical|common)\b"
    r"|(?:所有|全部)[^。\n]{0,30}(?:返回|响应)[^。\n]{0,10}(?:相同|一致|统一|同样)|(?:均|都|统一)返回",
    re.IGNORECASE,
)
# The state of a task that has a result.
_ENDED = re.compile(r"complete[d]?|succe(?:ss|ed|eded|ssful)|done|finished|ready", re.IGNORECASE)
# So many lines below it the answer begins.
MAX_TO_ANSWER = 4


def are_twins(one: OperationDraft, other: OperationDraft) -> bool:
    """Whether two operations, stated one right below the other, differ in one step of their paths alone, and
    nothing stands between them: what follows the second is of both."""
    if one.method != other.method or not one.method or one.request or one.responses or one.shown:
        return False
    mine, theirs = one.path.split("/"), other.path.split("/")
    return len(mine) == len(theirs) and sum(a != b for a, b in zip(mine, theirs, strict=True)) == 1


def allows(fields: Sequence[Field], draft: OperationDraft) -> bool:
    """Whether the example of an operation of which nothing is stated is a legal request by these fields: it has
    all that are required and no others."""
    shown = {one.path[0] for one in draft.shown.get("body", ()) if one.path}
    if draft.request or draft.responses or draft.parameters or len(shown) < MIN_SHOWN:
        return False
    names = {one.path[0] for one in fields if len(one.path) == 1}
    required = {one.path[0] for one in fields if len(one.path) == 1 and one.get("required")}
    return shown <= names and required <= shown


def are_grades(draft: OperationDraft) -> bool:
    """Whether an operation and those right above it are one in several grades, whose paths begin alike up to
    the last words of one step: /clips-v3-pro and /clips-v3-std."""
    if draft.method != "post" or not draft.alike:
        return False
    mine = draft.path.split("/")
    for other in draft.alike:
        theirs = other.path.split("/")
        steps = [(a, b) for a, b in zip(mine, theirs, strict=False) if a != b]
        if len(mine) != len(theirs) or len(steps) != 1 or not other.says_nothing:
            return False
        same = "".join(a for a, _ in takewhile(lambda two: two[0] == two[1], zip(*steps[0], strict=False)))
        if not re.match(r".{4,}[-_.]", same):
            return False
    return True


def are_kinds(draft: OperationDraft) -> bool:
    """Whether an operation and those right above it do one thing for several kinds, which a step before the last
    says: /v2/pro/make and /v2/std/make."""
    last = draft.path.rpartition("/")[2]
    same = [one.says_nothing and one.path.rpartition("/")[2] == last for one in draft.alike]
    return draft.method == "post" and bool(same) and all(same)


def share_requests(drafts: Sequence[OperationDraft]) -> None:
    """Give the fields of a request to the operations of an overview that differ from its own in grade alone."""
    for draft in drafts:
        for other in draft.alike if draft.is_for_all else ():
            if other.says_nothing:
                other.request = list(draft.request)


def share_answers(drafts: Sequence[OperationDraft], text: str) -> None:
    """Give an answer that the page states once to the operations that have the same one."""
    for draft in drafts:
        shown = {status: fields for status, fields in draft.shown.items() if status != "body"}
        for other in draft.alike if draft.responses or shown else ():
            if not other.responses and not other.shown.keys() - {"body"}:
                other.responses, other.shown = dict(draft.responses), {**other.shown, **shown}
    _give_ended(drafts)
    _share_stated(drafts, text)
    for line in [n for n, one in enumerate(text.split("\n"), 1) if ANSWERED_BY_ALL.fullmatch(one[:200])]:
        _share_below(drafts, line)


def _give_ended(drafts: Sequence[OperationDraft]) -> None:
    """Give the only answer of an overview's create to its one query, where that has none and the example is of a
    task that has ended: nobody gets the result of one that was only just begun."""
    creates = [one for one in drafts if one.role == "create" and one.label]
    queries = [one for one in drafts if one.role == "query" and one.label]
    if len(creates) != 1 or len(queries) != 1 or creates[0].part != queries[0].part:
        return
    create, query = creates[0], queries[0]
    if create.responses or query.responses or query.shown or create.shown.keys() - {"body"} != {"200"}:
        return
    values = {one.name.lower(): one.shown for one in create.shown["200"]}
    ended = any(map(_ENDED.fullmatch, map(str, [*values.get("status", ()), *values.get("state", ())])))
    if ended and any(str(value).startswith("http") for shown in values.values() for value in shown):
        query.shown["200"] = create.shown.pop("200")


def _share_below(drafts: Sequence[OperationDraft], line: int) -> None:
    """Give the answer that is shown right below a line, which says that it is of all, to those that have none."""
    near = range(line + 1, line + 1 + MAX_TO_ANSWER)
    for draft in drafts:
        shown = {
            key: one for key, one in draft.shown.items() if key != "body" and one and one[0].line in near
        }
        for other in drafts if shown else ():
            if other.method and other.path and not other.responses and not other.shown.keys() - {"body"}:
                other.shown = {**other.shown, **shown}


def _share_stated(drafts: Sequence[OperationDraft], text: str) -> None:
    """Give the answer that a page shows once to each of the queries that it lists, where it says that all have it:
    to those by id where one by id has it, as a list of models is answered otherwise."""
    with_answers = [one for one in drafts if one.responses or one.shown]
    others = [one for one in drafts if one.path and one.method in BODILESS and one.says_nothing]
    if len(with_answers) != 1 or with_answers[0].method not in BODILESS or not others:
        return
    if _OF_ALL.search(text):
        is_by_id = with_answers[0].path.endswith("}")
        for one in [draft for draft in others if draft.path.endswith("}") == is_by_id]:
            one.responses, one.shown = dict(with_answers[0].responses), dict(with_answers[0].shown)
