"""What a program takes out of the answer to a call: the places, and the values with which it compares them.

    answer = requests.get(f"{BASE}/clips/{clip_id}")
    clip = answer.json()["clip"]                      →  clip
    if clip["state"] == "ready":                      →  clip.state, "ready" among its values
        print(clip["files"][0]["url"])                →  clip.files[].url

Python with `requests`, `httpx` or `aiohttp`, and JavaScript with `axios` or `fetch`. A name stands for what it was
given until it is given something else, or the function of the call ends.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.model import FieldPath

MAX_LINES, MAX_LINE, MAX_STEPS = 120, 400, 8

_ACCESS = (
    r"(?:\??\.?\[\s?[\"'][\w-]{1,60}[\"']\s?\]|\.get\(\s?[\"'][\w-]{1,60}[\"'](?:,[^()]{0,40}(?:\(\))?)?\)"
    r"|\.json\(\)|\??\.?\[\d{1,2}\]|\??\.[A-Za-z_$][\w$]{0,60}(?![\w$]|\s?\())"
)
_CHAIN = rf"{_ACCESS}{{0,{MAX_STEPS}}}+"
_STEP = re.compile(
    r"\??\.?\[\s?[\"'](?P<key>[\w-]{1,60})[\"']|\.get\(\s?[\"'](?P<got>[\w-]{1,60})[\"']|(?P<json>\.json\(\))|\??\.?\[(?P<index>\d{1,2})\]|\??\.(?P<name>[A-Za-z_$][\w$]{0,60})"
)
_NAME = r"[A-Za-z_$][\w$]{0,60}"
_TAKEN = re.compile(rf"(?<![\w$.\"'])(?P<root>{_NAME})(?P<chain>{_CHAIN})")
_COMPARED = re.compile(r"\s?(?:===?|==)\s?(?:[\"'](?P<word>[\w-]{1,40})[\"']|(?P<number>\d{1,4})\b)")
_AMONG = re.compile(
    r"\s(?:not\s)?in\s[(\[{](?P<words>[\"'][\w-]{1,40}[\"'](?:,\s?[\"'][\w-]{1,40}[\"']){0,12}),?[)\]}]"
)
_GIVEN = re.compile(
    rf"\s*(?:(?:const|let|var)\s+)?(?P<name>{_NAME})\s?=\s?(?![=>])(?:await\s+)?(?P<value>.+?)\s*;?\Z"
)
_SPREAD = re.compile(
    r"\s*(?:const|let|var)\s*\{(?P<names>[\w$\s,:]{1,200})\}\s?=\s?(?:await\s+)?(?P<value>.+?)\s*;?\Z"
)
_WITH = re.compile(rf"\s{{0,8}}\)?\s{{1,8}}as\s{{1,8}}(?P<name>{_NAME})\s?:")
# `(await answer.json())`, `(answer.get("data") or {})`: what stands in the brackets, which say nothing more.
_AWAITED = re.compile(r"\(\s?await\s+([\w$.]{1,60}\(\))\s?\)")
_OR_ELSE = re.compile(r"\(([\w$.()\[\]\"', -]{1,120}?)\s(?:or|\|\||\?\?)\s(?:\{\}|\[\])\)")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`(?:[^`\\]|\\.)*+`")
_COMMENT = re.compile(r"(?<![:\w/\"'])(?://|#).*\Z")
_SCRIPT = re.compile(r"\b(?:const|let|var|await\s+fetch|axios|function)\b|=>")
# What a promise of a script gives on: `.then((answer) => answer.json())`, and then `.then((body) => body.id)`.
_THEN = re.compile(rf"\.then\(\s?(?:async\s)?\(?(?P<name>{_NAME})\)?\s?=>")
_ENDS = re.compile(r"\s*(?:async\s+)?(?:def|class|function)\s")
# `.then((answer) => answer.json())`: the body, as `.json()` is.
_THEN_JSON = re.compile(r"\.then\(\s?(?:async\s)?\(?\s?(\w{1,40})\s?\)?\s?=>\s?\1\.json\(\)\s?\)")
# What belongs to lists and texts of a script, and is no member of an answer.
_OF_VALUES = frozenset(("length", "size"))


@dataclass(slots=True)
class Taken:
    """A place in an answer, the line that takes it out, and the values that it is compared with."""

    path: FieldPath
    line: int
    values: list[str | int] = field(default_factory=list)


def taken(lines: Sequence[tuple[int, str]], call_at: int) -> list[Taken]:
    """What the lines take out of the answer to the call that begins in the first of them, at `call_at`."""
    lines = [(number, _plain(line[:MAX_LINE])) for number, line in lines[:MAX_LINES]]
    return (
        _Program(lines, is_script=any(_SCRIPT.search(line) for _, line in lines)).read(call_at)
        if lines
        else []
    )


def _plain(line: str) -> str:
    """A line of a program without its comment, the words of its texts, and brackets that say nothing."""
    line = _THEN_JSON.sub(".json()", _COMMENT.sub("", _TEXT.sub(_without_words, line)))
    return _OR_ELSE.sub(r"\1", _AWAITED.sub(r"\1", line))


def _without_words(text: re.Match[str]) -> str:
    """A text that is a word as it stands; of a sentence what it puts in: `"State: {clip['state']}"`."""
    said = text.group()
    if re.fullmatch(r"[\w-]{0,60}", said[1:-1]):
        return said
    return f"{said[0]} {' '.join(re.findall(r'[{][^{}]{1,120}[}]', said))} {said[0]}"


class _Program:
    """The lines behind a call, read from top to bottom; `names` are those of parts of its answer."""

    def __init__(self, lines: Sequence[tuple[int, str]], *, is_script: bool) -> None:
        self.lines = lines
        self.is_script = is_script
        self.answer = ""  # the name of the answer with its status and headers
        self.names: dict[str, FieldPath] = {}
        self.found: dict[FieldPath, Taken] = {}
        self.promised = ""  # what the next `.then` is given: the "answer" or its "body"

    def read(self, call_at: int) -> list[Taken]:
        first = self.lines[0][1]
        indent = len(first) - len(first.lstrip())
        at, behind = _end_of_call(self.lines, call_at)
        self._begin(first[:call_at], behind, self.lines[at][0])
        for number, line in self.lines[at + 1 :]:
            if _ENDS.match(line) and len(line) - len(line.lstrip()) < max(indent, 1):
                break
            self._line(line, number)
        return list(self.found.values())

    def _begin(self, before: str, behind: str, line: int) -> None:
        """Which name the answer has, or the part of it that is taken at once."""
        if named := _WITH.match(behind):
            self.answer = named["name"]
            return
        self.answer = (
            "answer of the call"  # no name of a program: what stands behind the call is taken from it
        )
        chain = re.match(_CHAIN, behind.lstrip(") "))
        path = self._path(self.answer, chain.group() if chain else "")
        spread = re.search(r"\{(?P<names>[\w$\s,:]{1,200})\}\s?=\s?(?:await\s+)?\(?\s*\Z", before)
        given = re.search(rf"(?P<name>{_NAME})\s?=\s?\(?(?:await\s+)?\(?\s*\Z", before)
        self.answer = ""
        if path is not None:
            self._take(path, line)
        if spread and path is None and re.search(r"\bdata\b", spread["names"]):
            self.names["data"] = ()
        elif spread and path is not None:
            self._spread(spread["names"], path, line)
        elif given and path is not None:
            self.names[given["name"]] = path
        elif given:
            self.answer = given["name"]
        elif path is None:
            self.promised = "answer"
            self._line(behind, line)

    def _then(self, line: str) -> None:
        """Name what a promise gives on, as each part of its chain calls it."""
        for one in _THEN.finditer(line):
            if self.promised == "body":
                self.names[one["name"]] = ()
                self.promised = ""
            elif self.promised == "answer" and f"{one['name']}.json()" in line[one.end() :]:
                self.promised = "body"
            elif self.promised == "answer":
                self.answer, self.promised = one["name"], ""

    def _line(self, line: str, number: int) -> None:
        if self.promised:
            self._then(line)
        for one in _TAKEN.finditer(line):
            path = self._path(one["root"], one["chain"])
            if path is None or line[one.end() : one.end() + 1] == "(":
                continue
            self._take(path, number)
            self._compare(path, line, one.end())
        if spread := _SPREAD.match(line):
            whole = _TAKEN.fullmatch(spread["value"])
            path = self._path(whole["root"], whole["chain"]) if whole else None
            if path is not None:
                self._spread(spread["names"], path, number)
        elif given := _GIVEN.match(line):
            whole = _TAKEN.fullmatch(given["value"])
            path = self._path(whole["root"], whole["chain"]) if whole else None
            self.names.pop(given["name"], None)
            if path is not None:
                self.names[given["name"]] = path

    def _path(self, root: str, chain: str) -> FieldPath | None:
        """The place in the body of the answer that an expression means; None where it means none."""
        steps = list(_STEP.finditer(chain))
        path: list[str] = list(self.names.get(root, ()))
        if root not in self.names:
            if root != self.answer or not steps:
                return None
            is_body = steps[0]["json"] or (self.is_script and steps[0]["name"] == "data")
            if not is_body:
                return None
            steps = steps[1:]
        for step in steps:
            key = step["key"] or step["got"]
            if step["json"] or (step["name"] and (not self.is_script or step["name"] in _OF_VALUES)):
                break
            path.append("[]" if step["index"] else key or step["name"])
        return tuple(path)

    def _take(self, path: FieldPath, line: int) -> None:
        for end in range(1, len(path) + 1):
            self.found.setdefault(path[:end], Taken(path[:end], line))

    def _spread(self, names: str, path: FieldPath, line: int) -> None:
        for one in names.split(","):
            key, _, name = (part.strip() for part in one.partition(":"))
            if key:
                self._take((*path, key), line)
                self.names[name or key] = (*path, key)

    def _compare(self, path: FieldPath, line: str, at: int) -> None:
        """Keep the words or numbers that a line compares a place with."""
        known = self.found[path].values if path in self.found else []
        if one := _COMPARED.match(line, at):
            known.append(one["word"] or int(one["number"]))
        elif several := _AMONG.match(line, at):
            known += re.findall(r"[\w-]+", several["words"])


def _end_of_call(lines: Sequence[tuple[int, str]], start: int) -> tuple[int, str]:
    """The index of the line on which a call ends, and what stands behind its last bracket there."""
    depth = 0
    for index, (_, line) in enumerate(lines):
        bare = _TEXT.sub(lambda text: "x" * len(text.group()), line)
        for at in range(start, len(bare)):
            depth += (bare[at] in "([{") - (bare[at] in ")]}")
            if depth == 0 and bare[at] == ")":
                return index, line[at + 1 :]
        start = 0
    return len(lines) - 1, ""
