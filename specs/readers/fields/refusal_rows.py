"""The rows of a table of refusals: which status, code and message an answer has, and what that means.

| HTTP | Code | Message | When |        | 错误码 | 错误信息 | 说明 |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import StatedRefusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.readers.fields.table_rows import Row, Table

MAX_REFUSALS = 200
# Role -> what the heading of its column says, the first that fits; other columns say what the refusal means.
_COLUMNS = (
    ("status", re.compile(r"http|status|状态码", re.IGNORECASE)),
    ("code", re.compile(r"code|错误码|返回码|业务码|编码|type|name|类型", re.IGNORECASE)),
    ("message", re.compile(r"message|msg|错误信息|返回信息|提示", re.IGNORECASE)),
)
_HTTP = re.compile(r"[45]\d\d(?=\D|\Z)")
_FINE = re.compile(r"(?:success(?:ful)?|succe(?:ed|eded)|ok|normal|none|completed?|done)\Z", re.IGNORECASE)
_CODE = re.compile(r"-?\d{1,7}\Z|[A-Za-z][\w.-]{1,60}\Z")


def stated(table: Table, document: str) -> Iterator[StatedRefusal]:
    """The refusals of a table: each row that has a code or an HTTP status of one, no successes."""
    roles = _roles(table)
    for row in table.rows[:MAX_REFUSALS]:
        one = _refusal(row, roles, document)
        if one is not None:
            yield one


def _roles(table: Table) -> list[str]:
    roles: list[str] = []
    for heading in table.headings:
        role = next((name for name, pattern in _COLUMNS if pattern.search(heading)), "")
        roles.append(role if role not in roles else "")
    return roles


def _refusal(row: Row, roles: list[str], document: str) -> StatedRefusal | None:
    cells = dict.fromkeys(("status", "code", "message"), "")
    meaning: list[str] = []
    for role, cell in zip(roles, row.cells, strict=False):
        text = cell.strip("`* ")
        if role:
            cells[role] = text
        elif text:
            meaning.append(text)
    http = _HTTP.match(cells["status"]) or (None if cells["status"] else _HTTP.match(cells["code"]))
    # One column of numbers that HTTP has, whatever its heading, says nothing of a code in the body.
    said = cells["code"] or ("" if http else cells["status"])
    code = said if _CODE.match(said) and not (http and not cells["status"]) else ""
    if http is None and (not code.strip("0") or re.fullmatch(r"[123]\d\d", code) or _FINE.match(code)):
        return None
    status = int(http.group()) if http else None
    return StatedRefusal(status, code, cells["message"], " ".join(meaning), document, row.line)
