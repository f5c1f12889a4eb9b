"""Tables whose cells a copy has set a line each: the headings one below the other, and then row after row.

Name        prompt     length
Type        string     int
Required    Yes        No
Notes       What is    Seconds
            seen       3-9

A cell may hold JSON, which belongs to no column. Of names with words and an example of each, without a type, the
words go on to the blank line that stands for the example.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.column_roles import role_of
from understudy.specs.readers.fields.presence import is_presence
from understudy.specs.readers.text.page_text import parse_type
from understudy.specs.readers.text.part_headings import part_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Set

MAX_COLUMNS = 8
MAX_HEAD = 24
MAX_CELL = 2_000
# Lines of one table, and of one row.
MAX_TABLE = 3_000
MAX_ROW = MAX_COLUMNS + 12

NAME = re.compile(
    r"[»›>\-–—+*·•└├│┗┣┖╰─━↳→➜∟\u2003\u3000 ]{0,12}[`*\"]{0,3}[A-Za-z_$][\w$.\[\]/-]{0,79}[`*\":]{0,3}(?:[ ]?\*|[ ]?[(（](?:required|必填)[)）]|[ ](?:required|必填))?\Z"
)
_ENDS = re.compile(r"#|\{|`{3}|curl\b")
MAX_CAPTION = 80
_CAPTION = re.compile(
    r"(?:表|table)\s?\d{1,2}(?:[-.]\d{1,2})?(?:[\s:：.、]|[^\x00-\x7F]).{1,60}\Z", re.IGNORECASE
)
# What columns of fields say beside names and words; and those of a table that says no more.
_SAYS_MORE = {"type", "required"}
_IN_WORDS = ["name", "description", "example"]
_BARE_NAME = re.compile(r"[a-z_][\w.]{1,59}\Z", re.ASCII)
_SENTENCE = re.compile(r"[^\x00-\x7F]{2}|\w\s\w")
# Behind the words of a row: what a value means, or which there are.
_SAYS_VALUE = re.compile(
    r"(?:[A-Za-z][\w-]{1,39}|默认值?|可选(?:取?值|范围)?|取值(?:范围)?)\s?[:：]\s?\S", re.ASCII
)
MAX_JSON = 200
# What a heading that is left out would say.
LEFT_OUT = "Description"
# So many headings at least has such a table; and these roles may come twice among them.
MIN_HEADS = 3
_MAY_REPEAT = ("description", "limits")


def heads_of(lines: Sequence[str], index: int) -> list[str]:
    """The headings of such a table, the first of which stands at `index`; [] for another line.

    One that says nothing is one between two that do.
    """
    if len(lines[index]) > MAX_HEAD or role_of(lines[index].strip()) != "name":
        return []
    gap = _gap(lines, index)
    heads = [lines[index].strip()]
    for at in range(index + gap, min(len(lines), index + gap * MAX_COLUMNS), gap):
        text, after = lines[at].strip(), lines[at + gap].strip() if at + gap < len(lines) else ""
        is_silent = 0 < len(text) <= MAX_HEAD and not parse_type(text)
        if _is_name_of_first(text, heads):
            break
        if not _heads(text) and not (is_silent and _heads(after) and not parse_type(after)):
            break
        heads.append(text)
    if gap == 1 and len(heads) == MIN_HEADS - 1 and _leaves_out_words(lines, index, heads):
        heads.append(LEFT_OUT)
    roles = _roles(lines, index + gap * len(heads), heads, gap)
    return heads if len(heads) >= MIN_HEADS and (_SAYS_MORE & set(roles) or roles == _IN_WORDS) else []


def _leaves_out_words(lines: Sequence[str], index: int, heads: Sequence[str]) -> bool:
    """Whether a blank line stands for the heading of the words: below it the first row has a name, a type, words."""
    row = [line.strip() for line in lines[index + len(heads) : index + len(heads) + 4]]
    is_row = len(row) == len(heads) + 2 and not row[0] and NAME.match(row[1]) and _SENTENCE.search(row[3])
    return bool(is_row and list(map(role_of, heads)) == ["name", "type"] and parse_type(row[2]))


def _roles(lines: Sequence[str], start: int, heads: Sequence[str], gap: int) -> list[str]:
    """What the columns say; one whose heading says nothing has the types where the first row has one there."""
    roles = [role_of(head) for head in heads]
    if "type" not in roles and "" in roles:
        at = start + gap * roles.index("")
        if at < len(lines) and parse_type(lines[at].strip()):
            roles[roles.index("")] = "type"
    return roles


def _is_name_of_first(text: str, heads: Sequence[str]) -> bool:
    """Whether a line is the name in the first row, though a heading may say it, too: `kind`, `size`, `description`."""
    if not _BARE_NAME.match(text) or len(heads) < MIN_HEADS:
        return False
    are_set_apart = not any(head.isascii() and head[:1].islower() for head in heads)
    return are_set_apart or (role_of(text) in map(role_of, heads) and role_of(text) not in _MAY_REPEAT)


def _heads(text: str) -> bool:
    return 0 < len(text) <= MAX_HEAD and role_of(text) not in ("", "name")


def _gap(lines: Sequence[str], index: int) -> int:
    """How far apart the cells stand: 2 where a blank line is between them."""
    blank = [not line.strip() for line in lines[index + 1 : index + 4]]
    return 2 if blank == [True, False, True] else 1


def rows_of(
    lines: Sequence[str], start: int, heads: Sequence[str], names: Callable[[], Set[str]]
) -> tuple[list[tuple[int, list[str]]], int]:
    """The rows below the headings at `start`: the line of each and its cells; and the index behind the last one.
    `names` gives the names that the page's examples have."""
    gap = _gap(lines, start)
    index = start + gap * len(heads)
    roles = _roles(lines, index, heads, gap)
    # Blank lines between all cells are no cells; without such ones a blank line is an empty cell.
    places = (
        n for n in range(index, min(len(lines), index + gap * MAX_TABLE)) if gap == 1 or lines[n].strip()
    )
    shown = list(islice(places, MAX_COLUMNS + 2))
    if not any(_begins(lines, shown, at, roles) for at in range(min(2, len(shown)))):
        return [], start
    shown = _without_json(lines, [*shown, *places], roles)
    begins: list[int] = []
    last = 0
    for at, n in enumerate(shown):
        if (not begins or at - begins[-1] > 1) and _begins(lines, shown, at, roles):
            begins.append(at)
            last = at
        elif lines[n].lstrip().startswith("#") or (begins and _heads_another(lines, n)):
            shown = shown[:at]
            break
        elif at - last > MAX_ROW or (begins and at - begins[-1] >= len(heads) and _ends(lines[n])):
            break
    if not begins:
        return [], start
    rows = []
    goes_on = roles == _IN_WORDS or any(b - a > len(roles) for a, b in pairwise(begins))
    for at, after in zip(begins, [*begins[1:], len(shown)], strict=True):
        end = after if after < len(shown) else _end_of_last(lines, shown, at, roles, goes_on=goes_on)
        rows += _with_merged(lines, shown[at:end], roles, names)
    return rows, shown[min(end, len(shown)) - 1] + 1


