"""Lines that a converter or a browser tore or glued, put right before a page's format is looked for.

Copy```       ```         {"a": 1}{    {"a": 1}     --request POST 'https://…'  →  curl --request POST 'https://…'
curl …     →  curl …      "b": 2     → {
```           ```                      "b": 2
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.rewritten import client_calls, definition_lists, html_page
from understudy.specs.readers.text.page_text import parse_type
from understudy.specs.readers.text.part_headings import part_of
from understudy.specs.readers.torn import (
    labels_below,
    marked_fields,
    run_tables,
    torn_sentences,
    written_by_hand,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

MAX_LINES = 30_000
MAX_LINE = 20_000
MIN_NUMBERED = 5
MIN_RUN = 400
MIN_LONG = 2_000


Lines = list[tuple[int, str]]

# A button before a fence, glued to it by a copy of the page.
_BUTTON = re.compile(r"\s{0,8}(?:copy|copied|复制|拷贝)\s?(?P<fence>`{3,}\w{0,12}\s*)\Z", re.IGNORECASE)
_CALL_WITHOUT_CURL = re.compile(
    r"\s{0,8}(?:--request|-X)\s{1,3}['\"]?(?:GET|POST|PUT|PATCH|DELETE)['\"]?\s{1,3}(?:--url\s{1,3})?['\"]?https?://"
)
_GLUED_BODIES = re.compile(r"(?<=[}\]])(?=\{\s*\Z)|(?<=[}\]]['\"])(?=\{\s*\Z)")
# The same behind a header that a command sends.
_HEADER = re.compile(r"\s{0,8}(?:-H|--header)\s")
_BEHIND_HEADER = re.compile(r"(?<=\S['\"])(?=\{\s*\Z)")
# A heading glued to the end of code or of an address.
_GLUED_HEADING = re.compile(
    r"(?<=[\w)}.。'])(?=(?:(?:Request|Response|Body|Query|Path)-(?:fields|parameters|headers|example):|API Endpoint|Endpoints?|(?:Request |Response |Body |Path |Query )?(?:Parameters|Headers)|Request Body|Responses?)\Z)(?<![A-Z ])"
)
# The same behind the bracket that ends an example: set as a comment, or in another script.
_GLUED_LABEL = re.compile(
    r"(?<=[}\]])(?=//\s{0,3}(?:REQUEST|RESPONSE|INPUT|OUTPUT|Request|Response|Input|Output)\b[^\"{}]{0,20}\Z)"
    r"|(?<=[}\]])(?=(?:请求|响应|返回|输入|输出)[^\"'{}\[\],，:：]{0,16}\Z)"
)
# A row of an overview: `POST/v1/clipsCreate a clip`.
_GLUED_CALL = re.compile(
    r"(?P<method>POST|GET|PUT|PATCH|DELETE)(?P<path>/[\w./{}:-]{2,200}?[a-z0-9}])(?P<label>[A-Z][a-z]{1,30}\s\S.{0,200})\Z"
)
# Below a method, a path and the first word of a sentence about it: "/v1/clipsThis endpoint makes clips".
_METHOD_ALONE = re.compile(r"\s{0,8}(?:POST|GET|PUT|PATCH|DELETE)\s{0,4}\Z")
_GLUED_SENTENCE = re.compile(
    r"(?P<path>/(?:[\w.~:-]{1,80}/|\{\w{1,80}\}/){0,20}(?:[\w.~-]{0,80}[a-z0-9]|\{\w{1,80}\})(?:\?\w{1,60}=[\w{}<>.&=-]{0,120}?[a-z0-9}>])?)(?P<said>[A-Z][a-z]{0,20}\s[a-z].*)\Z"
)
# A method glued to the word before it: "Send aPOST request", "PollGET /v1/clips".
_GLUED_METHOD = re.compile(r"(?<=[a-z])(?=(?:POST|GET|PUT|PATCH|DELETE)\s(?:/\w|(?:a\s)?requests?\b))")
# The word below a type, and the next field's name, or a sentence, glued to it.
_REQUIRED_AND = re.compile(
    r"(?P<said>required)(?:(?P<name>[A-Za-z_]\w{0,60})|(?P<words>[A-Z][A-Za-z]{0,20}[ ,]\S.*))\s*\Z"
)
# A part of an address that a shell fills in: "/v1/${TASK}/state".
_SHELL_PART = re.compile(r"(?<=/)\$\{(\w{1,60})\}")
# Behind a sentence about one field the next one: "image: required, a picture. tail: optional, the last one".
_SEVERAL_FIELDS = re.compile(
    r"(?:(?<=[。；;])|(?<=\.)\s)(?=[A-Za-z_]\w{1,40}\s?[:：]\s?(?:必填|必传|必选|可选|选填|(?i:required|optional)\b))"
)
_GLUED_PATH = re.compile(
    r"\s{0,4}(?P<method>POST|GET|PUT|PATCH|DELETE)(?P<path>(?:https?://[\w.-]{1,80})?/[\w./{}:-]{1,200})\s*\Z"
)
# An entry of a list that begins with several names in code: "- `width`, `height`: in pixels"; and one with one name.
_SEVERAL_NAMES = re.compile(
    r"(?P<bullet>[ \t]{0,12}[-*+•][ \t]{1,4})(?P<names>`[A-Za-z_]\w{0,60}`(?:\s?(?:[,、/，]|\band\b|和|及|与)\s?`[A-Za-z_]\w{0,60}`){1,7})(?P<rest>\s{0,3}(?:[:：(（—–]|-\s).*|\s*)\Z"
)
_ONE_NAME = re.compile(r"(?P<bullet>[ \t]{0,12}[-*+•][ \t]{1,4})`[A-Za-z_]\w{0,60}`")
# A sentence glued to the end of an example.
_GLUED_BEHIND = re.compile(r"(?P<close>[}\]]{1,4}['\"]?)(?=[A-Z][A-Za-z]{1,20}\s[a-z(])")
# What heads a table of contents, and how many lines one has.
_CONTENTS = re.compile(
    r"(?:on this page|in this article|(?:table of )?contents|本页(?:目录|内容|导航)|目录)\s?[:：]?\Z",
    re.IGNORECASE,
)
MAX_CONTENTS = 40
# A cell or a name on a line of its own, with the marks that a converter escaped: `data.created\\_at`.
_ESCAPED = re.compile(r"\s{0,8}(?:\\-|[\w.\[\]]{1,60}(?:\\_[\w.\[\]]{1,60}){1,6})\s{0,4}\Z")
# A page whose lines were run together.
_RUN_TOGETHER = re.compile(r"\s#{2,4}\s\S")
_PARTS = re.compile(
    r"[ ](?=#{1,4}[ ]\S)|[ ](?=-[ ][`*])|[ ](?=(?:POST|GET|PUT|PATCH|DELETE)[ ]/)|[ ](?=`{3})|(?<=`{3})[ ]|(?<=`{3}json)[ ]|(?<=`{3}bash)[ ]|(?<=`{3}python)[ ]"
)
# A field glued to the end of the one above: "…the picture\n0.5Range: 0 - 1durationoptionalintegerDuration of".
_GLUED_FIELDS = re.compile(
    r"(?<=[\d\"')\]])(?=[a-z][a-z0-9_]{1,40}(?:required|optional)(?:string|integer|number|boolean|array|object)(?:[A-Z]|\s*\Z))"
    # … or behind the full stop of its description, without a blank: "…or failed.video_urlstringThe address of it".
    r"|(?<=[\w)\"']\.)(?=[a-z][a-z0-9_]{1,40}(?:string|integer|number|boolean|array|object)(?:required|optional)?[A-Z][A-Za-z0-9]{0,20}\s)"
)
# A line in bold which an editor wrote in parts around and inside of code: "**Body (**`**application/json**`**)**".
_BOLD_IN_PARTS = re.compile(
    r"\s{0,4}\*\*[^*`]{1,80}\*\*\s?`\*\*[^*`]{1,60}\*\*`\s?(?:\*\*[^*`]{1,80}\*\*)?[:：]?\s*\Z"
)
# A line of code with its number before it, as copies of some pages have them.
_NUMBERED = re.compile(r"\s{0,4}(?P<number>\d{1,4})(?P<code>(?!\d)(?![.,:)%x-]).*)\Z")
_NUMBERED_ROW = re.compile(r"\|\s?(?P<number>\d{1,3})\s?\|\s?(?P<code>(?!\s*[\w .]{0,40}\|).*?)\s?\|\s*\Z")
# The marks of a heading whose text stands on the next line.
_HEADING_ALONE = re.compile(r"#{1,6}\s*\Z")
_HEADING = re.compile(r"[^\W\d][^\n:：|`]{0,39}\Z")


def recognises(document: Document) -> bool:
    """Whether the text has lines that are torn or glued in one of these ways."""
    lines = document.lines[:MAX_LINES]
    is_html = html_page.recognises(document)
    if len(_contents(lines)) > 1:
        return True
    if any(
        _end_of_numbered(lines, index) or _GLUED_CALL.match(line[:400]) for index, line in enumerate(lines)
    ):
        return True
    if any(
        (_HEADING_ALONE.match(one) and _HEADING.match(below.strip()))
        or run_tables.is_glued(one, below)
        or (not is_html and definition_lists.are_defined(one, below))
        for one, below in pairwise(lines)
    ):
        return True
    if any(one.startswith("| 1 |") and below.startswith("| 2 |") for one, below in pairwise(lines)):
        return True
    if any(_behind_required(*three) for three in zip(lines, lines[1:], [*lines[2:], ""], strict=False)):
        return True
    if torn_sentences.are_torn(lines) or labels_below.are_below(lines):
        return True
    return any(
        _mended(line, above) != [line] for above, line in pairwise(["", *lines]) if len(line) <= MAX_LINE
    )


def rewritten(document: Document, log: FactLog) -> Derived:
    """The text with such lines whole; its notes have the document's own lines."""
    contents = _contents(document.lines[:MAX_LINES])
    lines: Lines = [
        (number, part)
        for number, line in enumerate(document.lines, 1)
        if number - 1 not in contents
        for part in (
            _mended(line, document.lines[number - 2] if number > 1 else "")
            if number <= MAX_LINES and len(line) <= MAX_LINE
            else [line]
        )
    ]
    if not html_page.recognises(document):
        lines = definition_lists.with_entries(lines)
    lines = labels_below.with_calls(lines)
    lines = _with_names(_with_headings(_without_numbers(_with_calls(_with_tables(_without_rows(lines))))))
    if any(marked_fields.are_run_together(line) for line in document.lines[:MAX_LINES]):
        lines = marked_fields.with_answer(lines)
        marked_fields.tell_lost_levels(document.lines[:MAX_LINES], log)
    if torn_sentences.are_torn(document.lines[:MAX_LINES]):
        lines = torn_sentences.joined(
            lines, lambda number: log.note("mend", "sentences torn at words in code", number)
        )
    return Derived(
        replace(document, text="\n".join(text for _, text in lines)), [number for number, _ in lines]
    )


