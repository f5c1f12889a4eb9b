"""What the programs of a page take out of the answers to its calls.

    clip = requests.get(f"{BASE}/v1/clips/{clip_id}").json()["clip"]     GET /v1/clips/{clip_id}:
    if clip["state"] == "ready":                                      →  clip.state, one of whose
        return clip["url"]                                               values is "ready", and clip.url

A guide that shows no answer often takes one apart in its programs. Read for operations of whose answer
nothing else is known; no type is, beside that of what a place is compared with.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.model import Evidence, Field, Keyword
from understudy.specs.readers.text.named_addresses import bases
from understudy.specs.readers.trees.program_answers import taken
from understudy.specs.readers.trees.program_calls import call_in, followed_calls, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Operation, Reading
    from understudy.specs.readers.trees.program_answers import Taken

MAX_CALLS = 50
_HOST = re.compile(r"\Ahttps?://[^/]{1,200}")


def with_answers(found: Reading, document: Document) -> Reading:
    """The reading, each operation without an answer with what the page's programs take out of one."""
    open_ = {(one.method, _bare(one.path)) for one in found.operations if one.path and not has_answer(one)}
    places = _taken(document, open_) if open_ else {}
    if not places:
        return found
    return replace(found, operations=tuple(_with_answer(one, places, document) for one in found.operations))


def _with_answer(one: Operation, places: dict[tuple[str, str], list[Taken]], document: Document) -> Operation:
    own = () if has_answer(one) else _fields(places.get((one.method, _bare(one.path)), ()), document)
    others = {status: inner for status, inner in one.responses.items() if inner}
    return replace(one, responses=MappingProxyType({"200": own, **others})) if own else one


def _taken(document: Document, calls: set[tuple[str, str]]) -> dict[tuple[str, str], list[Taken]]:
    """What the programs of a page take out of the answers to each of the calls."""
    known = bases(document)
    read = 0
    out: dict[tuple[str, str], list[Taken]] = {}
    for is_code, block in parts_of(document):
        for part, lines, at in followed_calls(block) if is_code else ():
            call = call_in(part, known) if read < MAX_CALLS else None
            key = (call.method.lower(), _bare(_HOST.sub("", call.address))) if call else ("", "")
            if key in calls and (places := taken(lines, at)):
                out.setdefault(key, []).extend(places)
                read += 1
    return out


def has_answer(one: Operation) -> bool:
    """Whether anything is known of what an operation answers where all is well."""
    return any(status[:1] in "2d" and fields for status, fields in one.responses.items())


def _bare(path: str) -> str:
    """A path without what its parameters are called and what it asks with."""
    return re.sub(r"\$?\{[^{}/]{0,80}\}", "{}", path.partition("?")[0]).rstrip("/")


def _fields(places: Sequence[Taken], document: Document) -> tuple[Field, ...]:
    """The fields of an answer of which these places are taken out."""
    merged: dict[tuple[str, ...], Taken] = {}
    for one in places:
        merged.setdefault(one.path, one).values.extend([] if merged.get(one.path) is one else one.values)
    out = []
    for path, one in merged.items():
        inner = {
            other[len(path)] for other in merged if len(other) > len(path) and other[: len(path)] == path
        }
        type_ = ("array" if "[]" in inner else "object") if inner else _type(one)
        words = (Keyword("type", type_, Evidence(document.name, one.line, "example")),) if type_ else ()
        out.append(Field(path, words, line=one.line, shown=tuple(dict.fromkeys(one.values))))
    return tuple(out)


def _type(one: Taken) -> str:
    """The type of what a place is compared with; "" where that is several or none."""
    types = {"string" if isinstance(value, str) else "integer" for value in one.values}
    return types.pop() if len(types) == 1 else ""
