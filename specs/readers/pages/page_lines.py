"""The lines of a page outside of its tables and blocks: they name operations, and say what comes next."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from understudy.specs.readers.pages.heading_sections import is_of_refusal, says_call, section_of
from understudy.specs.readers.pages.holder_lines import HolderLines
from understudy.specs.readers.pages.methods_behind import with_method_first
from understudy.specs.readers.pages.named_calls import (
    MAX_TO_CALLED,
    finds_something,
    former_calls,
    is_instance,
    is_made_before,
    is_of_another_page,
    is_referred_to,
)
from understudy.specs.readers.pages.operation_drafts import OperationDraft
from understudy.specs.readers.pages.operation_roles import role_of_heading
from understudy.specs.readers.pages.page_shared import are_kinds
from understudy.specs.readers.pages.page_state import PARAMETERS
from understudy.specs.readers.pages.returned_ids import givers_in, gives_something
from understudy.specs.readers.pages.said_addresses import NAMES_ADDRESS, NAMES_METHOD, half_of_operation
from understudy.specs.readers.pages.said_statuses import HTTP_STATUS, STATUS_AND_WORDS, STATUS_LINE
from understudy.specs.readers.text.page_text import ACTION, METHODS, SAID_METHODS, Line, path_of
from understudy.specs.readers.text.part_headings import (
    OF_ERRORS,
    PRESENCE_LINE,
    leads_to_answer,
    leads_to_answer_fields,
    leads_to_callback,
    part_of,
    presence_said,
)

if TYPE_CHECKING:
    from understudy.specs.readers.pages.page_state import PageState

_METHOD = SAID_METHODS
OPERATION = re.compile(
    rf"(?<![\w/])(?P<method>{_METHOD})(?![\w/])(?:[\s:`*|\"'：]{{1,6}}|`?\s(?:request\s)?to\s`?)(?:https?://(?P<host>[^/\s`]+))?(?P<path>/(?:[\w.~/:-]|\{{[^{{}}\s/]{{1,60}}\}})*(?:(?<=[\w}}])|(?<=\w/)(?=[\s`*|]|\Z)|(?<= /)(?= HTTP/\d|`)|(?<=/)(?={ACTION})))",
    re.IGNORECASE | re.ASCII,
)
# An address or a method alone, under a heading that says what it is.
_ALONE = re.compile(
    rf"[-*+•\s`]{{0,8}}(?:(?P<method>{_METHOD})|(?P<host>https?://[^/\s`]+)?(?P<path>/(?:[\w.~/{{}}:-]*[\w}}]|(?={ACTION})))(?P<query>\?[^\s`]{{1,300}})?)[`\s]{{0,4}}\Z",
    re.IGNORECASE,
)
# An address with its host and nothing else, that is of no page, and how near below it a part of a request begins.
_WHOLE_ADDRESS = re.compile(
    r"[`\s]{0,4}https?://(?!(?:docs?|help|support|www|cdn|static)\.)[\w.:-]{3,200}(?:/[\w~{}:-]{1,80}){2,12}[`\s]{0,4}\Z",
    re.ASCII,
)
MAX_TO_PART, MAX_PART = 3, 40
# A method in brackets behind the heading of the address: "Request (POST)", 请求地址（post）.
_METHOD_BEHIND = re.compile(
    rf"[#*\s]{{0,8}}(?:(?:http\s|api\s)?(?:request|call|endpoint|interface)(?:\s(?:url|address|path))?|(?:请求|接口|调用)(?:地址|路径|方式|方法)?)\s?[(（]\s?(?P<method>{_METHOD})\s?[)）][*:：\s]{{0,4}}\Z",
    re.IGNORECASE,
)
# A method on a line of its own: the address follows it.
METHOD_ALONE = re.compile(rf"[`*\s]{{0,4}}(?P<method>{'|'.join(METHODS).upper()})[`*\s]{{0,4}}\Z")
ADDRESS_ALONE = re.compile(
    rf"[`\s]{{0,4}}(?:https?://[^/\s`]+)?/(?:[\w.~/{{}}:-]*[\w}}]|(?={ACTION}))(?:\?[^\s`]{{1,300}})?[`\s]{{0,4}}\Z"
)
# A method to which its address is glued.
_GLUED_METHOD = re.compile(r"\A[\s#*`>-]{0,8}(?:POST|GET|PUT|PATCH|DELETE)(?=/[\w{]|https?://)")
# An operation and at most a label: below a heading of its own it is stated once more, with another body.
_STATES_AGAIN = re.compile(
    rf"[#*`>\s\d.-]{{0,12}}(?:(?:request|api|http)?\s?(?:endpoint|url|address|path|request|route)|(?:请求|接口)(?:地址|路径)?)?[*`:：\s]{{0,8}}(?:{_METHOD})[\s:`*]{{1,6}}\S{{2,300}}[*`\s]{{0,6}}",
    re.IGNORECASE,
)
# What stands beside an operation that is all that a line says, without blanks and marks: "Query endpoint".
_LABEL = re.compile(
    r"(?:create|submit|query|status|poll|request|api|http|task|创建|提交|查询|轮询|请求|接口|任务){0,3}(?:endpoint|url|address|path|route|端点|地址|路径|接口)",
    re.IGNORECASE,
)
# So far apart may a method and its address be, and so far below a former operation the one of today.
MAX_BETWEEN = 2
MAX_TO_NEW = 3
_HEADING = re.compile(r"(?P<level>#{1,6})\s+(?P<text>.*)|\*\*(?P<bold>[^*]{1,80})\*\*[:：]?\Z")
# A heading of what a callback holds, at which the address that it goes to may stand.
_OF_HOOK = re.compile(
    r"\b(?:callback|webhook)s?[\s-](?:body|payload|notification|request|message|event|delivery)|(?:回调|通知)(?:通知|内容|参数|格式|示例|报文|请求)",
    re.IGNORECASE,
)
_PLAIN_HEADING = re.compile(
    r"(?:(?:example|sample)\s+)?(?:request|response|output|input|(?:body|query|path)(?=-))(?:[\s-]+(?:body|headers?|fields?|parameters?|params?|examples?|samples?|schema))?\Z|"
    r"(?:answers?|returns|reply|result|parameters|arguments)\Z|returns\s(?:a|an|the)\s\w{2,20}\Z|(?:in return )?you (?:receive|get)(?: back)?\Z|headers\Z|(?:callback|webhook)\s(?:body|payload|format|message|notification|request)\Z|回调(?:通知)?(?:格式|内容|参数|示例|数据|报文|体)\Z|(?:request\s+)?(?:query|path)\s+(?:parameters?|params?)\Z|(?:query|path|headers?|body)\s?参数\Z|body\s?(?:参数|parameters?)\s?(?:application/(?:json|x-www-form-urlencoded)|multipart/form-data)\Z|(?:请求)?(?:路径|查询)参数\Z|(?:输入|输出|入参|出参)(?:参数|示例|样例)?\Z|(?:请求|响应|返回)(?:体|头|参数|示例|数据|结构|字段|内容|结果|响应)?\Z|"
    r"(?:another|second|next|minimal|full|complete)\s(?:example\s)?(?:request|response)(?:\s(?:body|example))?\Z|(?:另一个|第二个|最小|完整)(?:请求|响应)(?:体|示例|参数)?\Z|"
    r"(?:task\s+)?(?:submission|creation|results?|query|status)\s+(?:(?:request|response)\s+)?(?:parameters?|fields?)\Z",
    re.IGNORECASE,
)
# A whole sentence, which may name a call beside the one at hand: "To stop it, send `DELETE /x/{id}`."
_IS_SENTENCE = re.compile(r"[a-z]{2} .{0,300}[.。]\Z|[\u4e00-\u9fff]{2}.{0,300}。\Z")
# Before a heading of a part that a page sets as a comment: "// Response schema".
_COMMENT_MARK = re.compile(r"\A//[ \t]{0,3}")
# Headings of a request's or an answer's parts: no operation begins or ends with them.
_PART = re.compile(r"example|sample|curl|error|示例|样例|例子|错误|说明|note|注意", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_BEHIND_A_SENTENCE = re.compile(
    r"[a-z)]\.\s(?:then\s|and\s)?(?:poll|query|call|check|use)\s[`*]{0,3}\Z", re.IGNORECASE
)
# Before the operation that is called next.
_NEXT = re.compile(
    r"\b(?:then|afterwards|next|finally|and|to)[,]?\s(?:\w{1,12}\s)?(?:poll|query|check|call|fetch|use)\s[`*]{0,3}\Z|(?:然后|之后|再|随后|接着)(?:用|通过)?(?:轮询|查询|调用|请求)\s?[`*]{0,3}\Z",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\b(?P<status>[1-5]\d\d)\b")
# In a heading: that a task is asked for. "Results" alone may be those of a call that waits for them.
_OF_QUERY = re.compile(
    r"\bquer(?:y|ying)\b|\bpoll(?:ing)?\b|\bcheck(?:ing)?\s(?:the\s)?(?:status|result|task|job)|\b(?:get|fetch|retriev)\w{0,3}\s(?:the\s)?(?:status|results?|task|job)\b|查询|查詢|轮询|輪詢|获取(?:任务|结果|状态)",
    re.IGNORECASE,
)
# Above the first operation of a page: what follows are the fields of what operations give back.
_DESCRIBES = re.compile(
    r"(?:`(?P<type>[A-Z]\w{2,60})`\s)?(?P<what>\b(?:model|object|resource|entity))\s(?:has|contains|includes)\sthe\sfollowing\s(?:properties|attributes|fields)\s?[:：.]?\Z"
    r"|(?P<what_>对象|模型)(?:包含|具有|有)(?:以下|如下)(?:属性|字段)[:：]?\Z",
    re.IGNORECASE,
)
# The name of a field behind marks of its depth, and what is said of it, on further lines, too: "**»» points**: …".
_DETAIL = re.compile(r"\s{0,4}\*\*»{1,8}\s(?P<name>[A-Za-z_][\w.-]{0,60})\*\*\s?[:：]")
_NAME_ALONE = re.compile(
    r"`?(?!(?:examples?|notes?|tips?|where|fields?|returns|values?|codes?|errors?|params?|args|arguments|attributes|properties|body|headers?)\b)(?P<name>[a-z]\w{1,40})`?\s?[:：]\Z",
    re.ASCII,
)


def bare(text: str) -> str:
    """The text without HTML's tags: `<mark>POST</mark> /v1/x`."""
    return _TAG.sub("", text) if "<" in text else text