def _with_merged(
    lines: Sequence[str], row: Sequence[int], roles: Sequence[str], names: Callable[[], Set[str]]
) -> list[tuple[int, list[str]]]:
    """A row, and those below that share its cells but for a name and words, as tables with merged cells have them:
    `a_file` `string` `optional` `The file` `a_url` `Its address`; examples have those names."""
    starts = [0]
    if len(row) > len(roles) + 1 and roles[-1] == "description" and set(roles) >= _SAYS_MORE:
        for at in range(len(roles), len(row) - 1):
            name, words = lines[row[at]].strip(), lines[row[at + 1]].strip()
            if _BARE_NAME.match(name) and _SENTENCE.search(words) and name in names():
                starts.append(at)
    first = _cells([lines[n] for n in row[: (*starts[1:], len(row))[0]]], roles)
    rows = [(row[0] + 1, first)]
    for at, end in pairwise([*starts[1:], len(row)]):
        said = [lines[n].strip()[:MAX_CELL].replace("|", "\\|") for n in row[at + 1 : end]]
        rows.append((row[at] + 1, [lines[row[at]].strip(), *first[1:-1], "<br>".join(filter(None, said))]))
    return rows


def _end_of_last(
    lines: Sequence[str], shown: Sequence[int], at: int, roles: Sequence[str], *, goes_on: bool
) -> int:
    """Behind the last row, which begins at `at`: it has as many lines as there are columns; of a table whose words
    go on for lines, all up to a blank one."""
    behind = at + len(roles)
    if not goes_on and not (behind < len(shown) and _SAYS_VALUE.match(lines[shown[behind]].strip())):
        return min(len(shown), behind)
    end = min(len(shown), at + len(roles) - 1)
    while end < min(len(shown), at + MAX_ROW) and lines[shown[end]].strip() and not _ends(lines[shown[end]]):
        end += 1
    return min(end, len(shown))


