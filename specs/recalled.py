"""What is searched for only when it is asked for, and then kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class Recalled(Generic[T]):
    """Values that are searched for when they are first asked for, and kept: mostly the first few will do."""

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self._found: list[T] = []

    def __iter__(self) -> Iterator[T]:
        at = 0
        while at < len(self._found) or self._more():
            yield self._found[at]
            at += 1

    def __bool__(self) -> bool:
        return bool(self._found) or self._more()

    def _more(self) -> bool:
        for value in self._source:
            self._found.append(value)
            return True
        return False
