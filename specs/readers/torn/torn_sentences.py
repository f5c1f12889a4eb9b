"""Sentences that a converter tore at words in code, each joined on one line again.

-                        - `mode` is optional.
mode                     Supported values: `std`
is optional.             (default) or `pro`.
Supported values:std  →
(default) orpro
.

Text in code loses its line when a converter sets it apart: what follows it goes on in the middle of a sentence.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_LINE = 20_000
MIN_TORN = 2
MAX_CODE = 80
Lines = list[tuple[int, str]]

# A line that no sentence begins with: it goes on behind a word that stood in code.
_GOES_ON = re.compile(
    r"[,.;)]+(?:\s|\Z|[a-z](?![\w-]*\Z))|[,;][\w.:-]{1,60}\Z|\([a-z]|(?:or|and|to)\d"
    r"|(?:is|are|or|and|to|do|does|can|for|with|when|if|in|on|of|from|must|will|should|as|at|by|than|per|the|currently|parameters?)\s\S"
)
_SURE = re.compile(r"[,.;](?:\s|\Z)|[,;][\w.:-]{1,60}\Z|\(default\)")
_BULLET_ALONE = re.compile(r"[-*•]\Z")
_BULLET_BEHIND = re.compile(r"(?<=[.)\w])\s{1,3}-\Z")
# What may be glued before a word in code at the end of a line: a label, or a small word.
_GLUES = re.compile(
    r"(?:[A-Za-z]{3,30}[:：]|(?:or|and|to|from|than|between|models?)(?=\d))(?=\w)", re.IGNORECASE
)
_GLUED_WORD = re.compile(r"(?:or|and)(?=[a-z])")
_OF_CODE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/$-")
_JSON_LINE = re.compile(r"\s*(?:[{}\[\]]|[\"'][\w-]{1,80}[\"']\s?:)")


def are_torn(lines: Sequence[str]) -> bool:
    """Whether sentences go on below words in code: lines outside of JSON begin with a comma or a full stop."""
    if sum(_SURE.match(line.lstrip()) is not None for line in lines) < MIN_TORN:
        return False
    inside = _in_json(lines)
    torn = (
        index
        for index, line in enumerate(lines)
        if index and not inside[index] and lines[index - 1].strip() and _SURE.match(line.strip())
    )
    return len(list(islice(torn, MIN_TORN))) == MIN_TORN


def _in_json(lines: Sequence[str]) -> list[bool]:
    """For each line whether it stands inside of the braces of an example, or of a block of code."""
    out: list[bool] = []
    depth, fenced = 0, False
    for line in lines:
        text = line.strip()[:MAX_LINE]
        fenced ^= text.startswith(("```", "~~~"))
        opens = text.startswith(("{", "[")) or text.endswith("{")
        if depth or opens:
            depth = max(depth + text.count("{") + text.count("[") - text.count("}") - text.count("]"), 0)
        out.append(fenced or bool(depth) or text.startswith(("}", "]")))
    return out


def joined(lines: Lines, note: Callable[[int], None]) -> Lines:
    """The lines, each sentence that is torn at words in code on one, each entry of a list with its bullet."""
    out: Lines = []
    is_item = False
    joined = 0
    inside = _in_json([line for _, line in lines])
    for index, (number, line) in enumerate(lines):
        text = line.strip()
        if inside[index]:
            out.append((number, line))
            continue
        if _BULLET_ALONE.match(text):
            is_item = True
            continue
        behind = _BULLET_BEHIND.search(text)
        text = text[: behind.start()].rstrip() if behind else text
        above = out[-1][1] if out and not inside[index - 1] else ""
        if not is_item and text and above.strip() and _may_go_on(above, text):
            out[-1] = (out[-1][0], _with_code(above, text))
            joined = joined or out[-1][0]
        elif text or not behind:
            indent = line[: len(line) - len(line.lstrip())]
            out.append((number, f"- {text}" if is_item else f"{indent}{text}"))
        is_item = behind is not None
    if joined:
        note(joined)
    return out


def _may_go_on(above: str, text: str) -> bool:
    """Whether a line goes on in the sentence of the one above, which ends with a word in code."""
    return (
        _GOES_ON.match(text) is not None
        and not _JSON_LINE.match(above)
        and not above.lstrip().startswith(("#", "curl", "```", "|"))
        and len(above) < MAX_LINE
        and _code_at_end(above) is not None
    )


def _code_at_end(text: str) -> tuple[str, str] | None:
    """What stands before the word at the end of a line, and the word: "values:std" → "values:", "std"."""
    text = text.rstrip()
    start = len(text)
    while start and len(text) - start < MAX_CODE and text[start - 1] in _OF_CODE:
        start -= 1
    before, code = text[:start], text[start:]
    glue = _GLUES.match(code) or (_GLUED_WORD.match(code) if before.endswith((") ", "] ")) else None)
    if glue is not None:
        before, code = before + glue.group(), code[glue.end() :]
    return (before, code) if code and code[0].isalnum() and code[-1].isalnum() else None


def _with_code(above: str, text: str) -> str:
    """Both as one line, the word at which it was torn in code: "values:std", "or pro" → "values: `std` or pro"."""
    before, code = _code_at_end(above) or (above, "")
    space = "" if not before or before[-1] in " (" else " "
    return f"{before}{space}`{code}`{'' if text[0] in ',.;)' else ' '}{text}"