def _mended(line: str, above: str) -> list[str]:
    if run_tables.are_run_together(line):
        parts = run_tables.taken_apart(line)
        return [one for part in parts for one in ([part] if part[:1] == "|" else _lines_of(part))]
    if len(line) > MIN_RUN and len(_RUN_TOGETHER.findall(line)) > 1:
        return _PARTS.split(line)
    if "http(s)://" in line:
        return [line.replace("http(s)://", "https://")]
    if button := _BUTTON.match(line):
        return [button["fence"]]
    if _CALL_WITHOUT_CURL.match(line) and not above.rstrip().endswith("\\"):
        return [f"curl {line.strip()}"]
    if "`" in line and (several := _SEVERAL_NAMES.match(line)) and _are_names(several, above):
        names = re.findall(r"`\w+`", several["names"])
        return [f"{several['bullet']}{name}{several['rest']}" for name in names]
    if len(line) <= MIN_LONG and _SEVERAL_FIELDS.search(line):
        return _SEVERAL_FIELDS.split(line)
    if line.endswith("{") and len(line) > 1:
        return (_BEHIND_HEADER if _HEADER.match(line) else _GLUED_BODIES).split(line)
    return _unglued(line, above)


def _are_names(entry: re.Match[str], above: str) -> bool:
    """Whether what an entry begins with is names, not values: no word is written so, or the entry above begins with
    one, too."""
    other = _ONE_NAME.match(above)
    beside = other is not None and other["bullet"] == entry["bullet"]
    return beside or all("_" in name for name in re.findall(r"\w+", entry["names"]))


