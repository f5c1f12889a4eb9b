"""Lines of a page that say of which status the answer below them is."""

from __future__ import annotations

import re

STATUS_LINE = re.compile(
    r"(?:(?:HTTP(?:/\d\.\d)?|(?:returns?|responds(?:\s+with)?|responses?|answers?(?:\s+with)?)(?:\s+HTTP)?|errors?|错误|\{%\s*tab\s+title=|返回|响应|ok|success(?:ful)?|成功|失败)\s*)?[(（`\"*]{0,3}"
    r"(?P<status>[1-5]\d\d)(?:\s+[A-Za-z][A-Za-z ]{1,30})?[)）`\"*]{0,3}\s*(?:%\})?[:：]?\Z",
    re.IGNORECASE,
)
# A bold status, and behind it what it means: "**Error 400** — the file is too large".
STATUS_AND_WORDS = re.compile(
    r"(?P<head>\*\*(?:error|response|status|http|返回|响应|错误)[^*]{0,20}[1-5]\d\d[^*]{0,30}\*\*)\s?(?:[-–—:：]{1,2}\s{0,2}|[(（])\S.{0,300}\Z",
    re.IGNORECASE,
)
# Of a heading, in whatever language its words are: "Too busy (HTTP 429 Too Many Requests)".
HTTP_STATUS = re.compile(r"\bHTTP[ ](?P<status>[1-5]\d\d)\b")
