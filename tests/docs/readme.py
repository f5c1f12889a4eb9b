"""Reads README.md: the fenced block that follows a marker comment."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def block(marker: str, text: str = TEXT) -> str:
    """The text inside the first fence after `<!-- marker -->`; KeyError when there is none."""
    found = re.search(rf"<!-- {re.escape(marker)} -->\s*\n(`{{3,}})\w*\n(.*?)\n?\1", text, re.DOTALL)
    if not found:
        raise KeyError(f"README.md: no fenced block after <!-- {marker} -->")
    return found.group(2)


def blocks(marker: str, text: str = TEXT) -> list[str]:
    """Every block after a `<!-- marker -->`, in order."""
    parts = re.split(rf"(?=<!-- {re.escape(marker)} -->)", text)[1:]
    return [block(marker, part) for part in parts]
