"""Lines as people write them by hand: words behind members of an example, parts of addresses, misspelled headings.

GET /v1/clips/<int:clip_id>   →   GET /v1/clips/{clip_id}        /v1/clips请求参数   →   /v1/clips
"look" : ...,     OPTIONAL    →   "look" : null, // OPTIONAL                           请求参数
POST studio/clips/v2/make     →   POST /studio/clips/v2/make
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re

MAX_LINE = 2_000

# A part of an address as frameworks and people write it, in angle brackets, with or without its type: "/v1/clips/<int:clip_id>".
_ANGLED_PART = re.compile(
    r"(?<=/)<(?:(?:string|str|int|float|path|uuid):)?(?!(?:[abipsu]|br|em|wbr|td|tr|th|li|ul|ol|div|sub|sup|span|code|strong|small)>)([A-Za-z][\w-]{0,60})>(?=[/?`'\"\s)*，。,.]|\Z)"
)
_CALL = re.compile(r"\b(?:POST|GET|PUT|PATCH|DELETE)\b|(?i:\b(?:url|path|endpoint|route)\b|地址|路径)")
# A request line, and nothing else, whose address lacks its first slash: "POST studio/clips/v2/make".
_WITHOUT_SLASH = re.compile(
    r"(?P<before>[\s`*#-]{0,12}(?:\d{1,2}\.\s)?[`*]{0,3}(?:POST|GET|PUT|PATCH|DELETE)[`*]{0,3}\s{1,3}[`*]{0,3})(?P<path>[A-Za-z][\w-]{0,60}(?:/(?:[\w.~-]{1,80}|\{[\w-]{1,60}\})){2,10}[`*]{0,3}\s*)\Z",
    re.ASCII,
)
# An address of which nothing but its query tells the call, in a sentence or alone: "https://a.example?Action=MakeClip".
_WITHOUT_PATH = re.compile(
    r"(?<!\]\()(?P<host>https?://[\w.-]{1,100}(?::\d{1,5})?)/?(?=\?(?:[\w.%=-]{1,80}&){0,8}Action=[A-Za-z])"
)
_SHOWN_ADDRESS = re.compile(
    r"[^`'\"#|]{0,60}(?:示例|例如|如下|\be\.g\.|\bexample)\s{0,2}[:：]?\s{0,3}\Z", re.IGNORECASE
)
# A line break in HTML at the end of a line of Markdown.
_BREAK_BEHIND = re.compile(r"(?<=[^\s|])\s{0,3}<br\s?/?>\s{0,4}\Z", re.IGNORECASE)
# A path, and the label of the part below it, glued by a copy: "/v1/clips请求参数".
_PATH_AND_LABEL = re.compile(
    r"(?P<path>\s{0,4}(?:https?://[\w.:-]{1,80})?/[\w.~-]{1,80}(?:/[\w.~:{}-]{1,80}){1,12})(?P<label>[\u4e00-\u9fff]{2,10}[:：]?)\s*\Z",
    re.ASCII,
)
# A member of an example, and behind wide blanks what is said of it, without the marks of a comment.
_MEMBER_AND_WORDS = re.compile(
    r"(?P<name>\s{0,40}\"[\w.-]{1,80}\"\s{0,8}:\s{0,8})(?P<value>\.{3}|\"[^\"]{0,200}\"|-?\d[\d.]{0,20}|true|false|null|\[\.{0,3}\]|\{\.{0,3}\})\s{0,3},?(?:\s{4,60}|\t{1,8}\s{0,60})(?P<words>[^\W\d_].{1,300})\Z"
)
# A heading of one word, set as one, and the words that such headings are: one letter wrong still heads the part.
_MARKED_WORD = re.compile(
    r"(?P<before>\s{0,8}(?:(?:[-*+]|#{1,6})\s{1,3})?(?P<bold>\*\*|__)?)(?P<word>[A-Z][a-z]{5,11})(?P<behind>\s?:?(?(bold)(?:\*\*|__))\s?:?\s*)\Z"
)
_HEADING_WORDS = (
    "Request",
    "Requests",
    "Response",
    "Responses",
    "Parameter",
    "Parameters",
    "Example",
    "Examples",
)


def mended(line: str) -> list[str]:
    """The lines that stand for this one; [] where it stands as it is."""
    if "/" in line and (lines := _address(line)):
        return lines
    if "Action=" in line and (whole := _with_root(line)) != line:
        return [whole]
    if line.lstrip()[:1] == '"' and (shown := _MEMBER_AND_WORDS.match(line[:MAX_LINE])):
        value = "null" if shown["value"] == "..." else shown["value"]
        return [f"{shown['name']}{value}, // {shown['words']}"]
    if line.rstrip()[-1:] == ">" and "|" not in line and _BREAK_BEHIND.search(line):
        return [_BREAK_BEHIND.sub("", line)]
    if line.lstrip()[:1] in ("-", "*", "+", "#", "_") and (heading := _MARKED_WORD.match(line[:60])):
        spelled = _spelled(heading["word"])
        if len(line) <= 60 and spelled != heading["word"]:
            return [f"{heading['before']}{spelled}{heading['behind']}"]
    return []


def _with_root(line: str) -> str:
    """The line with a slash for the path that an address lacks; where a sentence shows it as an example of how the
    call is sent, with a label that says so."""
    found = _WITHOUT_PATH.search(line[:MAX_LINE])
    if found is None:
        return line
    before, behind = line[: found.start()], line[found.end() :]
    label = "请求地址：" if _SHOWN_ADDRESS.fullmatch(before) else before
    return f"{label}{found['host']}/{behind}"


def _address(line: str) -> list[str]:
    if line.lstrip()[:1] in ("/", "h") and (glued := _PATH_AND_LABEL.match(line[:MAX_LINE])):
        return [glued["path"], glued["label"]]
    if without := _WITHOUT_SLASH.match(line[:MAX_LINE]):
        return [f"{without['before']}/{without['path']}"]
    if "/<" in line and _CALL.search(line) and _ANGLED_PART.search(line):
        return [_ANGLED_PART.sub(r"{\1}", line)]
    return []


def _spelled(word: str) -> str:
    """The word of a heading that differs from it in one letter, wrong, left out or one too many; else the word."""
    if word in _HEADING_WORDS:
        return word
    return next((known for known in _HEADING_WORDS if _differ_in_one(word, known)), word)


def _differ_in_one(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    same = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return len(long) - len(short) <= 1 and long[same + 1 :] == short[same + (len(short) == len(long)) :]
