"""Blocks of a page that are programs: the calls that they make, and answers that comments behind them have.

    resp = requests.post("https://api.example.com/v1/clips", json={"prompt": "a cat"})
    print(resp.json())  # {"task_id": "t-1"}

A program calls what the page states, or what is at one of its hosts: other services are none of the page's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.pages import filled_paths
from understudy.specs.readers.pages.page_lines import OPERATION
from understudy.specs.readers.pages.page_operations import MAX_NAMED
from understudy.specs.readers.text.page_text import path_of
from understudy.specs.readers.text.program_objects import as_json
from understudy.specs.readers.trees import examples
from understudy.specs.readers.trees.answers_in_comments import answers_in
from understudy.specs.readers.trees.library_calls import library_calls, named_addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.pages.operation_drafts import OperationDraft
    from understudy.specs.readers.pages.page_state import PageState
    from understudy.specs.readers.pages.shown_places import ShownPlaces
    from understudy.specs.readers.text.page_text import Line
    from understudy.specs.readers.trees.library_calls import LibraryCall

MAX_LINE, MAX_LINES = 400, 4_000
_PARAMETER = re.compile(r"\{[\w.-]{1,60}\}")


class ProgramBlocks:
    """Reads the programs of a page into its operations."""

    def __init__(self, page: PageState, placed: ShownPlaces) -> None:
        self.page, self.placed = page, placed
        self.known = named_addresses(page.log.document)
        self.named = _named_paths(page.log.document.lines)

    def take(self, lines: Sequence[Line]) -> bool:
        """Whether a block is a program that calls operations; then it is read."""
        block = [(line.number, line.text) for line in lines]
        calls = [one for one in library_calls(block, self.known) if self._is_ours(one, block)]
        if not calls:
            return False
        home = self.page.current
        drafts = [self._drafted(one) for one in calls]
        for draft, call in zip(drafts, calls, strict=True):
            self._take(draft, call)
        for index, status, shown in answers_in(lines, self.page.log):
            above = [
                draft for draft, one in zip(drafts, calls, strict=True) if one.line <= lines[index].number
            ]
            if above:
                self._answered(above[-1], status, shown)
        # A program that makes the call at hand and others says nothing of what follows.
        stays = home if len(calls) > 1 and home.path else drafts[0]
        if stays is not home:
            self.page.operations.current = stays
            self.page.restart()
        return True

    def commented(self, lines: Sequence[Line]) -> None:
        """The lines behind a command, whose comments may hold its answer."""
        for _, status, shown in answers_in(lines, self.page.log):
            self._answered(self.page.current, status, shown)

    def _answered(self, draft: OperationDraft, status: str, shown: examples.Shown) -> None:
        """An answer that a comment holds below a call, unless it has but what is sent."""
        names = set(shown.value) if isinstance(shown.value, dict) else set()
        if names and names <= draft.sent_names:
            return
        operations, page = self.page.operations, self.page
        before = operations.current, page.status, page.inside
        operations.current, page.status, page.inside = draft, status, ()
        self.placed.place(shown, "response")
        operations.current, page.status, page.inside = before

    def _is_ours(self, call: LibraryCall, block: Sequence[tuple[int, str]]) -> bool:
        if not call.path.strip("/") or examples.is_media(call.path):
            return False
        if self._stated(call) is not None:
            return True
        drafts = self.page.operations.drafts[:MAX_NAMED]
        hosts = {re.sub(r"\Ahttps?://", "", server) for one in drafts for server in one.servers}
        is_first = not any(one.path for one in drafts)
        is_first = is_first and not hosts and not self._is_of_another(call, block)
        return bool(call.host) and (call.host in hosts or is_first)

    def _is_of_another(self, call: LibraryCall, block: Sequence[tuple[int, str]]) -> bool:
        """Whether a call above all others is of another service: the page names its calls, and neither
        this one nor its host stands anywhere but here."""
        if not self.named or any(_ends(call.path, one) for one in self.named):
            return False
        here = sum(text.count(call.host) for _, text in block)
        return self.page.log.document.text.count(call.host) <= here

    def _stated(self, call: LibraryCall) -> OperationDraft | None:
        """The operation that a call is of, whatever it calls the parameters of the path."""
        path = call.path.rstrip("/")
        drafts = [one for one in self.page.operations.drafts[:MAX_NAMED] if one.path]
        found = [one for one in drafts if one.method in (call.method.lower(), "") and _same(path, one.path)]
        if not found and not call.host:
            found = [one for one in drafts if one.method == call.method.lower() and _ends(one.path, path)]
        return found[0] if len(found) == 1 else None

    def _drafted(self, call: LibraryCall) -> OperationDraft:
        """The operation of a call: one that is stated, that at hand if it lacks a path, or a new one."""
        stated = self._stated(call)
        operations = self.page.operations
        if stated is None:
            home, path = operations.current, examples.with_parameter(call.path)
            operations.begin(call.method.lower(), path, call.host, call.line)
            stated, operations.current = operations.current, home
        elif not stated.method:
            stated.method = call.method.lower()
        return stated

    def _take(self, draft: OperationDraft, call: LibraryCall) -> None:
        """What a call sends, in its address and its body."""
        operations, page = self.page.operations, self.page
        draft.sent = True
        before = operations.current, operations.is_apart, page.inside
        operations.current, operations.is_apart, page.inside = draft, False, ()
        if call.query:
            page.asked("?" + "&".join(f"{name}={{{name}}}" for name in call.query), call.line)
        if call.body:
            text = as_json("\n".join(line for _, line in call.body))
            # That an object of a program is no JSON is worth no note.
            quiet = FactLog(page.log.document, page.log.kind, values_read=page.log.values_read)
            shown = examples.shown(text, 0, call.body[0][0], quiet, quiet=True)
            page.log.values_read = quiet.values_read
            if shown is not None and isinstance(shown.value, dict):
                self.placed.place(shown, "body")
        operations.current, operations.is_apart, page.inside = before


def _named_paths(lines: Sequence[str]) -> set[str]:
    """The paths of the calls that the lines of a page name, beside its programs and in them."""
    found = (OPERATION.search(line[:MAX_LINE]) for line in lines[:MAX_LINES] if "/" in line)
    return {path_of(one) for one in found if one}


def _ends(stated: str, path: str) -> bool:
    """Whether a path is the end of one that is stated, whose beginning is that of all of them."""
    return _PARAMETER.sub("{}", stated.rstrip("/")).endswith(_PARAMETER.sub("{}", path))


def _same(path: str, stated: str) -> bool:
    mine, theirs = _PARAMETER.sub("{}", path), _PARAMETER.sub("{}", stated.rstrip("/"))
    return mine == theirs or ("{" in stated and "{" not in path and filled_paths.fills(path, stated))
