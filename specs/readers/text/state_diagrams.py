"""The states of a task as arrows tell them, on one line or several.

pending → processing → completed / failed        queued -> running -> done        queued --> running
                                                              └-> failed          running --> failed
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_LINE = 400
MAX_BELOW = 12
MIN_STATES = 3
MIN_OTHERS = 4  # of so many states one may have any name

_ONE = r"[`\"*]{0,3}[A-Za-z][A-Za-z_-]{2,29}(?<![-_])[`\"*]{0,3}"
_ARROW = r"\s{0,12}(?:→|⟶|➔|➜|↘|(?<![-=])(?:-{1,3}|={1,2})>)\s{0,12}"
_OR = r"\s{0,2}(?:/|\||,|、|\bor\b|或)\s{0,2}(?:or\s)?"
_SEVERAL = rf"{_ONE}(?:{_OR}{_ONE}){{0,5}}"
_DIAGRAM = re.compile(
    rf"(?<![\w./-]){_ONE}(?:{_ARROW}{_SEVERAL}){{1,8}}(?:\s?[(（](?:or\s|或\s?)?{_SEVERAL}[)）])?(?![\w./-])"
)
# A branch of what stands above: "↘ failed", "└-> failed".
_BRANCH = re.compile(
    rf"[\s│|]{{0,60}}[└├╰↘↓\\][─-]{{0,4}}[>→]?\s{{0,4}}(?P<states>{_SEVERAL}(?:{_ARROW}{_SEVERAL}){{0,4}})\s{{0,8}}\Z"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{2,29}(?<![-_])")
# What a state is called, and no step that somebody takes: "queued", not "queue".
_STATE = re.compile(
    r"(?:not_?|in_?|is_?|task_?)?(?:pending|queue[d]?|queu(?:e)?ing|waiting|waits|submitted|created|scheduled|starting|started|process(?:ing|ed)|running|working|(?:in_?)?progress|generating|rendering|succeed(?:ed)?|success(?:ful)?|completed?|finished|done|ready|fail(?:ed|ure)?|error(?:ed)?|cancell?ed|expired|rejected|time(?:d_)?out|aborted)",
    re.IGNORECASE,
)
# What the words before a diagram speak of, if they speak of a task: none of "build", "our workers".
_OF_A_TASK = re.compile(
    r"task|job|stat(?:e|us)|life\s?cycle|generation|request|progress|\b(?:it|they)\b|任务|作业|状态|流程|流转|生命周期|进度|请求",
    re.IGNORECASE,
)
_ENDS_BADLY = re.compile(r"fail|error|cancel|reject|expire|abort", re.IGNORECASE)


def state_diagrams(lines: Sequence[str]) -> tuple[list[list[tuple[int, str]]], list[list[tuple[int, str]]]]:
    """The diagrams of a page's lines, each state with its line; and those that leave out how a task fails, of
    which there may be further states, or that may be of something else."""
    whole: list[list[tuple[int, str]]] = []
    cut: list[list[tuple[int, str]]] = []
    for found in _diagrams(lines):
        states = list({state.lower(): (number, state) for number, state in reversed(found)}.values())[::-1]
        known = sum(_STATE.fullmatch(state) is not None for _, state in states)
        if len(states) >= MIN_STATES and known >= len(states) - (len(states) >= MIN_OTHERS):
            is_whole = any(_ENDS_BADLY.search(state) for _, state in states)
            is_whole = is_whole and not _is_of_another(lines[states[0][0] - 1][:MAX_LINE], states[0][1])
            (whole if is_whole else cut).append(states)
    return whole, cut


def _is_of_another(line: str, state: str) -> bool:
    """Whether the words before the first state of a diagram speak of something that is no task."""
    before = line.partition(state)[0]
    return any(word.isalpha() for word in before) and not _OF_A_TASK.search(before)


def _diagrams(lines: Sequence[str]) -> Iterator[list[tuple[int, str]]]:
    """The words between arrows, of lines one below the other together."""
    held: list[tuple[int, str]] = []
    last = 0
    for number, line in enumerate(lines, 1):
        text = line[:MAX_LINE]
        found = _DIAGRAM.search(text) if ">" in text or "→" in text or "➔" in text or "↘" in text else None
        branch = _BRANCH.match(text) if held and not found else None
        if held and (number - last > 1 or not (found or branch)) and (found or line.strip()):
            yield held
            held = []
        words = found.group() if found else branch["states"] if branch else ""
        if words and len(held) <= MAX_BELOW:
            held += [(number, one) for one in _WORD.findall(words) if one != "or"]
            last = number
    if held:
        yield held
