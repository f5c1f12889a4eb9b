"""Lists of definitions, in Markdown's notation or as HTML inside of a page, rewritten as lists of fields.

prompt (string, required)         <dt><code>prompt</code> string, required</dt>         - prompt (string, required): What is seen
:   What is seen                  <dd>What is seen</dd>                            →    - `prompt` string, required: What is seen
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import html
import itertools
import re

from understudy.specs.readers.text.page_text import FENCE

MAX_LINE = 2_000
# Lines of one term or of what is said of it.
MAX_LINES = 12

Lines = list[tuple[int, str]]

_TERM = re.compile(r"\s{0,8}(?:<dl\b[^>]{0,80}>\s{0,4})?<dt\b[^>]{0,80}>(?P<term>.*)", re.IGNORECASE)
_END_OF_LIST = re.compile(r"\s{0,8}</?dl\b[^>]{0,80}>\s{0,4}\Z", re.IGNORECASE)
_TERMS = re.compile(r"<dt\b[^>]{0,80}>", re.IGNORECASE)
_SAID = re.compile(r"<dd\b[^>]{0,80}>", re.IGNORECASE)
_CODE = re.compile(r"</?(?:code|kbd|tt)\b[^>]{0,80}>", re.IGNORECASE)
_BOLD = re.compile(r"</?(?:strong|b)\b[^>]{0,80}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
# Below its term, as PHP Markdown Extra, kramdown and Pandoc have it.
_DEFINITION = re.compile(r"[ ]{0,3}:[ \t]{1,4}(?P<said>\S.*)\Z")
_BARE_NAME = re.compile(r"\A[A-Za-z_$][\w$.\[\]-]{0,79}(?=\s)")
_NAME = re.compile(r"[*_`]{0,3}[A-Za-z_$][\w$.\[\]-]{0,79}[*_`]{0,3}(?=\s|\(|（|:|\Z)")


def are_defined(one: str, below: str) -> bool:
    """Whether a line is the term of a definition, with the one below it."""
    return _TERM.match(one[:200]) is not None or (
        _DEFINITION.match(below[:MAX_LINE]) is not None and _NAME.match(one) is not None
    )


def with_entries(lines: Lines) -> Lines:
    """The lines, each definition outside of code as an entry of a list on the line of its term."""
    out: Lines = []
    index = 0
    fenced = False
    while index < len(lines):
        number, line = lines[index]
        below = lines[index + 1][1] if index + 1 < len(lines) else ""
        is_fence = FENCE.match(line[:40]) is not None
        fenced ^= is_fence
        if fenced or is_fence:
            out.append((number, line))
            index += 1
        elif _TERM.match(line[:MAX_LINE]):
            end = _end(lines, index)
            out += [(number, one) for one in _entries(" ".join(text.strip() for _, text in lines[index:end]))]
            index = end
        elif _DEFINITION.match(below[:MAX_LINE]) and _NAME.match(line):
            said = _definitions(lines, index + 1)
            out.append((number, f"- {line.strip()}: {said[0]}"))
            out += [(lines[index + 2 + n][0], f"  {one}") for n, one in enumerate(said[1:])]
            index += 1 + len(said)
        else:
            if not _END_OF_LIST.match(line[:200]):
                out.append((number, line))
            index += 1
    return out


def _definitions(lines: Lines, start: int) -> list[str]:
    """What the lines from `start` on say of one term, each behind a colon."""
    found = (_DEFINITION.match(text[:MAX_LINE]) for _, text in lines[start : start + MAX_LINES])
    return [one["said"] for one in itertools.takewhile(bool, found) if one]


def _end(lines: Lines, start: int) -> int:
    """Behind the last line of the term at `start` and of what is said of it."""
    for index in range(start + 1, min(start + MAX_LINES, len(lines))):
        text = lines[index][1].strip()
        if not text or _TERM.match(text[:200]) or _END_OF_LIST.match(text[:200]):
            return index
    return min(start + MAX_LINES, len(lines))


def _entries(text: str) -> list[str]:
    """The entries of a run of terms and what is said of them."""
    out: list[str] = []
    for part in _TERMS.split(text)[1:]:
        term, *said = _SAID.split(part)
        entry = "- " + _BARE_NAME.sub(r"`\g<0>`", _plain(term))
        out.append(f"{entry}: {' '.join(map(_plain, said))}" if said else entry)
    return out


def _plain(text: str) -> str:
    marked = _BOLD.sub("**", _CODE.sub("`", text))
    return " ".join(html.unescape(_TAG.sub(" ", marked)).split())
