"""The cells of a row, without the marks of Markdown and HTML around their text."""

from __future__ import annotations

import re

# Characters and cells of one row.
MAX_ROW = 20_000
MAX_CELLS = 40

_LINK = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]{0,60}\]){1,200})\]\([^)\n]{1,500}\)")
_TAG = re.compile(r"</?(?:b|i|em|strong|code|p|span|font|small|sup|a|mark)\b[^<>]{0,200}>", re.IGNORECASE)


# What sets cells apart where the writer leaves a blank beside it: a bar between two words is one of values.
_BAR_WITH_BLANK = re.compile(r"(?<=\s)\||\|(?=\s|\Z)")


def cells_of(line: str, count: int = 0) -> tuple[str, ...]:
    """The cells of a row without the marks of Markdown and HTML around their text. In a row with more of them
    than `count`, the columns of its table, bars without a blank beside them are part of a cell: "std|pro"."""
    line = line.strip()[:MAX_ROW]
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    cells = re.split(r"(?<!\\)\|", line, maxsplit=MAX_CELLS)
    if 1 < count < len(cells):
        fewer = _BAR_WITH_BLANK.split(line)
        cells = fewer if len(fewer) == count else cells
    return tuple(map(clean, cells))


def clean(cell: str) -> str:
    """The text of a cell, its entities as the signs that they are."""
    cell = (
        cell.replace("\\|", "|")
        .replace("\\_", "_")
        .replace("\\*", "*")
        .replace("\\-", "-")
        .replace("&nbsp;", "\u2003")
        .replace("&emsp;", "\u2003")
    )
    cell = (
        cell.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace("&le;", "≤")
        .replace("&ge;", "≥")
    )
    cell = _TAG.sub("", cell).replace("**", "").replace("~~", "")
    return _LINK.sub(r"\1", cell).strip(" \t")