class LineReader:
    """Reads one line after the other into the state of the page; `prose` holds what may be said of fields."""

    def __init__(self, page: PageState) -> None:
        self.page = page
        self.prose: list[tuple[Line, str, OperationDraft]] = []
        # The operation at hand and the next one that a sentence about it names: "Then poll GET /x".
        self.spoken: tuple[OperationDraft, OperationDraft] | None = None
        self.holders = HolderLines(page)
        self.heading = ""
        self.level = 0  # of the heading that said the section at hand
        self.front = False  # whether what stands above the page, between dashes, is being read
        self.method = ("", -1)  # that stands on a line of its own, and on which
        self.stated = (-1, "")  # where the last operation was stated in one line, and what else the line says

    def read(self, line: Line) -> None:
        """A line outside of tables: it may name an operation, say what the next table is about, or say
        something of a field."""
        text = _GLUED_METHOD.sub(r"\g<0> ", bare(line.text[:500]), count=1)
        if self._is_front(line.number, text):
            return  # what stands above a page is about the page
        if text[:2] == "**" and (status := STATUS_AND_WORDS.match(text)):
            text = status["head"]
        if heading := _HEADING.match(text):
            self._heading(heading["text"] or heading["bold"] or "", len(heading["level"] or ""), line.number)
        elif (
            _PLAIN_HEADING.match((line_text := _COMMENT_MARK.sub("", text)).strip(" :："))
            or part_of(line_text)
            or PRESENCE_LINE.fullmatch(line_text.strip(" :："))
        ):
            self._heading(line_text, 0, line.number)
        elif status := STATUS_LINE.match(text):
            self.page.section, self.page.status, self.page.is_said = "response", status["status"], True
        if heading and (status := HTTP_STATUS.search(text)) and self.page.section in ("body", "response"):
            self.page.section, self.page.status, self.page.is_said = "response", status["status"], True
        if heading and _OF_HOOK.search(text) and OPERATION.search(text):
            return  # what comes to an address of the client is no operation
        if self._operation(text, line.number):
            return
        named = text.strip().removesuffix(":").removesuffix("：")
        if not heading and (NAMES_ADDRESS.fullmatch(named) or NAMES_METHOD.fullmatch(named)):
            self.heading = named  # though not set as a heading: what it says follows
        if not heading and leads_to_callback(text):
            self.page.section, self.page.is_said = "callback", True
            self.page.said_at = self.page.operations.part
        if not heading and text:
            self._words(text, line)

    def _words(self, text: str, line: Line) -> None:
        """What a line says that neither heads a part nor names an operation."""
        described = _DESCRIBES.search(text)
        if described and described["type"] and self.page.place_of(described["type"]) is None:
            self.page.unplaced = described["type"]
        elif described and not self.page.current.path:
            self.page.unplaced = described["what"] or described["what_"]
        if answer := leads_to_answer(text):
            self.page.answer = (answer, line.number)
            self.page.leads_to_fields = leads_to_answer_fields(text)
        if (detail := _DETAIL.match(line.text)) and self.page.place_of(detail["name"]):
            self.page.about = detail["name"]
        if named := _NAME_ALONE.match(text):
            self.page.named = (named["name"], line.number)
        self.holders.names_a_holder(text)
        owner = self.holders.owner if self.page.about else self.page.current
        self.prose.append((line, self.page.about, owner))

    def _is_front(self, number: int, text: str) -> bool:
        was_front = self.front
        if text.strip() == "---" and (number == 1 or was_front):
            self.front = number == 1
            return True
        return was_front

    def _operation(self, text: str, line: int) -> bool:
        """Whether the line states an operation, in whole or in part."""
        text, is_former = self._without_former(with_method_first(text), line)
        if is_former and not OPERATION.search(text):
            return True
        self.page.operations.givers += givers_in(OPERATION.finditer(text), line)
        was_silent = self.page.current.says_nothing
        was_unnamed = not self.page.current.path
        is_other = False
        alone = self._alone(text, line)
        if alone is not None:
            found: Any = True
            is_other = alone
        elif "\t" in text:
            cells = [cell for cell in text.split("\t") if cell.strip()]
            is_other = self.page.operations.row(cells, line)
            found = is_other
            if not found and len(cells) == 2:
                found, is_other = self._half(": ".join(cells), line)
        elif (found := OPERATION.search(text)) and self._is_mention(text, found, line):
            self.page.operations.mention(found["method"].lower(), path_of(found), line)
            return True
        elif found:
            beside = re.sub(r"[#*`>\s|:：.\-•]|\d{1,2}[.)]", "", text[: found.start()] + text[found.end() :])
            alone = not beside or _LABEL.fullmatch(beside) is not None
            before, current = self.stated, self.page.current
            is_within = not alone and not self.page.operations.is_apart and _IS_SENTENCE.search(text)
            is_other = self.page.operations.begin(
                found["method"].lower(), path_of(found), found["host"], line, alone=alone
            )
            self.stated = (line, re.sub(r"[#*`>|:：\-•]", " ", text[: found.start()] + text[found.end() :]))
            if before[0] == line - 1 and not are_kinds(self.page.current):
                self._overview(before[1])
            is_next = _NEXT.search(text[: found.start()]) and not text.rstrip("* ").endswith((":", "："))
            is_spoken = is_next or is_within
            headed = role_of_heading(self.heading)  # "Query": First … Then call …
            is_own = headed == self.page.current.role and headed not in ("", current.role)
            self.spoken = (current, self.page.current) if is_other and is_spoken and not is_own else None
        else:
            found, is_other = self._half(text, line)
        is_again = found and self.page.is_past and _STATES_AGAIN.fullmatch(text[:500]) is not None
        if (
            is_other
            or is_again
            or (found and was_silent and (self.page.section == "response" or self.page.is_past))
        ):
            # What a table of contents names before the operation is stated is no part of it; the parameters
            # right below whose heading the operation is stated are.
            is_headed = self.page.section in PARAMETERS and line - self.page.said_line == 1
            section = self.page.section
            self.page.restart()
            if is_headed:
                self.page.section, self.page.is_said = section, True
        if found and was_unnamed and self.page.current.path:
            self.page.unplaced = ""
        if found and "?" in text:
            self.page.asked(text, line)
        return bool(found)

    def _without_former(self, text: str, line: int) -> tuple[str, bool]:
        """The line without the operations of which it says that others took their place, and whether it names
        any: a page that states no other one may be about just those."""
        calls = list(OPERATION.finditer(text))
        former = former_calls(text, calls)
        lines = self.page.log.document.lines[line : line + MAX_TO_NEW]
        has_other = len(former) < len(calls) or any(OPERATION.search(one[:500]) for one in lines)
        if not former or not (self.page.current.path or has_other):
            return text, False
        for one in former:
            self.page.operations.mention(one["method"].lower(), path_of(one), line)
            text = text[: one.start()] + " " * len(one.group()) + text[one.end() :]
        return text, True

    def _half(self, text: str, line: int) -> tuple[bool, bool]:
        """Whether a line says a method or an address by its name, and whether another operation begins there."""
        method, host, path = half_of_operation(text)
        if path.rstrip("/") in self.page.bases:
            path = ""
        is_other = bool(method) and self.page.operations.begin(method, "", "", line, alone=True)
        if path:
            is_other = self.page.operations.begin("", path, host, line, alone=True) or is_other
        return bool(method or path), is_other

    def _is_mention(self, text: str, found: re.Match[str], line: int) -> bool:
        """Whether a sentence names another operation beside one that is only just stated: "poll `GET /x`", or one
        by which something is found: "use `GET /x` to browse them"."""
        before = text[: found.start()]
        if finds_something(text, found) or gives_something(text, found) or is_instance(text, found):
            return True
        if is_made_before(text, found) or is_of_another_page(
            text, found, self.page.log.document.lines[line : line + MAX_TO_CALLED]
        ):
            return True
        if self.page.current.path and is_referred_to(text, found):
            return True
        if _BEHIND_A_SENTENCE.search(before) and text.endswith(".") and self.page.current.path:
            role = OperationDraft(found["method"].lower(), path_of(found)).role
            return role != role_of_heading(
                self.heading
            )  # else the part is about it: "Query", "First … Then call …"
        current = self.page.current
        is_stated = bool(current.method and current.path) and current.says_nothing
        return is_stated and re.search(r"(?:[a-z,]\s|[^\x00-\x7F:：\s])\s{0,2}\[?`?\Z", before) is not None

    def _overview(self, label: str) -> None:
        """Operations stated line below line: an overview is no description of the last one."""
        operations = self.page.operations
        operations.is_apart = True
        for draft, words in zip(operations.drafts[-2:], (label, self.stated[1]), strict=False):
            last = draft.path.rpartition("/")[2]
            draft.label, draft.sent = draft.label or words.strip() or (last if last.isalpha() else ""), True

    def _alone(self, text: str, line: int) -> bool | None:
        """Whether a line that is an address or a method alone, below a heading that says so, or an address below
        a method, begins another operation; None for any other line."""
        if method := METHOD_ALONE.match(text) or _METHOD_BEHIND.match(text[:80]):
            self.method = (method["method"].lower(), line)
        elif ADDRESS_ALONE.match(text) and 0 < line - self.method[1] <= MAX_BETWEEN and self.method[0]:
            found = _ALONE.match(text)
            host = re.sub(r"https?://", "", (found["host"] or "") if found else "")
            return self.page.operations.begin(
                self.method[0], path_of(found) if found else "", host, line, alone=True
            )
        of_address, of_method = NAMES_ADDRESS.search(self.heading), NAMES_METHOD.search(self.heading)
        of_address = of_address or self._stands_above_parts(text, line)
        found = _ALONE.match(text) if of_address or of_method else None
        if found is None or (found["method"] and not of_method) or (found["path"] and not of_address):
            return None
        if (found["path"] or "").rstrip("/") in self.page.bases:
            return None
        host = re.sub(r"https?://", "", found["host"] or "")
        return self.page.operations.begin((found["method"] or "").lower(), path_of(found), host, line)

    def _stands_above_parts(self, text: str, line: int) -> re.Match[str] | None:
        """A whole address alone on its line right above the parts of a request, where no operation is known: it is
        that of the page's only one."""
        found = None if self.page.current.path else _WHOLE_ADDRESS.match(text)
        lines = self.page.log.document.lines[line : line + MAX_TO_PART] if found else ()
        below = next((one.strip("#*:： ") for one in lines if one.strip()), "")
        is_part = len(below) < MAX_PART and section_of(below) in ("header", "path", "query", "body")
        return found if is_part else None

    def _heading(self, text: str, level: int, line: int) -> None:
        presence = presence_said(text)
        self.page.presence = (presence[0], line) if presence else None
        # Renderers set the word "body" above that of an answer, too.
        is_of_answer = text.strip(" :：").lower() == "body" and self.page.is_answered_above(line)
        if is_of_answer or (presence and presence[1]):
            return  # of the section at hand: no other one begins
        self.heading = self.page.heading = text.strip("#*:： \t0123456789.、")
        section = section_of(text)
        is_within = self.page.section == "callback" and level > self.level > 0
        if is_within and section in ("body", "response") and not says_call(text):
            section = "callback"  # "Success payload" below "Webhook payload"
        self.page.about = ""
        if level and not section:
            self.page.is_of_query = _OF_QUERY.search(text) is not None
        self.page.is_of_errors = level > 0 and OF_ERRORS.search(text) is not None
        if self.page.operations.heading(
            level, text, is_section=bool(section) or _PART.search(text) is not None
        ):
            self.page.restart()
            if self.heading.lower() == self.page.current.label.lower():
                section = ""  # "Result" in an overview is the call: its heading is that of no part
        self.page.features.heading(level, self.heading, section)
        if section == "response" and self.spoken is not None:
            self._back_to_the_one_before(text)
        if self.holders.names_a_holder(text, is_heading=True) or self.holders.names_what_is_shown(text):
            return
        self.page.inside = ()
        self.page.unplaced = "" if section else self.holders.unplaced(text)
        if section:
            self.page.section, self.page.is_said = section, True
            self.level = self.level if is_within and section == "callback" else level
            self.page.said_at, self.page.said_line = self.page.operations.part, line
            status = _STATUS.search(text)
            is_refused = section == "response" and is_of_refusal(text)
            self.page.status = status["status"] if status else "4XX" if is_refused else "200"
            if name := self.page.holders.get(line):
                self.page.go_inside(name, line)
        elif self.page.section in PARAMETERS and 0 < level <= self.level:
            self.page.section, self.page.is_said = "body", False  # the headers end where another part begins

    def _back_to_the_one_before(self, text: str) -> None:
        """Go back from an operation of which a sentence alone speaks, at the heading of an answer that is not said to
        be its own: the one which the sentence is about has none yet."""
        (first, second), self.spoken = self.spoken or (self.page.current, self.page.current), None
        is_open = (
            not first.responses and not first.shown.keys() - {"body"} and bool(first.request or first.shown)
        )
        if is_open and second.says_nothing and self.page.current is second and not role_of_heading(text):
            self.page.operations.current = first
