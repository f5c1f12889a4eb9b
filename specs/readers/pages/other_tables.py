"""Tables that state no field of a call, though their columns are named as if they did.

## Pricing                     ## Client options                ## The voice
| Name | Description |         | Option | Default |             | Property | Value |
| fast | 2 a clip    |         | retries | 3     |             | Format   | mp3   |
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.pages.former_calls import heads_removed
from understudy.specs.readers.pages.guessed_sections import outer_names
from understudy.specs.readers.pages.page_operations import MAX_NAMED

if TYPE_CHECKING:
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.fields.table_rows import Table
    from understudy.specs.readers.pages.page_state import PageState

# What a row is called that says something of a field which the text above its table names.
_OF_A_FIELD = frozenset(
    ("format", "type", "required", "optional", "default", "purpose", "method", "timing", "range", "values")
)
# Headings of tables that are of no call, though their columns may be named as those of fields are.
_OF_NO_REQUEST = re.compile(
    r"\b(?:pricing|prices|billing|change\s?log|release\snotes|environment\svariables|version\shistory|(?:sdk|client|constructor)\s(?:options|settings|configuration))\b|(?:SDK|客户端)(?:选项|配置|参数)|价格|定价|计费|收费|更新日志|变更记录|环境变量",
    re.IGNORECASE,
)
# Above a table of options of a client in code, and how such a table heads its names.
_OF_USE = re.compile(
    r"\b(?:usage|quick\s?start|install(?:ation)?|setup|sdk|client|in\suse)\b|用法|使用|安装|初始化|客户端|快速开始",
    re.IGNORECASE,
)
_OPTIONS = ("option", "options", "setting", "settings", "选项", "配置项")


def is_of_other(table: Table, page: PageState) -> bool:
    """Whether a table of fields is one of prices, of changes, or of a client's own settings."""
    is_of_no_request = _OF_NO_REQUEST.search(page.heading) is not None or heads_removed(page.heading)
    return is_of_no_request or _is_of_client(table, page) or _is_of_settings(table, page)


def _is_of_client(table: Table, page: PageState) -> bool:
    """Whether a table states the options of a client in code, behind what a page says of its call."""
    is_of_options = table.headings[0].strip("`* ").lower() in _OPTIONS
    return is_of_options and _OF_USE.search(page.heading) is not None


def _is_of_settings(table: Table, page: PageState) -> bool:
    """Whether a table of names with their values alone, `theme` and `dark / light`, stands below no heading of a
    request's fields, and no call has one of the names."""
    if set(table.roles) != {"name", "enum"} or (page.section in ("body", "query") and page.is_said):
        return False
    drafts = page.operations.drafts[:MAX_NAMED]
    known = {name for one in drafts for name in one.sent_names}
    return any(one.path for one in drafts) and not outer_names(table) & known


def is_of_one_field(table: Table) -> bool:
    """Whether the rows of a table say things of one field, its format, its type: they are no fields."""
    names = {name.lower() for name in outer_names(table)}
    return "type" not in table.roles and len(names & _OF_A_FIELD) > 1


def tell(table: Table, log: FactLog) -> None:
    """Note each row of such a table."""
    for row in table.rows[:20]:
        said = ": ".join(cell for cell in row.cells[:2] if cell)
        log.note("untold", f"said of a field in a table of its own: {said[:80]}", row.line)