def _lines_of(text: str) -> list[str]:
    """The lines that a copy ran together between the tables of a page, if headings stand among them."""
    return _PARTS.split(text) if _RUN_TOGETHER.search(f" {text}") else [text]


def _unglued(line: str, above: str) -> list[str]:
    if "`**" in line and _BOLD_IN_PARTS.match(line[:400]):
        return [f"**{re.sub(r'[*`]', '', line).strip(' :：')}**"]
    if "\\" in line and len(line) <= MIN_RUN and _ESCAPED.match(line):
        return [line.replace("\\", "")]
    if call := _GLUED_PATH.match(line[:400]):
        return [f"{call['method']} {call['path']}"]
    if line[:1] in ("}", "]") and (sentence := _GLUED_BEHIND.match(line)):
        return [sentence["close"], line[sentence.end() :]]
    if "/${" in line and _SHELL_PART.search(line):
        return [_SHELL_PART.sub(r"{\1}", line)]
    if by_hand := written_by_hand.mended(line):
        return by_hand
    if marked_fields.are_run_together(line):
        return marked_fields.taken_apart(line)
    if _GLUED_METHOD.search(line):
        return [_GLUED_METHOD.sub(" ", line)]
    if line.startswith(("}", "]")) and (glued := _GLUED_LABEL.search(line)):
        return [line[: glued.start()], "", line[glued.start() :]]
    if line.endswith(("s", "t", "y", "e", "s:", "e:")) and (glued := _GLUED_HEADING.search(line)):
        return [line[: glued.start()], line[glued.start() :]]
    if _METHOD_ALONE.match(above) and (call := _GLUED_SENTENCE.match(line[:MIN_RUN])):
        return [call["path"], line[call.end("path") :]]
    return _GLUED_FIELDS.split(line) if _GLUED_FIELDS.search(line) else [line]


