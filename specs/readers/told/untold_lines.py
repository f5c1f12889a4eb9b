"""Lines of text that limit something, list alternatives, or say *required*, *optional* or *default*.

"at most 4 images"        "[1, 9]"        "One of: …"        "seed: optional"

Each check is given what is known of a line, and yields what is unread in it.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from understudy.specs.prose.left_out import CONDITION
from understudy.specs.readers.text.page_text import FENCE
from understudy.specs.readers.told.excerpts import Unread

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence, Set

    from understudy.specs.documents import Document

MAX_LINE = 2_000
# A longer line is looked at in parts.
MAX_LONG_LINE = 20_000
MAX_LINES = 30_000
MAX_PROSE = 5_000
MAX_CHARACTERS = 600_000
# So many words may a sentence have in which one of them is about a field; and so much around a word is about it.
MAX_WORDS, AROUND = 40, 120
# So long may a label be and a value below it, and so many lines are looked at for values.
MAX_LABEL, MAX_BELOW = 60, 6

_N = r"-?(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,15})(?:\.\d{1,6})?"
_UNIT = (
    r"(?:(?:unicode |utf-?8 )?char(?:acter)?s?\b|[KMG]i?B\b|px\b|pixels?\b|images?\b|pictures?\b|photos?\b|items?\b|elements?\b|files?\b|"
    r"zeichen\b|bilder\b|sekunden\b|caract[eè]res\b|caracteres\b|segundos\b|secondes\b|символ\w*|секунд\w*|videos?\b|clips?\b|seconds?\b|secs?\b|ms\b|minutes?\b|hours?\b|days?\b|fps\b|words?\b|tokens?\b|%|字符|个字|字(?!段|体|典|母)|张|个(?!月)|秒|毫秒|分钟|小时|天|像素|兆|帧|条|次)"
)
_CUE = (
    r"(?:\bmax(?:imum)?\b|\bmin(?:imum)?\b|\bup to|\bat (?:most|least)|\bexceed(?:s|ing)?|\blimit(?:ed|s)?|\b(?:less|more|greater|fewer|longer|shorter|larger|smaller) than|"
    r"\bbetween|\brange|\bwithin|[≤≥]|<=|>=|(?<=[\s|(:,])[<>](?=\s?\d{1,6}\s{0,3}(?:[|),;]|\Z))|不超过|不得超过|不能超过|最多|最少|至少|至多|最大|最小|小于|大于|少于|多于|以内|范围|介于|上限|下限)"
)
_LIMITS = re.compile(
    rf"(?<![A-Za-z0-9_.:/-])(?P<unit>{_N})\s{{0,2}}{_UNIT}(?!\s?(?:ago\b|前(?![景后])))|{_CUE}[^\d\n|]{{0,14}}?(?P<cue>{_N})(?:\s?(?:and|to|[-~–]|到|至|和)\s?(?P<cue_to>{_N}))?(?!(?!\s?[x×]\s?\d)[A-Za-z0-9_:/]|\.\w)"
    rf"|(?<![A-Za-z0-9_.:/-])(?P<rate>{_N})\s[a-z]{{2,20}}\s?(?:\s(?:an?|per|each|every)\s|/\s?)(?:day|hour|week|month|minute)\b"
    rf"|[\[(]\s{{0,2}}(?P<low>{_N})\s{{0,2}}(?:[,~-]|\.\.)\s{{0,2}}(?P<high>{_N})\s{{0,2}}[\])]"
    rf"|(?:^|[\s|])(?P<from>{_N})\s{{0,3}}[-~–]\s{{0,2}}(?P<to>{_N})(?=\s|\||\Z)",
    re.IGNORECASE,
)
# Where the word stands as one of the field, not in a sentence: "plus optional references".
_WORDS = re.compile(
    r"(?:^|[|(\[,;:.\t*_`])[ \t*_`]{0,4}(?P<word>required\b(?!\s+(?:array|string|range|length|param|field|header))|optional\b(?!\s+[a-z]+\s+[a-z]|\s+values?\b)|defaults?\b(?!\s+(?:text|page|theme|export)))|(?P<glued>(?<=[a-z\d])Defaults?\b|(?<![A-Z])(?:Required|Optional)\Z)"
    r"|(?P<han>必填|选填|必选|必传|默认|缺省|省略时)|(?P<default>\b(?:(?:by default|if omitted),?\s(?:it\s)?(?:is|uses?|=)?\s?(?=[`\"\d-])|the default (?:value )?(?:is|of)\b)|\b(?:padrão|por defecto|predeterminado|par défaut|standardwert|по умолч\w*)|デフォルト|既定値|기본값)"
    rf"|(?P<left>(?:(?<![\w.])-?\d[\w.:]{{0,20}}|`[^`\n]{{1,40}}`)\s{{1,3}}(?={CONDITION}))"
    r"|(?P<needed>\b(?:obligatori[oa]|obrigatóri[oa]|obligatoire|erforderlich|обязательн\w*|opcional|optionnel(?:le)?|facultati(?:f|vo)|необязательн\w*)(?=\s{0,3}(?:[|),.;:*`]|\Z))|必須|任意|필수|선택)",
    re.IGNORECASE,
)
# Behind a default: that there is none.
_NONE = re.compile(
    r"(?: value|值)?(?: is|[为是])?[\s:：`*]{0,4}(?:empty|none|null|nil|n/a|无|空|不填)(?!\w)", re.IGNORECASE
)
_OF_DEFAULTS = ("默认", "缺省", "省略时")
# What says that alternatives follow, or in which form a file is sent.
_CUES = {
    "enum": re.compile(
        r"\b(?:enum(?:erat(?:ed|ion))?(?: values?)?|(?:available|possible|allowed|supported|accepted|valid|optional) (?:values?|options)|one of(?: the following)?)\s{0,3}[:：]|\baccept(?:s|ed)\s?[:：](?!\s?\.?(?:jpe?g|png|gif|webp|mp[34]|mov|wav|m4a)\b)|\b(?:should|must) be one of\b|\b(?:must|should) (?:always )?be (?:set to )?(?=[`\"]\w)|\benum \[|枚举值|可选值|可用值|可用选项|可选项|允许值|\b(?:opciones|options|opções) dispon\w{2,6}\s?[:：]|取值(?:为|有|:|：)|(?:固定|必须|应)(?:设置)?为\s?(?=[`\"]\w)",
        re.IGNORECASE,
    ),
    "x-source": re.compile(
        r"\b(?:url|link)s?(?: or |/| / |, )base64\b|(?:url|URL|链接)\s?(?:或|/|、)\s?base64", re.IGNORECASE
    ),
}
# The words behind such a cue, of which two are looked at, and what of it is no alternative of its own.
_BEHIND = re.compile(r"[^\W_][\w./-]*(?::\d+)?")
_VALUE = r"[`\"']?[A-Za-z0-9][\w.:/-]{0,60}[`\"']?(?:\s?\([^()\n]{1,40}\))?"
_LISTED = re.compile(
    rf"[\s:\[(=]{{0,4}}{_VALUE}(?:(?:\s?[,|/;]\s?(?:or\s|and\s)?|\sor\s|\sand\s|\s?[或和]\s?){_VALUE}){{1,40}}"
)
_OF_BOOLEANS = frozenset(["true", "false"])
_SAYS_NOTHING = re.compile(
    r"authori[sz]ation|content-type|bearer|api.?key|default(?:s|ed)? (?:text|page|theme|export)",
    re.IGNORECASE,
)
_SEPARATOR_ROW = re.compile(r"\|?[\s:|-]{3,}\|?\Z")
_CODE_LINE = re.compile(
    r"\s*(?:[{}\[\]]|\"[\w-]{1,80}\"\s?:|curl\b|-[HdX]\b|--\w|//|import\b|from\b|const\b|https?://)"
)
# The comment of a line of code: behind slashes or a hash, or a line of a block.
_COMMENT = re.compile(
    r"(?:(?<![:\w\"'/])//+|(?<![\w\"'])#(?![\w\"'])|/\*\*?|\A\s*\*(?!/))\s?(?P<text>[^*\n]*(?:\*(?!/)[^*\n]*)*)"
)
# Alternatives in a type: 'a' | 'b', also one a line.
_UNION = re.compile(r"[\"'\d]\s?\|\s?[\"'\d]|\A\s{0,20}\|\s?[\"'\d]")
# A key of an example, which a comment behind it speaks of.
_OF_A_KEY = re.compile(r"\s{0,40}[\"'](?P<name>[A-Za-z_][\w-]{0,79})[\"']\s{0,3}[:：]")
_OF_A_WORD = re.compile(r"\s{1,40}(?P<name>[A-Za-z_]\w{0,79})\s?:\s")
_COMMENT_ALONE = re.compile(r"\s{0,40}(?://+|#|/\*\*?|\*(?!/))\s?(?P<text>[^\n]*)")
MAX_ABOVE_A_KEY = 4
# What stands above the values of a field.
_LABEL = re.compile(
    r"(?:\bdefault(?: value)?|\b(?:allowed|available|possible|supported|valid|accepted|enum) (?:values?|options)|枚举值?|可选值|可用值|可用选项|可选项|允许值|取值|(?:opciones|options|opções) dispon\w{2,6}|默认值?|缺省值?)\**\s{0,2}[:：]\**\s{0,3}\Z",
    re.IGNORECASE,
)
# Where the next row of a table begins that was copied as one line.
_ROW_ENDS = re.compile(r"\|[ ]{1,3}(?=\|[ ]{1,3}[*`]{0,3}[A-Za-z_][\w.]{0,80}[*`]{0,3}[ ]{1,3}\|)")
_TAG = re.compile(
    r"\s*@(?:api(?:Body|Param|Query|Success)|param|property)\s+(?:\([^()\n]{1,80}\)\s*)?\{[^{}\n]{1,80}\}\s+\[?(?P<name>[A-Za-z_][\w.\[\]]{0,119}(?<!\]))"
)
_HEADS = re.compile(
    r"\b(?:field|name|type|required|default|description)\b|字段|参数|类型|必填|默认|描述|说明", re.IGNORECASE
)
_HEADS_GLUED = re.compile(
    r"(?:field|parameter|name|type|required|default|description|options?)s?|字段|参数|名称?|类型|变量名|(?:是否)?必[填选]|默认值?|描述|说明|含义|备注",
    re.IGNORECASE,
)
_HEAD_CELLS = re.compile(rf"(?:(?:{_HEADS_GLUED.pattern})[\s/|]{{0,3}}){{1,10}}\Z", re.IGNORECASE)
_STATUS_ROW = re.compile(r"\|?\s*`?[1-5]\d\d\d?`?\s*(?:\||\t|:|\Z)")


def first_lines(lines: Iterable[tuple[int, str]]) -> tuple[list[tuple[int, str]], int]:
    """As many lines as there is time for, and the number of the next one; 0: those are all."""
    taken: list[tuple[int, str]] = []
    characters = 0
    for number, text in lines:
        characters += len(text)
        if len(taken) == MAX_PROSE or characters > MAX_CHARACTERS:
            return taken, number
        taken.append((number, text))
    return taken, 0


def prose_lines(
    document: Document, *, is_code: bool = False, members: Container[int] = ()
) -> Iterator[tuple[int, str]]:
    """The lines that may limit something, each with its number: no code, no headings, no OpenAPI; of code its
    comments, its `members` and what has alternatives."""
    if is_code:
        yield from _code_lines(document, members)
        return
    fenced = False
    lines = document.lines
    for index, line in enumerate(lines[:MAX_LINES]):
        if FENCE.match(line[:40]):
            fenced = not fenced
            continue
        text = line[:MAX_LINE]
        if commented := _commented(lines, index, is_fenced=fenced):
            yield index + 1, commented
            continue
        if (
            fenced
            or not text.strip()
            or "<th" in text
            or _CODE_LINE.match(text)
            or text.lstrip().startswith("#")
            or _STATUS_ROW.match(text)
        ):
            continue
        is_head = (
            index + 1 < len(lines)
            and "-" in lines[index + 1]
            and _SEPARATOR_ROW.match(lines[index + 1].strip()[:300])
        )
        if is_head or _SEPARATOR_ROW.match(text.strip()) or _is_head(lines, index):
            continue
        if rows := rows_of(line):
            yield from ((index + 1, row[:MAX_LINE]) for row in rows)
            continue
        yield index + 1, _with_values(text, lines, index)
        for start in range(MAX_LINE, min(len(line), MAX_LONG_LINE), MAX_LINE):
            yield index + 1, line[start : start + MAX_LINE]


def _commented(lines: Sequence[str], index: int, *, is_fenced: bool) -> str:
    """The comment behind a key of an example, or, in a block, above it: `"mode": one of std, pro`."""
    text = lines[index][:MAX_LINE]
    if entry := _OF_A_KEY.match(text) or (_OF_A_WORD.match(text) if is_fenced else None):
        comment = _COMMENT.search(text, entry.end())
        return f'"{entry["name"]}": {comment["text"]}' if comment else ""
    if is_fenced and (comment := _COMMENT_ALONE.match(text)):
        below = (one[:MAX_LINE] for one in lines[index + 1 : index + 1 + MAX_ABOVE_A_KEY])
        after = next((one for one in below if not _COMMENT_ALONE.match(one)), "")
        if entry := _OF_A_KEY.match(after):
            return f'"{entry["name"]}": {comment["text"]}'
    return ""


def _code_lines(document: Document, members: Container[int]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        text = line[:MAX_LINE]
        if number in members or _UNION.search(text) or _TAG.match(text):
            yield number, text
        elif (comment := _COMMENT.search(text)) and comment["text"].strip():
            yield number, comment["text"]


def rows_of(line: str) -> list[str]:
    """The rows of a table that was copied as one line; none where the line has no second one."""
    if not _ROW_ENDS.search(line[:MAX_LINE]):
        return []
    return [row for row in _ROW_ENDS.split(line[:MAX_LONG_LINE]) if "| --" not in row]


def _with_values(text: str, lines: Sequence[str], index: int) -> str:
    """A line that ends with the label of values, with them behind it where they stand on the lines below."""
    if not _LABEL.search(text[-MAX_LABEL:]):
        return text
    below = [one for line in lines[index + 1 : index + 1 + MAX_BELOW] if (one := line.strip())]
    entries = list(takewhile(_is_entry, below)) or below[:1]
    return f"{text} {', '.join(one for one in entries if len(one) < MAX_LABEL)}"


def _is_entry(line: str) -> bool:
    return line.startswith(("-", "*", "•", "·"))


def _is_head(lines: Sequence[str], index: int) -> bool:
    """Whether a line is the head of a copied table, its cells set apart by tabs or glued, or one cell of such a head."""
    text = lines[index][:MAX_LINE]
    if "\t" in text and len(_HEADS.findall(text)) > 2:
        return True
    if not _HEAD_CELLS.match(text.strip()):
        return False
    around = [line for line in lines[max(index - 2, 0) : index + 3] if line.strip()]
    cells = sum(_HEAD_CELLS.match(line.strip()[:200]) is not None for line in around)
    return len(_HEADS_GLUED.findall(text)) > 2 or cells > 2


def unread_tags(text: str, names: Set[str]) -> Iterator[Unread]:
    """The field that a tag of a comment documents, `@apiBody {String} [mode="std"]`, where none has its name."""
    found = _TAG.match(text)
    if found and re.split(r"[.\[]", found["name"].replace("[]", ""))[-1] not in names:
        yield Unread("a field", *found.span("name"))


def unread_numbers(text: str, values: Set[str]) -> Iterator[Unread]:
    """Numbers that limit something and are none of the values."""
    for match in _LIMITS.finditer(_without_code_signs(text)):
        numbers = [group for group in match.groups() if group]
        if not _is_of_a_header(text, match) and any(
            plain(float(one.replace(",", "").rstrip("."))) not in values for one in numbers
        ):
            yield Unread("a limit", *match.span())


def unread_cues(text: str, values: Set[str], keywords: Set[str]) -> Iterator[Unread]:
    """Words behind which alternatives follow, or forms of a file, of which no keyword is."""
    for keyword, cue in _CUES.items():
        found = cue.search(text)
        if (
            found
            and not _is_of_a_header(text, found)
            and not _are_known(text, found.end(), values)
            and keyword not in keywords
        ):
            yield Unread(repr(" ".join(found.group().strip(" :").split())), *found.span())


def _are_known(text: str, start: int, values: Set[str]) -> bool:
    """Whether what stands behind a cue is nothing, a boolean, or read: each of a list, or the words behind."""
    listed = _LISTED.match(text, start)
    words = _BEHIND.findall(listed.group()) if listed else []
    behind = [one for one in words if one not in ("or", "and")]
    behind = behind or [one.group() for one in islice(_BEHIND.finditer(text, start), 2)]
    return values >= set(behind) or behind[0] in _OF_BOOLEANS


def unread_words(text: str, keywords: Set[str]) -> Iterator[Unread]:
    """The word *required*, *optional* or *default* of a field of which no such keyword is."""
    is_long = len(text.split()) > MAX_WORDS
    for match in _WORDS.finditer(text):
        word = match.group(match.lastgroup or 0)
        is_default = (
            match["default"] or match["left"] or word.lower().startswith("default") or word in _OF_DEFAULTS
        )
        wanted = "default" if is_default else "required"
        if wanted in keywords or (is_long and not is_default):
            continue
        if _is_of_a_header(text, match) or (is_default and _NONE.match(text, match.end())):
            continue
        yield Unread(repr(word.strip()), *match.span())


def _is_of_a_header(text: str, match: re.Match[str]) -> bool:
    """Whether what stands around speaks of a header that every request has, or of the page itself."""
    return _SAYS_NOTHING.search(text, max(match.start() - AROUND, 0), match.end() + AROUND) is not None


def _without_code_signs(text: str) -> str:
    """The text with blanks for the marks around numbers, "`0` \\~ `1`", character for character."""
    return text.replace("`", " ").replace("\\~", " ~")


def plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(round(number, 6))
