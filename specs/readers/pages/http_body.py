"""The body of a request that a block shows as it is sent: a request line, headers, a blank line, and the body.

POST /v1/clips                     POST /v1/clips
Content-Type: application/json     Content-Type: multipart/form-data

{"text": "words"}  // required     picture: File   // required, at most 10 MB
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_HEADERS = 20
MAX_BEFORE_HOST = 12
MAX_FIELDS = 100
MAX_LINES = 12

# The header that names the host, among the first of a request.
_HOST = re.compile(r"host\s?:\s?(?P<host>[\w-]{1,80}(?:\.[\w-]{1,80}){1,8}(?::\d{1,5})?)\Z", re.IGNORECASE)
# One line of a block of nothing else.
_REQUEST_LINE = re.compile(
    r"\s{0,8}(?P<method>POST|GET|PUT|PATCH|DELETE)\s{1,4}(?P<path>(?:https?://[\w.:-]{1,100})?(?:/[\w.~-]{1,80}){1,10})/(?P<last>[\w.~-]{1,80})\s{0,8}",
    re.ASCII,
)
_HEADER = re.compile(r"\s{0,8}[A-Za-z][\w-]{1,60}\s?:\s")
_FORM_FIELD = re.compile(
    r"\s{0,8}(?P<name>[A-Za-z_]\w{0,79})\s?[:=]\s?(?P<value>[\w./@<>-]{1,80})\s{0,40}(?P<words>(?://|#)\s{0,3}\S.{0,300})?\Z"
)


def of_message(lines: Sequence[Line]) -> Line | None:
    """The body as JSON, and the line on which it begins; None where the block has none. The fields of a form are an
    object, with what is said of each as a comment."""
    at = 1
    while at < len(lines) and at <= MAX_HEADERS and _HEADER.match(lines[at].text[:200]):
        at += 1
    if at >= len(lines) or lines[at].text.strip():
        return None
    head = " ".join(line.text.lower() for line in lines[1:at])
    while at < len(lines) and not lines[at].text.strip():
        at += 1
    body = lines[at:]
    if body and body[0].text.lstrip()[:1] in ("{", "["):
        return Line(body[0].number, "\n".join(line.text for line in body).lstrip())
    is_form = "multipart/form-data" in head or "x-www-form-urlencoded" in head
    return _form(body[:MAX_FIELDS]) if is_form and body else None


def _form(body: Sequence[Line]) -> Line | None:
    members = []
    for line in body:
        found = _FORM_FIELD.match(line.text.rstrip()[:600])
        if found is None:
            return None
        words = (found["words"] or "").lstrip("/# ")
        comma = "," if line is not body[-1] else ""
        members.append(f'"{found["name"]}": "{found["value"]}"{comma}' + (f" // {words}" if words else ""))
    return Line(body[0].number, "{" + "\n".join(members) + "\n}")


def are_request_lines(lines: Sequence[Line]) -> bool:
    """Whether a block is nothing but the request lines of one call for several kinds, which a step before the
    last tells: "POST /v2/pro/make" above "POST /v2/std/make"."""
    found = [_REQUEST_LINE.fullmatch(line.text[:400]) for line in lines[:MAX_LINES] if line.text.strip()]
    calls = [(one["method"], one["last"], one["path"].count("/")) for one in found if one]
    return len(found) == len(calls) > 1 and len(set(calls)) == 1


def host_of(lines: Sequence[Line]) -> str:
    """The host that the headers of an HTTP request name; "" where they name none."""
    found = (_HOST.match(line.text.strip()[:300]) for line in lines[:MAX_BEFORE_HOST])
    return next((one["host"] for one in found if one), "")