def _contents(lines: Sequence[str]) -> set[int]:
    """The indices of the lines of a table of contents: they name the parts of the page, and begin none."""
    found: set[int] = set()
    for start, line in enumerate(lines):
        if len(line) > MAX_CONTENTS or not _CONTENTS.match(line.strip()):
            continue
        if "/" in (one.strip() for one in lines[max(start - 1, 0) : start + 2]):
            continue  # a piece of a path that a copy has torn
        for index in range(start, min(start + MAX_CONTENTS, len(lines))):
            if not lines[index].strip() or (index > start and not part_of(lines[index].strip(" \t-*•"))):
                break
            found.add(index)
    return found


def _without_rows(lines: Lines) -> Lines:
    """The lines, code that a copy has as a table of its numbers and lines as code."""
    out: Lines = []
    expected = 1
    for number, line in lines:
        row = _NUMBERED_ROW.match(line[:MAX_LINE]) if line[:1] == "|" else None
        is_next = row is not None and int(row["number"]) in (1, expected)
        expected = int(row["number"]) + 1 if row is not None and is_next else 1
        out.append((number, row["code"].strip() if row is not None and is_next else line))
    return out


def _with_tables(lines: Lines) -> Lines:
    """The lines, the headings of a table on a line of their own where they are glued to the text before them."""
    out: Lines = []
    for (number, line), (_, below) in pairwise([*lines, (0, "")]):
        at = run_tables.is_glued(line, below)
        out += [(number, line[:at]), (number, ""), (number, line[at:])] if at else [(number, line)]
    return out


def _with_calls(lines: Lines) -> Lines:
    """The lines with the rows of an overview of calls, glued together, as a table."""
    out: Lines = []
    is_table = False
    for number, line in lines:
        call = _GLUED_CALL.match(line[:400])
        if call and not is_table:
            out += [(number, ""), (number, "| Method | Endpoint | Description |"), (number, "|---|---|---|")]
        elif is_table and not call:
            out.append((number, ""))
        is_table = call is not None
        row = f"| {call['method']} | `{call['path']}` | {call['label']} |" if call else line
        out.append((number, row))
    return out


def _without_numbers(lines: Lines) -> Lines:
    """The lines, code that a copy has with the numbers of its lines in a block, or as the call that it makes."""
    out: Lines = []
    index = 0
    texts = [text for _, text in lines]
    while index < len(lines):
        end = _end_of_numbered(texts, index)
        if not end:
            out.append(lines[index])
            index += 1
            continue
        block = [(number, _NUMBERED.match(text)["code"]) for number, text in lines[index:end]]  # type: ignore[index]
        out += client_calls.call_of(block, {}) or [(block[0][0], "```"), *block, (block[-1][0], "```")]
        index = end
    return out


def _end_of_numbered(lines: Sequence[str], start: int) -> int:
    """Behind the last of the lines that begin with 1, 2, 3 …, if there are some; 0 where none begin here."""
    index = start
    while index < len(lines) and (found := _NUMBERED.match(lines[index][:MAX_LINE])):
        if int(found["number"]) != index - start + 1:
            break
        index += 1
    return index if index - start >= MIN_NUMBERED else 0


def _with_names(lines: Lines) -> Lines:
    """The lines, what is glued to the word below a type that says that a field is required on one of its own."""
    out: Lines = []
    texts = ["", *(text for _, text in lines), ""]
    for at, (number, line) in enumerate(lines, 1):
        end = _behind_required(texts[at - 1], line, texts[at + 1])
        out += [(number, line[:end]), (number, line[end:])] if end else [(number, line)]
    return out


def _behind_required(above: str, line: str, below: str) -> int:
    """Where the word ends that a line below a type begins with, to which the name of the next field is glued, one of
    the field's values, or words about it; 0 where none is."""
    found = _REQUIRED_AND.match(line[:MIN_RUN]) if line[:1] == "r" else None
    if found is None or parse_type(above.strip()) is None:
        return 0
    is_name = found["name"] and (parse_type(below.strip()) is not None or above.strip().startswith("enum"))
    return found.end("said") if is_name or found["words"] else 0


def _with_headings(lines: Lines) -> Lines:
    """The lines with the text of each heading behind its marks."""
    out: Lines = []
    for number, line in lines:
        above = out[-1][1] if out else ""
        if _HEADING_ALONE.match(above) and _HEADING.match(line.strip()):
            out[-1] = (number, f"{above.strip()} {line.strip()}")
        else:
            out.append((number, line))
    return out
