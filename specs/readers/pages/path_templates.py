"""The path of an operation that an address of a page means: an example has an id, and a base of all addresses.

/v1/clips/abc123 of the stated /v1/clips/{id}        /v1/clips/task_id        /api/v1/clips below the base /api
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import BODILESS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from understudy.specs.readers.pages.operation_drafts import OperationDraft

# The last part of a path that has a digit and is no id: image2video, text-2-speech, v2, v1.5.
_NO_ID = re.compile(r"(?:[a-z]+[-_])*[a-z]+[-_]?[24][-_]?[a-z]+(?:[-_][a-z0-9]+)*|v\d[\d._-]*", re.IGNORECASE)
# So many digits are an id behind such a name, too.
MIN_DIGITS = 6
# The same that is the name of an id, which is filled in: /v1/clips/task_id.
_NAME_OF_ID = re.compile(
    r"(?!(?:by|get|new|my|of|set|the|find)_)[a-z]{2,20}_id|(?!(?:by|get|new|my)Id)[a-z]{2,20}Id|(?:job|task|video|image|request|clip)id"
)


def below_base(
    method: str, path: str, known: Sequence[OperationDraft], bases: Iterable[str]
) -> tuple[str, str]:
    """The path without the base of all the page's addresses, where it was stated so before, and that base: a
    command calls /api/v1/clips, and `POST /clips` is stated below the base /api/v1."""
    for base in bases:
        rest = path[len(base) :] if path.startswith(f"{base}/") else ""
        stated = [one.path for one in known if one.method == method] if rest else []
        if rest and _is_stated(method, rest, known, stated):
            return rest, base
    return path, ""


def _is_stated(method: str, path: str, known: Sequence[OperationDraft], stated: Container[str]) -> bool:
    return path in stated or template_of(method, path, known) in stated


def template_of(method: str, path: str, known: Sequence[OperationDraft]) -> str:
    """The path, or that of an operation stated before of which it is an example: /v1/x/abc123 of /v1/x/{id}.
    Where none is, a number at the end of what is asked for stands for an id all the same."""
    head, _, last = path.rpartition("/")
    if head.count("/") > 1 and method in (*BODILESS, "") and _NAME_OF_ID.fullmatch(last):
        return f"{head}/{{{last}}}"
    if "{" in last or not any(letter.isdigit() for letter in last) or _NO_ID.fullmatch(last[:80]):
        return path
    above = [
        one.path
        for one in known
        if one.path.startswith(f"{head}/{{") and (not method or one.method in (method, ""))
    ]
    templates = {one for one in above if one.count("/") == path.count("/")}
    if len(templates) == 1:
        return templates.pop()
    holder = head.rpartition("/")[2]
    is_of_things = holder.isalpha() or (len(last) >= MIN_DIGITS and _NO_ID.fullmatch(holder[:80]) is not None)
    is_id = not templates and method in BODILESS and last.isdecimal() and is_of_things
    return f"{head}/{{id}}" if is_id else path
