"""Errors that a person can mend: what is wrong, where, and what to do."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class UnderstudyError(Exception):
    """Something the user gave cannot be used.

    The command line prints it as one line and exits with 2; it is never a provider's answer.

    `what` says what is wrong, `where` names the place (file:line:column, option, URL), `advice` says
    what to do.
    """

    def __init__(self, what: str, *, where: str = "", advice: str = "") -> None:
        self.what = what
        self.where = where
        self.advice = advice
        super().__init__(str(self))

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line} ({self.advice})" if self.advice else line


def known_names(name: str, names: Iterable[str]) -> str:
    """Advice for a name that is not one of `names`: "did you mean kling? known: canonical, kling"."""
    listed = list(names)
    near = get_close_matches(name, listed, n=1)
    return f"{f'did you mean {near[0]}? ' if near else ''}known: {', '.join(listed)}"
