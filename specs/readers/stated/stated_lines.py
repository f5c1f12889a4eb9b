"""What a line of a page is that states fields in whatever arrangement: text or code, a heading of a part, a label."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.label_words import BEGINNINGS, LINES, SECTIONS
from understudy.specs.readers.text.page_text import Line, is_command, without_code
from understudy.specs.readers.text.part_headings import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FENCE = re.compile(r"[ \t>]{0,12}(?:`{3,}|~{3,})")
ATTRIBUTES = re.compile(
    r"(?:▾|▸|▼|▶|[-+])?\s{0,3}(?:(?:show|hide)\s)?(?:(?:child|nested)\s)?(?:attributes|properties)\Z|(?:显示|展开)?子?属性\Z",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"#{1,6}\s|[{}]|\[\Z|curl\b|\||(?:responses?|请求|响应|返回)(?:\s?(?:body|parameters?|params?|fields?|examples?|samples?|code|参数|示例|体|结果|数据))?\s?[:：]?\Z"
    r"|(?:request|response|code)\s(?:examples?|samples?)\s?[:：]?\Z|(?:POST|GET|PUT|DELETE|PATCH)\b|[1-5]\d\d(?:\s?[A-Z][A-Za-z ]{1,30})?\Z|(?:example|示例)(?:\s?(?:body|request|response))?\s?[:：]?\Z",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"(?<=[。；;.])\s{0,2}(?P<name>[A-Za-z_]\w{1,60})\s?[:：]\s?(?=必填|可选|选填|必选|required|optional)"
)
# The path of an operation, and the sentence that copying has glued to it.
_PATH_GLUED = re.compile(r"/v\d{1,2}(?:/[a-z_{}-]{1,60}){1,6}(?=[A-Z][a-z]{1,20}[ ])")
_CODE = re.compile(
    r"\s*(?:import\s[\w{*\"']|from\s[\w.]{1,80}\simport\b|def\s\w{1,80}\(|class\s\w{1,80}[^.]{0,80}[:{]\s*\Z|(?:const|let|var)\s[\w{\[]|export\s(?:default|const|function|class|interface|type|[A-Z_]{2,40}=)"
    r"|return\b.*[;)}]\s*\Z|(?:public|private|func)\s\w.*[({]|await\s\w|async\s(?:def|function|with|for)\b|print\(|(?:if|for|while|try|except|else|elif)\b.*[:{]\s*\Z)"
    r"|.*[;{]\s*\Z|\s*[\w.]{1,60}\s?=\s?\S"
)
WELL = re.compile(
    r"#{1,6}\s{1,3}(?:请求)?(?:成功|失败)(?:响应)?\s*\Z|#{1,6}\s{1,3}success(?:ful)?\s*\Z", re.IGNORECASE
)
_MEDIA = re.compile(r"\s{0,2}[(（]?(?:application|multipart)/[\w.+-]{1,60}[)）]?\s*\Z")
_SEPARATOR = re.compile(r"\|?\s?:?-{2,}:?\s?\|[\s:|-]{1,150}\Z")
BULLET = re.compile(r"\A(?:[*+•·▪]\s{0,4}|-(?!\d)\s{0,4})")
_MORE_SECTIONS = {
    "body": "Body", "authorizations": "Headers", "authentication": "Headers", "认证": "Headers", "鉴权": "Headers",
    "response body": "Response", "returns": "Response", "参数": "Body", "请求参数": "Body", "入参": "Body", "parameters": "Body",
    "request parameters": "Body", "输入": "Body", "输出": "Response", "query parameters": "Query Parameters", "path parameters": "Path Parameters",
}  # fmt: skip
# The sections of a body and of its answer.
_PARTS = {"body": "Body", "response": "Response"}


def set_apart(line: str) -> list[str]:
    """The line, cut where a sentence ends and a name begins of which is said whether it is required: "…URL。image_tail:可选,…"."""
    cuts = [found.start("name") for found in _NEXT.finditer(line)] if "：" in line or ":" in line else []
    glued = _PATH_GLUED.match(line)
    cuts = [glued.end(), *cuts] if glued else cuts
    return [line[start:end] for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True)]


def text_lines(lines: Sequence[str]) -> set[int]:
    """The indices of the lines that are text: no code, no example, no table."""
    kept: list[Line] = []
    is_fenced = False
    rows = _rows(lines)
    for index, line in enumerate(lines):
        if FENCE.match(line[:40]):
            is_fenced = not is_fenced
        elif index in rows:
            continue
        elif (
            not is_fenced
            and line.strip()
            and not line.lstrip().startswith("|")
            and not _CODE.match(line[:300])
        ):
            kept.append(Line(index, line.strip()))
    return {line.number for line in without_code(kept) if not is_command(line.text)}


def _rows(lines: Sequence[str]) -> set[int]:
    """The indices of the lines of tables: those with bars, one below the other, among which one separates the headings
    from the rows; blank lines may stand between."""
    found: set[int] = set()
    run: list[int] = []
    is_table = False
    for index, line in enumerate([*lines, "end"]):
        if "|" in line:
            run.append(index)
            is_table = is_table or _SEPARATOR.match(line.strip()[:200]) is not None
        elif line.strip():
            found.update(run if is_table else ())
            run, is_table = [], False
    return found


def is_label(text: str) -> bool:
    """Whether a line is one of the labels of rendered pages and nothing else: no field begins there."""
    return len(text) < 80 and (
        any(pattern.match(text) for pattern, _ in LINES) or ATTRIBUTES.match(text) is not None
    )


def section(text: str) -> str:
    """The section that a line heads, in English; "" for any other line."""
    bare = _MEDIA.sub("", text.strip("#*:： ")[:80])
    for pattern, label in LINES:
        if pattern.match(bare):
            if label == "Authorizations":
                return "Headers"
            return label if label in SECTIONS else _MORE_SECTIONS.get(bare.lower(), "")
    return _MORE_SECTIONS.get(bare.lower(), "") or _PARTS.get(part_of(bare), "")


def labelled(text: str) -> str:
    """The line with the label that begins it in English, as Mintlify says it."""
    for pattern, label in BEGINNINGS:
        if found := pattern.match(text):
            return label + text[found.end() :]
    return text


def without_bullet(text: str) -> str:
    """The line without the bullet before it."""
    return BULLET.sub("", text, count=1)


def is_listed(text: str) -> bool:
    """Whether a line has a bullet before it."""
    return BULLET.match(text) is not None
