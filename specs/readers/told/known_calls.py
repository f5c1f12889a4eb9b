"""Which operations are known while the lines of a document are looked through, without trying all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# So many operations whose paths end alike are compared.
MAX_ALIKE = 40

_PARAMETER = re.compile(r"\{[^{}/]{0,80}\}|<[^<>/]{0,80}>|:[A-Za-z_]\w{0,60}|\$\w{1,60}")


class KnownCalls:
    """Operations by the last steps of their paths that are no parameters."""

    def __init__(self) -> None:
        self._whole: set[tuple[str, ...]] = set()
        self._ending: dict[str, list[tuple[str, list[str]]]] = {}

    def add(self, method: str, path: str) -> None:
        steps = _steps(path)
        self._whole.update(((method, *steps), ("", *steps)))
        for end in _ends(steps):
            self._ending.setdefault(end, []).append((method, steps))

    def has(self, method: str, path: str) -> bool:
        """Whether an operation is known, by any method where `method` is ""."""
        steps = _steps(path)
        return (method, *steps) in self._whole or any(
            method in ("", other) and _are_same(steps, known)
            for end in _ends(steps)
            for other, known in self._ending.get(end, ())[:MAX_ALIKE]
        )


def _ends(steps: Sequence[str]) -> list[str]:
    return [one for one in steps[-3:] if "{}" not in one][-2:] or ["{}"]


def _steps(path: str) -> list[str]:
    bare = _PARAMETER.sub("{}", path.split("?", maxsplit=1)[0].rstrip(".,;:"))
    return [one for one in bare.split("/") if one]


def _are_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two paths may be one: the shorter is the end of the longer, and a parameter is any value."""
    count = min(len(one), len(other))
    ends = zip(one[-count:], other[-count:], strict=True)
    return count > 0 and all(a == b or "{}" in a or "{}" in b for a, b in ends)
