"""Values that copying has run together, taken apart by words of the same page: stdpro → std, pro."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from understudy.specs.prose.values import parse_list

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_RUN = 400
MAX_WORDS = 20_000
MAX_VALUES = 40
MAX_NEW = 7  # letters of the one value that the page has nowhere else
# Words of sentences, which are no values: "auto" is not "au" and "to".
_OF_SENTENCES = frozenset(
    re.findall(
        r"\w+", "to in on of at is it or an as by we be if do no all any the and for not can you may per its"
    )
)
_WORD = re.compile(r"[A-Za-z0-9][\w.:+-]{0,59}")
_QUOTED = re.compile(r"\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|`([^`\n]{1,80})`")


@functools.lru_cache(maxsize=4)
def words_of(text: str) -> Words:
    """The words of a page's text, counted once however many readers ask."""
    return Words(text.split("\n"))


class Words:
    """The words of a page, each with how often it stands there as a word of its own."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._count: dict[str, int] = {}
        for line in lines:
            for word in _WORD.findall(line):
                bare = word.rstrip(".:").lower()
                self._count[bare] = self._count.get(bare, 0) + 1
            if len(self._count) > MAX_WORDS:
                break

    def has(self, word: str, *, besides: int = 0) -> bool:
        """Whether the page has this word, more than `besides` times."""
        return self._count.get(word.lower(), 0) > besides


def taken_apart(run: str, type_: str, words: Words) -> list[str]:
    """The values of a run without anything between them; [] where there is no one way to take it apart."""
    if len(run) > MAX_RUN:
        return []
    quoted = [next(filter(None, one.groups())) for one in _QUOTED.finditer(run)]
    if len(quoted) > 1 and not re.sub(r"[\s,，、|/]", "", _QUOTED.sub("", run)):
        return quoted
    if re.search(r"[\s,，、|/]", run) or words.has(run, besides=1):
        return []
    found = parse_list(run, 0)
    if len(found.values) > 1:
        return list(found.values)
    return _split(run, type_, words)


def _split(run: str, type_: str, words: Words) -> list[str]:
    """The one way to take a run apart into words of the page, of which one may be new."""
    # By place in the run: how many characters are new, the values so far, and whether another way is as good.
    best: dict[int, tuple[int, list[str], bool]] = {0: (0, [], False)}
    is_number = type_ in ("integer", "number")
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - 60), end):
            if start not in best:
                continue
            new, values, tied = best[start]
            piece = run[start:end]
            if piece in values or not _could_be(piece, is_number=is_number):
                continue
            if is_number and values and int(values[-1]) > int(piece):
                continue  # numbers stand in their order
            is_known = len(piece) < len(run) and words.has(piece) and piece.lower() not in _OF_SENTENCES
            if not is_known and (new or len(piece) > MAX_NEW or "_" in piece or "-" in piece):
                continue  # what is longer may be two words
            cost = new + (0 if is_known else len(piece))
            known = best.get(end)
            if len(values) >= MAX_VALUES or (
                known is not None and (known[0], len(known[1])) < (cost, len(values) + 1)
            ):
                continue
            is_tie = known is not None and (known[0], len(known[1])) == (cost, len(values) + 1)
            best[end] = (cost, [*values, piece], tied or is_tie)
    new, values, tied = best.get(len(run), (0, [], False))
    return [] if tied or len(values) < 2 or new == len(run) else values


def _could_be(piece: str, *, is_number: bool) -> bool:
    if is_number:
        return re.fullmatch(r"0|[1-9]\d{0,3}", piece) is not None
    return re.fullmatch(r"[A-Za-z][\w-]*[A-Za-z0-9]", piece) is not None