def _without_json(lines: Sequence[str], shown: Sequence[int], roles: Sequence[str]) -> list[int]:
    """The lines without the JSON that a cell holds: right behind it the next row begins."""
    out: list[int] = []
    at = 0
    while at < len(shown):
        end = _end_of_json(lines, shown[at]) if lines[shown[at]].strip() in ("{", "[") else 0
        after = next((n for n in range(at, len(shown)) if shown[n] >= end and lines[shown[n]].strip()), at)
        if end and after > at and _begins(lines, shown, after, roles):
            while out and not lines[out[-1]].strip():
                out.pop()
            at = after
            continue
        out.append(shown[at])
        at += 1
    return out


def _end_of_json(lines: Sequence[str], start: int) -> int:
    """Behind the bracket that closes the one at `start`, as deep as it; 0 where none is near."""
    opening = lines[start]
    close = opening.replace("{", "}").replace("[", "]").rstrip()
    return next(
        (n + 1 for n in range(start + 1, min(len(lines), start + MAX_JSON)) if lines[n].rstrip() == close), 0
    )


def _heads_another(lines: Sequence[str], index: int) -> bool:
    """Whether a line is the caption right above the headings of another table."""
    if not _CAPTION.match(lines[index][:MAX_CAPTION].strip()):
        return False
    below = next((n for n in range(index + 1, min(len(lines), index + 4)) if lines[n].strip()), index)
    return below > index and bool(heads_of(lines, below))


def _ends(line: str) -> bool:
    return _ENDS.match(line.lstrip()) is not None or part_of(line.strip()) != ""


def _begins(lines: Sequence[str], shown: Sequence[int], at: int, roles: Sequence[str]) -> bool:
    """Whether the cells of a row begin here: a name, and a type and a yes or no at their places."""
    if not NAME.match(lines[shown[at]].strip(" \t")[:120]) or part_of(lines[shown[at]].strip()):
        return False
    for place, role in enumerate(roles):
        cell = lines[shown[at + place]].strip() if at + place < len(shown) else ""
        if role == "type" and parse_type(cell.partition(",")[0].strip("`* ")) is None:
            return False
        if role == "required" and cell and not is_presence(cell):
            return False
        if role == "description" and roles == _IN_WORDS:
            return bool(_BARE_NAME.match(lines[shown[at]].strip()) and _SENTENCE.search(cell))
        # Behind a description, which may go on for lines, the places say nothing; one line is tried alone.
        if role == "description" and {"type", "required"} & set(roles[:place]):
            return True
    return True


def _cells(lines: Sequence[str], roles: Sequence[str]) -> list[str]:
    """The lines of a row as its cells: those that are too many belong to the description."""
    texts = [line.strip(" \t")[:MAX_CELL].replace("|", "\\|") for line in lines]
    while len(texts) > len(roles) and not texts[-1]:
        texts.pop()
    if roles == _IN_WORDS:
        return [texts[0], "<br>".join(filter(None, texts[1:])), ""]
    more = len(texts) - len(roles)
    at = roles.index("description") if "description" in roles else len(roles) - 1
    if more <= 0:
        return [*texts, *[""] * -more]
    return [*texts[:at], "<br>".join(filter(None, texts[at : at + more + 1])), *texts[at + more + 1 :]]
