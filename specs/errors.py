"""Errors that a person can mend: what is wrong, where, and what to do."""

from __future__ import annotations


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
