"""The blocks of a page: examples of requests and answers, `curl` commands, JSON Schemas, dumps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from understudy.specs.readers.fields.shapes import ENVELOPE
from understudy.specs.readers.pages import (
    body_schemas,
    filled_paths,
    former_calls,
    http_body,
    listed_calls,
    listed_values,
    sent_forms,
)
from understudy.specs.readers.pages.later_answers import OF_ANSWERS
from understudy.specs.readers.pages.loose_examples import MAX_LOOSE, is_loose
from understudy.specs.readers.pages.page_lines import OPERATION
from understudy.specs.readers.pages.page_operations import MAX_NAMED
from understudy.specs.readers.pages.program_blocks import ProgramBlocks
from understudy.specs.readers.pages.shown_places import ShownPlaces
from understudy.specs.readers.text.page_text import BODILESS, Line, path_of
from understudy.specs.readers.text.part_headings import leads_to_another
from understudy.specs.readers.trees import examples
from understudy.specs.readers.trees.examples import curl_lines as curl_end

if TYPE_CHECKING:
    from understudy.specs.readers.pages.page_state import PageState

_FRAGMENT = re.compile(r"\s*\"(?P<name>[A-Za-z_][\w-]{0,79})\"\s{0,3}[:：]\s{0,40}(?=[\[{])")
# What ids of examples have that names of operations rarely do.
_ID = re.compile(r"[-_\d]")
# What stands before the JSON of a block: blanks, a comment that says which body it is, or what a program
# prints above an answer.
_PRINTED_LINE = (
    r"(?i:(?:http\s)?status(?:[ _]code)?|response(?:[ ](?:body|json))?|状态码|响应(?:内容|体)?)"
    r"[ ]?[:：][ \w]{0,30}"
)
# What a body has that tells an error and nothing of a task.
_BESIDE_ERROR = frozenset(
    ("error", "success", "ok", "code", "message", "msg", "request_id", "requestId", "trace_id", "timestamp")
)
_DOCUMENT = re.compile(
    rf"\s{{0,400}}(?:(?:(?://|#)[^\n{{}}\[\]\"]{{0,200}}|{_PRINTED_LINE})\n\s{{0,400}}){{0,3}}(?=[{{\[])"
)
_PRINTED = re.compile(r"(?i:status|状态码)[^\n\d]{0,12}(?P<status>[1-5]\d\d)\b")
MAX_DOCUMENTS = 12
_QUERY = re.compile(r"\?[A-Za-z_]\w{0,79}=")
# So many names of a request tell which example is none of it; and what is in answers.
MIN_KNOWN = 2
# So many lines below a heading an example is what that says.
MAX_BELOW_HEADING = 3
# So many lines above a block, with its fence, one may lead to it.
MAX_ABOVE = 4
_ANSWERED = re.compile(
    r"(?:err(?:or)?_?)?(?:code|msg|message|status)|resp(?:onse)?|data|result|output|error|success|id|\w{1,40}(?:_id|Id|_ID)",
    re.IGNORECASE,
)
# What nobody sends: the id of a task and how far it is, and nothing else.
_OF_A_RECORD = re.compile(
    r"id|\w{1,40}(?:_id|Id|_ID)|(?:task_?|job_?)?(?:status|state)|created_?at|progress", re.IGNORECASE
)


class BlockReader:
    """Reads one block after the other into the operations of the page."""

    def __init__(self, page: PageState) -> None:
        self.page = page
        # The line behind the last command that sends a body, and the keys of that.
        self.sent: tuple[int, frozenset[str]] = (-1, frozenset())
        self.placed = ShownPlaces(page)
        self.programs = ProgramBlocks(page, self.placed)

    def read(self, lines: list[Line]) -> None:
        """A fenced block: the request line of an HTTP example, or a JSON example of the body."""
        if not lines:
            return
        starts = [n for n, line in enumerate(lines) if examples.is_curl(line.text)]
        if len(starts) > 1 or (starts and (starts[0] > 0 or lines[0].text.lstrip().startswith("#"))):
            self._several(lines, starts)
            return
        if (
            former_calls.leave(self.page, lines)
            or listed_calls.take(self.page, lines)
            or self._leave_another(lines)
            or self.programs.take(lines)
        ):
            return
        found = OPERATION.match(lines[0].text.strip()[:500])
        host = (found["host"] or http_body.host_of(lines[1:])) if found else ""
        was_silent = self.page.current.says_nothing
        if found and (
            self.page.operations.begin(
                found["method"].lower(), path_of(found), host, lines[0].number, alone=len(lines) == 1
            )
            or (was_silent and self.page.is_past)
        ):
            self.page.restart()
        if found and "?" in lines[0].text:
            self.page.asked(lines[0].text, lines[0].number)
        if found and found["method"].lower() not in BODILESS and (message := http_body.of_message(lines)):
            shown = examples.shown(message.text, 0, message.number, self.page.log)
            self.placed.place(shown, "body")
            return
        text = "\n".join(line.text for line in lines)
        if listed := listed_values.of_block(lines):
            self.page.listed.setdefault(*listed)
        elif sent := examples.curl(text := examples.unspliced(text)):
            self._sent(sent, text, lines[0].number)
            self.programs.commented(lines[curl_end([line.text for line in lines], 0) :])
        elif fragment := _FRAGMENT.match(text[:500]):
            self._fragment(fragment, text, lines[0].number)
        elif text.lstrip()[:1] == "{" and self.page.section == "callback":
            self._told(text, lines)
        elif _DOCUMENT.match(text) and self._takes_example(text):
            self._documents(text, lines[0].number)

    def _leave_another(self, lines: list[Line]) -> bool:
        """Whether the line above a block of JSON leads to something that is of no call; then that is told."""
        above = self.page.log.document.lines[max(lines[0].number - MAX_ABOVE, 0) : lines[0].number - 1]
        led = next((one.strip() for one in reversed(above) if one.strip(" `~\tjson")), "")
        is_another = lines[0].text.lstrip()[:1] == "{" and leads_to_another(led.strip("*_ "))
        if is_another:
            self.page.log.note("untold", "an example of what no call sends or answers", lines[0].number)
        return is_another

    def _documents(self, text: str, first: int) -> None:
        """The JSON of a block: mostly one body, and several with a comment above each."""
        start = 0
        for _ in range(MAX_DOCUMENTS):
            found = _DOCUMENT.match(text, start)
            if found is None:
                return
            line = first + text[: found.end()].count("\n")
            shown = examples.shown(text, found.end(), line, self.page.log)
            if shown is None:
                return
            said = self.page.section, self.page.status
            if printed := _PRINTED.search(found.group()):
                self.page.section, self.page.status = "response", printed["status"]
            if not body_schemas.take(self.page, shown.root, text, line):
                self._shown(shown, line)
            self.page.section, self.page.status = said
            start = shown.end

    def _shown(self, shown: examples.Shown, line: int) -> None:
        """An example of JSON: an answer, a request, or one that is of another call than the one at hand."""
        if self._tells_an_error(shown.value, line):
            self._refused(shown)
            return
        if self.page.is_led_to(line):
            before, self.page.status = self.page.status, self.page.answer[0]
            self.placed.place(shown, "response")
            self.page.status, self.page.answer = before, ("", -100)
            return
        is_apart = self._is_of_no_answer(shown.value) if self.page.section == "response" else (
            self.page.section == "body" and (
                is_loose(self.page.operations) or self._is_spelled_otherwise(shown.value)
            )
        )  # fmt: skip
        if is_apart:
            self._set_apart(shown)
            return
        is_answer = self._is_answer(shown.value) or (
            not self._is_headed(line)
            and (self._follows_its_request(shown.value, line) or self._is_of_no_request(shown.value))
        )
        is_new = (
            is_answer
            if self.page.section == "body"
            else self.page.section == "response" and self.page.is_past
        )
        if self.page.is_of_errors and is_new:
            self._refused(shown)
            return
        self.placed.place(shown, "response" if is_answer else self.page.section)

    def _tells_an_error(self, value: Any, line: int) -> bool:
        """Whether an example is of an error alone, where nothing says with which status it is answered."""
        page = self.page
        is_said = page.is_said and 0 < line - page.said_line <= MAX_BELOW_HEADING
        return (
            page.section in ("body", "response")
            and not is_said
            and page.status[:1] not in "45"
            and isinstance(value, dict)
            and bool(value.get("error"))
            and not isinstance(value["error"], bool)
            and value.keys() <= _BESIDE_ERROR
            and not value.get("success")
        )

    def _refused(self, shown: examples.Shown) -> None:
        """An answer below a heading about errors: a refusal, or what became of a task, which is a query's."""
        is_record = isinstance(shown.value, dict) and any(map(OF_ANSWERS.fullmatch, shown.value))
        if is_record and self.page.current.role == "create":
            self.page.log.note(
                "untold", "what is told of a task that failed is of no operation", shown.root.line
            )
            return
        before, self.page.status = self.page.status, self.page.status if is_record else "4XX"
        self.placed.place(shown, "response")
        self.page.status = before

    def _is_of_no_answer(self, value: Any) -> bool:
        """Whether an example stands below a higher heading than its operation, of no part of that, and has
        none of the outer names of the answer that is known."""
        page = self.page
        known = {
            one.path[0]
            for fields in (
                page.current.responses.get(page.status, ()),
                page.current.shown.get(page.status, ()),
            )
            for one in fields
        }
        is_over = page.operations.is_far and page.operations.part > page.said_at
        return is_over and isinstance(value, dict) and bool(known) and not known & value.keys()

    def _is_spelled_otherwise(self, value: Any) -> bool:
        """Whether an example has fields that are stated by other names, `taskName` for task_name: it is what
        a program of the page's own takes, which calls the operation."""
        if not isinstance(value, dict):
            return False
        names = {one.path[0] for one in self.page.operations.with_body().request}
        others = [key for key in value if key not in names and not key.islower()]
        return any(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower() in names for key in others)

    def _set_apart(self, shown: examples.Shown) -> None:
        """An example that is of one of several calls, or of none."""
        if len(self.page.loose) == MAX_LOOSE:
            self.page.log.cut(f"{MAX_LOOSE} examples apart from calls are read", shown.root.line)
        elif isinstance(shown.value, dict) and shown.value:
            self.page.loose.append(examples.shown_fields(shown.root, self.page.log))

    def _told(self, text: str, lines: list[Line]) -> None:
        """An example of what a callback holds."""
        start = len(text) - len(text.lstrip())
        shown = examples.shown(text, start, lines[0].number, self.page.log, quiet=True)
        if shown is not None and isinstance(shown.value, dict):
            self.page.told = (lines[-1].number + 1, frozenset(shown.value))

    def _several(self, lines: list[Line], starts: list[int]) -> None:
        """Commands one below the other, each perhaps with a comment above that says what it does."""
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            comment = lines[start - 1].text.strip() if start else ""
            behind = curl_end([line.text for line in lines[:end]], start)
            self.read(lines[start:behind])
            self.programs.commented(lines[behind:end])
            if comment.startswith("#") and not self.page.current.label:
                self.page.current.label = comment.strip("# ")
        # An overview of several is no description of the last one.
        self.page.operations.is_apart = len(starts) > 1

    def _takes_example(self, text: str) -> bool:
        return self.page.section != "callback" and (
            self.page.section in ("body", "response")
            or self.page.current.method in BODILESS
            or '"jsonSchema"' in text
            or (
                self.page.section == "header"
                and '"header"' not in text
                and not self.page.current.says_nothing
            )
        )

    def _is_answer(self, value: Any) -> bool:
        """Whether an example under no heading is an answer: a GET has no body, nobody sends an envelope."""
        if isinstance(value, dict) and value.keys() <= ENVELOPE and {"code", "data"} <= value.keys():
            return True
        if (
            self.page.section == "body"
            and self.page.is_said
            and self.page.operations.with_body() is not self.page.current
        ):
            return False  # under a heading that says so, and another operation sends one
        return self.page.current.method in BODILESS

    def _is_headed(self, line: int) -> bool:
        """Whether the line right above an example heads a request: then it is one, whatever it holds."""
        page = self.page
        return page.section == "body" and page.is_said and 0 < line - page.said_line <= MAX_BELOW_HEADING

    def _follows_its_request(self, value: Any, line: int) -> bool:
        """Whether an example stands right behind the command that sends another body: what comes back."""
        end, keys = self.sent
        if not isinstance(value, dict) or not value or not 0 <= line - end <= 1:
            return False
        new = value.keys() - keys
        return len(new) == len(value) or any(map(OF_ANSWERS.fullmatch, new))

    def _is_of_no_request(self, value: Any) -> bool:
        """Whether an example shares nothing with a request that is known, and has what answers have."""
        draft = self.page.operations.with_body()
        names = draft.sent_names
        if self.page.section != "body" or self.page.inside or not isinstance(value, dict):
            return False
        if names & value.keys():
            needed = {one.path[0] for one in draft.request if len(one.path) == 1 and one.get("required")}
            new = value.keys() - names
            return bool(needed - value.keys()) and any(map(OF_ANSWERS.fullmatch, new))
        if not names:
            return False
        is_record = all(map(_OF_A_RECORD.fullmatch, value)) and any(map(OF_ANSWERS.fullmatch, value))
        return is_record or (len(names) >= MIN_KNOWN and any(map(_ANSWERED.fullmatch, value)))

    def _sent(self, sent: examples.SentRequest, text: str, line: int) -> None:
        """A `curl` command: the operation that it calls, and the body that it sends."""
        current = self.page.current
        is_bare = sent.method == "get" and sent.body < 0 and not _QUERY.search(text)
        if is_bare and sent.path == current.path and current.method:
            return  # a command that says neither method nor body is of the operation that the page states
        if (
            current.method == sent.method
            and "{" in current.path
            and filled_paths.fills(sent.path, current.path)
        ):
            path = current.path
        else:
            path = self._asked_for(sent)
        was_silent = current.says_nothing
        is_other = self.page.operations.begin(sent.method, path, sent.server.removeprefix("https://"), line)
        if is_other or (was_silent and self.page.is_past):
            self.page.restart()
        self.page.current.sent = True
        self.page.asked(text[: max(sent.body, 0) or len(text)], line)
        if sent.body >= 0:
            at = line + text[: sent.body].count("\n")
            shown = examples.shown(text, sent.body, at, self.page.log)
            if shown is not None and isinstance(shown.value, dict):
                self.sent = (line + text.count("\n") + 1, frozenset(shown.value))
            self.placed.place(shown, "body")
        elif sent.form:
            self.placed.place(sent_forms.shown_form(sent.form, text, line), "body", is_form=True)

    def _asked_for(self, sent: examples.SentRequest) -> str:
        """The path that a command calls; what stands behind the path of a create is the id of a task."""
        stated = [one.path for one in self.page.operations.drafts[:MAX_NAMED] if one.method == sent.method]
        if sent.path not in stated and (
            filled := filled_paths.template_of(sent.path, stated, self.page.log.document.lines)
        ):
            return filled
        if filled := filled_paths.inside(sent.path, stated):
            return filled
        head, _, last = sent.path.rpartition("/")
        if sent.method != "get" or sent.body >= 0 or not _ID.search(last):
            return sent.path
        creates = (one.path for one in self.page.operations.drafts[:MAX_NAMED] if one.method == "post")
        return f"{head}/{{id}}" if head and head in creates else sent.path

    def _fragment(self, fragment: re.Match[str], text: str, line: int) -> None:
        """JSON without the brackets around it, `"image_list": […]`: it shows what is inside of that field."""
        at = line + text[: fragment.end()].count("\n")
        shown = examples.shown(text, fragment.end(), at, self.page.log, quiet=True)
        place = self.page.place_of(fragment["name"])
        if shown is None or place is None:
            return
        section, field = place
        draft = self.page.operations.with_body()
        self.page.show(
            draft,
            section if section == "body" else self.page.status,
            examples.shown_fields(shown.root, self.page.log, field.path),
        )
