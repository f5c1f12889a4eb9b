"""The operations of a page while it is read: which one a line begins, and which one is being described.

A page may state an operation in one line (`POST /v1/x`), as two (`Method: POST`, `Path: /v1/x`), or in a row
of an overview; what follows belongs to it until a line, or a heading that names another one, ends that.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import Field, Parameter
from understudy.specs.readers.pages import page_shared as shared
from understudy.specs.readers.pages.finished_operations import finished
from understudy.specs.readers.pages.operation_drafts import OperationDraft
from understudy.specs.readers.pages.operation_roles import role_of_heading
from understudy.specs.readers.pages.path_templates import below_base, template_of
from understudy.specs.readers.text.page_text import ACTION, BODILESS, METHODS, braced, path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.pages.returned_ids import Giver

MAX_OPERATIONS = 1_000
# Of so many operations a heading may name one.
MAX_NAMED = 100
MAX_METHODS = 4  # of one address
# A method and a path that stand this many lines apart belong together.
_NEAR_LINES = 6
# So many names has a list of all parameters in common with the examples of some of them.
MIN_SHARED = 3
# What is in a record of a task and in no request for one.
_OF_A_RECORD = re.compile(
    r"(?:(?:task|request|job)_?)?(?:id|status|state)|code|message|error|data|result|output|\w{1,20}ed_?at",
    re.IGNORECASE,
)

_CALL_CELL = re.compile(
    rf"`?(?P<method>{'|'.join(METHODS).upper()}|Post|Get|Put|Patch|Delete)`?\s{{1,3}}`?(?P<path>\S{{2,300}})\Z"
)
_PATH_CELL = re.compile(
    r"(?:\{[^{}/]{1,40}\})?(?P<host>https?://[^/\s]+)?(?P<path>/(?:[\w.~/{}:-]*[\w}]|(?="
    rf"{ACTION})))(?:\?\S{{0,300}})?\Z"
)
# Of a heading that names an operation's answer by what the operation does: "Create response", 提交响应.
_OF_ANSWER = re.compile(r"\b(?:response|answer|reply)\b|响应|返回", re.IGNORECASE)


# The same of what is sent: "Result request parameters", "Task submission parameters".
_OF_PART = re.compile(
    r"\b\w+\s+request\s+(?:parameters?|body|fields?)|\b(?:submission|creation)\s+(?:parameters?|body|fields?)",
    re.IGNORECASE,
)
# A field that tells how far a task is: nobody sends it.
OF_STATES = re.compile(r"(?:task_?)?(?:status|state)", re.IGNORECASE)
# Of a heading above what several operations have in common.
_COMMON = re.compile(r"\b(?:common|shared|both|general)\b|公共|公用|通用|共同|共有", re.IGNORECASE)
_OF_FIELDS = re.compile(r"param|field|argument|attribute|request|body|参数|字段|请求", re.IGNORECASE)
# Behind the heading of an operation in one about its own fields, and how long such a heading is at least.
_OF_ONE = re.compile(
    r"[\s:：,(（–—-]{0,4}(?:(?:specific|own|additional|extra|only|request|body|input|parameters?|params?|options?|fields?|settings?|专有|特有|专用|独有|请求|的|参数|字段|选项)[\s)）]{0,2}){1,5}"
)
MIN_HEADING = 4
# Of a part of the operation at hand: "Query parameters" name no operation that is queried.
_OF_PARAMETERS = re.compile(
    r"(?:query|path|url)\s*(?:string|param|arg)|(?:查询|路径)(?:字符串)?参数", re.IGNORECASE
)


def states_operation(cells: Sequence[str]) -> tuple[str, re.Match[str]] | None:
    """The method and the path that the cells of a row state, or None: each in its own, or both in one of the
    first."""
    both = next((one for cell in cells[:3] if (one := _CALL_CELL.match(cell.strip("*` ")))), None)
    if both and (path := _PATH_CELL.match(both["path"])):
        return both["method"].lower(), path
    method = next((several[0] for cell in cells if (several := _methods_of(cell))), "")
    found = next((one for cell in cells if (one := _PATH_CELL.match(cell.strip("*` ")))), None)
    return (method, found) if method and found else None


def _methods_of(cell: str) -> list[str]:
    """The methods that a cell names, and nothing else: "POST/GET" is two operations at one address."""
    several = [one.strip("*` ").lower() for one in re.split(r"[/,|、]", cell[:60])]
    return several if all(one in METHODS for one in several) else []


def _bare(heading: str) -> str:
    return heading.strip("#* `:：").lower()


class Operations:
    """The operations of a page in order, and the `current` one."""

    def __init__(self, log: FactLog) -> None:
        self.log = log
        self.bases: frozenset[str] = frozenset()  # the paths with which all the page's addresses begin
        self.drafts = [OperationDraft()]
        self.current = self.drafts[0]
        self._by_key: dict[tuple[str, str], OperationDraft] = {}
        self.level, self.part = 0, 0  # of the last heading, and how many there were
        self.title, self.common = "", 0  # the last heading; how deep that of what all have in common stands
        self.givers: list[Giver] = []  # operations that sentences name as what gives an id
        self.is_apart = False  # whether a heading as high as the operation's own has ended it
        self.is_far = False  # whether one that is higher has
        self.has_list = False  # whether a block of the page lists its calls
        self._method, self._method_line = "", -_NEAR_LINES
        self._path, self._path_line = "", -_NEAR_LINES

    def begin(self, method: str, path: str, host: str | None, line: int, *, alone: bool = False) -> bool:
        """An operation as a line states it, in whole or in part; whether another one than before is current.

        It is a new one, unless the current one waits for just this, or the page has stated it before.
        `alone` says that the line holds nothing else.
        """
        before, known = self.current, self.drafts[:MAX_NAMED]
        path, base = below_base(method, braced(path), known, self.bases)
        host = f"{host}{base}" if host else host
        path = self._spelled(method, self._lengthened(method, template_of(method, path, known)))
        if method:
            self._method, self._method_line = method, line
        if path:
            self._path, self._path_line = path, line
        if (
            (method or before.method) == before.method
            and (path or before.path) == before.path
            and before.path
        ):
            self._also(before, host, alone)
            return False
        if before.path and path == before.path and not before.method:
            before.method = method  # an address stood alone; an example below says how it is called
            self._keep(before)
            self._also(before, host, alone)
            return False
        is_first = len(self.drafts) == 1 or before.title != ""  # an operation that its heading began
        if path and not before.path and is_first and (method or "post") == "post":
            before.line = before.line or line  # the page says last where what it describes is sent
        elif not before.is_empty or (path and before.path):
            self._turn(method, path, line)
        current = self.current
        if current is self.drafts[0] and path and not current.path and current.says_nothing:
            current.part = self.part  # nothing said it of the first one
        current.method, current.path = method or current.method, path or current.path
        self._keep(current)
        current.line = line if path or not current.line else current.line
        self._also(current, host, alone)
        if host:
            current.servers = [_server(host)]
        return current is not before

    def _also(self, draft: OperationDraft, host: str | None, alone: bool) -> None:
        draft.sent = draft.sent or (alone and bool(draft.method and draft.path))
        draft.level, draft.title, self.is_apart, self.is_far = self.level, self.title, False, False
        if host and not draft.servers:
            draft.servers = [_server(host)]

    def _turn(self, method: str, path: str, line: int) -> None:
        """Go to the operation with this method and path: one of those stated before, or a new one."""
        if path and not method and line - self._method_line <= _NEAR_LINES:
            method = self._method
        if method and not path and line - self._path_line <= _NEAR_LINES:
            path = self._path
        known = self._known(method, path) if path else None
        if known is None:
            if len(self.drafts) == MAX_OPERATIONS:
                self.log.cut(f"{MAX_OPERATIONS:,} operations of a page are read", line)
            known = OperationDraft(method, path, line)
            known.part = self.part
            if path and self.current.part == self.part and shared.are_twins(self.current, known):
                known.alike = [*self.current.alike, self.current]
            self.drafts.append(known)
            self._keep(known)
        self.current = known

    def begin_unsaid(self, title: str, line: int) -> None:
        """An operation that a heading begins, and whose path nothing says yet."""
        if len(self.drafts) == MAX_OPERATIONS:
            self.log.cut(f"{MAX_OPERATIONS:,} operations of a page are read", line)
            return
        level, part = self.current.level, self.part
        self.current = OperationDraft("", "", line, level=level, title=title, part=part)
        self.drafts.append(self.current)
        self.is_apart = self.is_far = False

    def mention(self, method: str, path: str, line: int, label: str | None = None) -> None:
        """An operation that a sentence about another one names: what follows is not of it. A label, or "", is
        said of one in a list of calls: it is called, and a later heading may name it by what it does."""
        if self._known(method, braced(path)) is None and len(self.drafts) < MAX_OPERATIONS:
            self.drafts.append(OperationDraft(method, braced(path), line))
            self._keep(self.drafts[-1])
        draft = self._known(method, braced(path))
        if draft is not None and label is not None:
            self.has_list = draft.sent = True
            draft.label = draft.label or label

    def called(self, host: str, path: str, line: int, parameter: str) -> None:
        """A query that a program calls; `parameter` is in its address, "" where the path holds the id."""
        self.mention("get", path, line)
        draft = self._known("get", braced(path))
        if draft is not None:
            draft.sent, draft.servers = True, draft.servers or [_server(host)]
            if parameter:
                type_ = self.log.keyword("type", "string", line, "example")
                field = Field((parameter,), (type_,), line=line)
                draft.asked.setdefault(parameter, Parameter("query", field))

    def _known(self, method: str, path: str) -> OperationDraft | None:
        """The operation with this method and path, of those stated before."""
        found = self._by_key.get((method, path))
        return found if found is not None and (found.method, found.path) == (method, path) else None

    def _spelled(self, method: str, path: str) -> str:
        """The path as it was stated before, with a slash at its end or without: commands are read without."""
        other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
        is_stated = path.strip("/") and self._known(method or self.current.method, other) is not None
        return other if is_stated else path

    def _lengthened(self, method: str, path: str) -> str:
        """The path as the page states it in full, where it leaves out `/api` elsewhere: an overview may."""
        if not method or not path.strip("/"):
            return path
        if path.startswith("/api/") and (short := self._known(method, path.removeprefix("/api"))):
            if not short.servers:
                short.path = path
                self._keep(short)
        elif self._known(method, f"/api{path}"):
            return f"/api{path}"
        return path

    def _keep(self, draft: OperationDraft) -> None:
        """Find the draft again by its method and path, which may be said one after the other."""
        if self._known(draft.method, draft.path) is None:
            self._by_key[draft.method, draft.path] = draft

    def row(self, cells: Sequence[str], line: int) -> bool:
        """A row that has a method in one cell and a path in another: `https | /v1/x | POST`."""
        method, found = states_operation(cells) or ("", None)
        if found is None:
            return False
        host = (found["host"] or "").removeprefix("https://")
        is_other = self.begin(method, path_of(found), host, line, alone=True)
        if self.current is self.drafts[0]:
            self.current.part = self.part  # nothing said it of the first one
        label = next(
            (
                cell
                for cell in cells
                if not _PATH_CELL.match(cell.strip("*` "))
                and not _CALL_CELL.match(cell.strip("*` "))
                and not _methods_of(cell)
                and cell.strip("*` ").lower() not in ("https", "http", "application/json")
            ),
            "",
        )
        self.current.label = self.current.label or label.strip("` *")
        for other in [one for cell in cells for one in _methods_of(cell)][1:MAX_METHODS]:
            self.mention(other, path_of(found), line)
            if (also := self._known(other, braced(path_of(found)))) is not None:
                also.sent = True
        return is_other

    def heading(self, level: int, text: str, *, is_section: bool) -> bool:
        """A heading: it may name an operation stated before by its label or by what it does, or end the
        current one. Whether another one is current then."""
        self.level, self.part, self.title = level or self.level, self.part + 1, text if level else self.title
        own = self._of_heading(text)
        if level and self._is_common(text, level) and own is None:
            return False
        self.is_apart = self.is_apart and own is None
        named = own or self._named(text)
        if named is not None and named is not self.current:
            self.current, self.is_apart = named, False
            return True
        is_begun = self.current.path or self.current.title
        if named is None and level and level <= self.current.level and is_begun and not is_section:
            self.is_apart = True
            self.is_far = self.is_far or level < self.current.level
        return False

    def _is_common(self, text: str, level: int) -> bool:
        """Whether a heading above or as high as those of operations is of what all of them are sent."""
        if level <= self.common:
            self.common = 0
        is_common = _COMMON.search(text) and _OF_FIELDS.search(text) and not _OF_ANSWER.search(text)
        if is_common and level <= self.current.level and len(self.drafts) > 1:
            self.common = level
        self.is_apart = self.is_apart or bool(self.common)
        return self.common == level

    def _of_heading(self, text: str) -> OperationDraft | None:
        """The operation that was stated under a heading with which another begins: "Loop pro: parameters"."""
        wanted = _bare(text)
        found = [
            one
            for one in self.drafts[:MAX_NAMED]
            if len(title := _bare(one.title)) >= MIN_HEADING and wanted.startswith(title)
        ]
        longest = max((len(_bare(one.title)) for one in found), default=0)
        found = [one for one in found if len(_bare(one.title)) == longest]
        if len(found) != 1 or not _OF_ONE.fullmatch(wanted[longest:]):
            return None
        return found[0]

    def _named(self, text: str) -> OperationDraft | None:
        drafts = self.drafts[:MAX_NAMED]
        by_path = [one for one in drafts if one.method and one.is_called(text)]
        if len(by_path) == 1 and len(drafts) > 1:
            return by_path[0]
        is_labelled = self.has_list or any(one.label for one in drafts)
        if not is_labelled and not _OF_ANSWER.search(text) and not _OF_PART.search(text):
            return None
        if _OF_PARAMETERS.search(text):
            return None
        stated = [one for one in drafts if one.method and one.path]
        wanted = text.strip("#* `").lower()
        by_label = [one for one in stated if one.label and one.label.lower() == wanted]
        if len(by_label) == 1:
            return by_label[0]
        role = role_of_heading(text)
        by_role = [one for one in stated if role and one.role == role]
        if _OF_ANSWER.search(text) and any(one is self.current for one in by_role):
            self.current.alike = [one for one in by_role if one is not self.current]
        if len(by_role) != 1 or (_OF_ANSWER.search(text) and self._waits(by_role[0])):
            return None
        return by_role[0]

    def _waits(self, other: OperationDraft) -> bool:
        """Whether the current operation asks for something and has no answer yet, and `other` has its own: of two
        services on a page, the second may ask by a query where the first asks by a path."""
        current = self.current
        is_open = current.method in BODILESS and not (current.responses or current.shown)
        return is_open and current is not other and bool(other.responses or other.shown)

    def finished(self) -> list[OperationDraft]:
        """The operations of which something is said."""
        return finished(self.drafts[:MAX_OPERATIONS])

    def beside(self, heading: str, fields: Sequence[Field]) -> list[OperationDraft]:
        """The other operations whose request the fields below `heading` are as well: of an overview, where
        the heading says that they are of all; or whose example they allow, where it is no part of one."""
        others = [one for one in self.drafts[:MAX_NAMED] if one is not self.current and one.sent]
        others = [one for one in others if one.method not in BODILESS]
        if self.common and self.is_apart:
            return others
        if self.is_apart and _COMMON.search(heading):
            return [one for one in others if one.says_nothing]
        is_own = self.current.part == self.part  # below its own line, and no heading between
        if is_own or not 0 < self.level <= self.current.level or self.current.method != "post":
            return []
        return [one for one in others if one.method == "post" and shared.allows(fields, one)]

    def turn_to_sender(self, names: set[str]) -> None:
        """Go to the operation whose body shows or states most of `names`, where the current one has no body.

        Pages show how tasks are created and asked for, and describe then what is sent to create one.
        """
        if self.current.method not in BODILESS or len(names) < 2:
            return
        senders = [one for one in self.drafts[:MAX_NAMED] if one.method not in (*BODILESS, "")]
        fitting = [one for one in senders if len(names & one.sent_names) * 2 >= max(len(names), 4)]
        if not fitting and "{" in self.current.path and not any(map(_OF_A_RECORD.fullmatch, names)):
            # What a task is asked for by its id with are no parameters of the one that is created.
            fitting = [one for one in senders if len(names & one.sent_names) >= MIN_SHARED]
        asks_for_one = self.current.role == "query" or any(
            name.lower().endswith("id") for name in self.current.asked
        )
        is_answer = any(map(OF_STATES.fullmatch, names))
        if not fitting and asks_for_one and not is_answer and len(senders) == 1 and senders[0].says_nothing:
            fitting = senders  # nobody asks for one task by several fields of a body
        if len(fitting) == 1:
            self.current, self.is_apart = fitting[0], False

    def with_body(self) -> OperationDraft:
        """The operation that fields of a body belong to: the current one, or, where that has none and its
        part of the page has ended, the last one before it that has. What deletes a thing sends nothing,
        unless its own part of the page says so: what stands below a higher heading is not its own."""
        is_above = self.is_apart or self.level < self.current.level
        if (self.current.method in BODILESS and self.is_apart) or (
            self.current.method == "delete" and is_above
        ):
            others = (one for one in reversed(self.drafts) if one.method not in (*BODILESS, "delete", ""))
            return next(others, self.current)
        return self.current


def _server(host: str) -> str:
    """The address of a host; one that is said with how it is reached keeps that: http://localhost:8000."""
    return host if "://" in host else f"https://{host}"
