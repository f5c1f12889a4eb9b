"""The cells of a row, without the marks of Markdown and HTML around their text."""

from __future__ import annotations

import re

# Characters and cells of one row.
MAX_ROW = 20_000
MAX_CELLS = 40

_LINK = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]{0,60}\]){1,200})\]\([^)\n]{1,500}\)")
_TAG = re.compile(r"</?(?:b|i|em|strong|code|p|span|font|small|sup|a|mark)\b[^<>]{0,200}>", re.IGNORECASE)


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of a row, without the marks of Markdown and HTML around their text."""
    line = line.strip()[:MAX_ROW]
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return tuple(clean(cell) for cell in re.split(r"(?<!\\)\|", line, maxsplit=MAX_CELLS))


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
