"""What is said of a field in a word or two: its type, whether it is required, its default, a limit, where it is sent.

The words are found by themselves; how they are set apart (blanks, dots, bars, dashes, brackets, nothing) is not asked.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass, field

from understudy.specs.readers.text.page_text import parse_type

MAX_SAID = 12

_NUMBER = r"-?(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,15})(?:\.\d{1,6})?"
_REQUIRED = r"(?i:required|mandatory|requerido|obligatori[oa]|obligatoire|requis|obrigatóri[oa]|erforderlich|pflichtfeld|обязательн(?:о|ый|ое))|必填(?!范围)|必选|必须|必需|必传|必須|必選|필수"
# "Optional values" and 可选值 are those that a field may have: they say nothing of whether it is given.
_OPTIONAL = r"(?i:not\ required|optional(?!\ (?:values?|options?)\b)|opcional|optionnel(?:le)?|facultati(?:f|vo)|необязательн(?:о|ый|ое))|非必填|非必选|非必须|非必需|可选(?!择|的?(?:取?值|项|范围))|选填|可選(?!擇|的?(?:取?值|項|範圍))|任意|선택"
ONE_TYPE = r"(?i:string|str|integer|int32|int64|int|long|number|float32|float64|float|double|decimal|boolean|bool|object|json|dict|map|enum|array|list)|(?:字符串|对象|整数)数组|字符串|整数|整型|数字|浮点数|布尔值|布尔|对象|数组"
TYPE = (
    rf"(?:(?i:(?:array|list)\ of\ )\w{{3,20}}|(?i:(?:string|object|integer|number)\ (?:array|list)|json\ object|enum\ string)(?!\w)|(?i:array|list)[(（]\w{{1,20}}[)）]|(?:{ONE_TYPE})(?:\s?<[\w\-|, ]{{1,40}}>|\s?\[\w[\w {{}}]{{0,30}}\])?(?:\s?\[\])?(?:\s?\{{\d{{1,3}}\}})?)"
    rf"(?:\s?(?:\||/|(?i:or)\ )\s?(?:(?i:null)|{ONE_TYPE}))?"
)
_VALUE = r"(?:\"[^\"\n]{0,120}\"|'[^'\n]{0,120}'|`[^`\n]{0,120}`|[^\s,;，；()（）\"'`]{1,80})"
# One thing that is said of a field in a word or two. Its end is a change of letters: "uriRequired".
_WORD = re.compile(
    rf"(?:(?P<optional>{_OPTIONAL})|(?P<required>{_REQUIRED})|(?P<type>{TYPE})"
    rf"|(?i:defaults?(?:\ (?:value|to|is))?|默认值?为?|predeterminado|par\ défaut|padrão)\s?[:：=]?\s?(?P<default>(?![:：=](?:\s|\Z)){_VALUE})"
    rf"|(?i:value)\s?[:：]\s?(?P<fixed>{_VALUE})"
    rf"|(?P<limit>{_NUMBER}\s?(?:[–~-]|\.\.)\s?{_NUMBER}(?![\w:/])|(?i:(?:max|min)(?:imum)?(?:\ ?(?:length|items|value))?)\s?[:：]?\s?{_NUMBER}|[<>≤≥]=?\s?{_NUMBER}(?i:\ char(?:acter)?s|\ items)?)"
    rf"|(?i:in\ )?(?P<place>(?i:header|query|path|body))|(?P<format>(?i:uri|url|date-time|enum|nullable|null|deprecated|read-only|int32|int64|float|double|base64|binary))"
    r")(?:(?![a-z0-9_])|(?=required|optional))"
)
_BETWEEN = re.compile(r"(?:[\s·•,;|，；、:：()（）\[\]*_`–—]|-(?!\d)){0,8}")
# What is said in brackets behind a name, or on the line below it.
BRACKETS = re.compile(
    r"\s{0,3}[:：–—|·*_`-]{0,3}\s{0,3}[*_]{0,2}(?:(?P<round>[(（])|(?P<square>\[)|<)(?P<in>\w{2,12}<[\w ,|-]{1,40}>(?=>)|[^()（）]{1,200}?(?:\([^()]{0,80}\)[^()（）]{0,80}?)?)(?(round)[)）]|(?(square)\]|>))[*_]{0,2}(?P<after>[^\n]*)\Z"
)
LABEL = re.compile(
    r"\s{0,3}(?:(?P<type>(?i:(?:data\ )?type)|(?:数据|参数)?类型|型)|(?P<required>(?i:required|mandatory)|(?:是否)?必[填选须需传])|(?P<place>(?i:in|location)|位置)|(?P<default>(?i:default(?:\ value)?)|默认值?))\s{0,2}[:：]\s{0,3}(?P<value>\S.{0,160})\Z"
)
YES = re.compile(rf"(?:(?i:yes|true|y)|是|✓|✅|{_REQUIRED})\Z")
_NO = re.compile(rf"(?:(?i:no|false|n)|否|✗|❌|{_OPTIONAL})\Z")


@dataclass(slots=True)
class Head:
    """A field's beginning: the indices of its first line and behind its last, its name as written, and what is said."""

    start: int
    end: int
    name: str
    type: str = ""
    required: bool | None = None
    default: str = ""
    fixed: str = ""  # the only value that there is
    limits: list[str] = field(default_factory=list)
    place: str = ""
    rest: str = ""  # of its last line, what describes it
    indent: int = 0
    level: int = 0  # of a heading, how many marks it has

    @property
    def leaf(self) -> str:
        """The field's own name."""
        return re.sub(r"\[\d?\]", "", self.name).rpartition(".")[2]

    @property
    def is_said(self) -> bool:
        """Whether a type is said of it, or whether it is required."""
        return bool(self.type) or self.required is not None

    def take(self, word: re.Match[str]) -> None:
        """What one word says; the first type counts."""
        if word["optional"] or word["required"]:
            self.required = self.required if self.required is not None else bool(word["required"])
        elif word["type"]:
            self.type = self.type or word["type"]
        elif word["default"]:
            self.default = word["default"]
        elif word["fixed"]:
            self.fixed = word["fixed"]
        elif word["limit"]:
            self.limits.append(word["limit"])
        elif word["place"]:
            self.place = word["place"].lower()


# A type in brackets, a plain word elsewhere.
_TEXT = re.compile(r"\Atext(?=\s?(?:[,;，、]|\Z))", re.IGNORECASE)


def in_brackets(head: Head, said: re.Match[str]) -> bool:
    """Whether brackets say something of a field; what else stands in them, and behind, describes it."""
    other = Head(0, 0, "")
    inner = _TEXT.sub("string", said["in"])
    end, count = take(other, inner, 0)
    if not count or not other.is_said:
        return False
    merge(head, other)
    more = inner[end:].strip(" ,;，；·|、*_`")
    head.rest = f"{more} {said['after'].lstrip(' *_:：-–—.|')}".strip()
    return True


def take(head: Head, text: str, at: int) -> tuple[int, int]:
    """Take the words that stand at `at` one after the other; where they end, and how many they are."""
    count = 0
    while count < MAX_SAID:
        gap = _BETWEEN.match(text, at)
        word = _WORD.match(text, gap.end() if gap else at)
        if word is None or (
            word.end() < len(text) and word["default"] is None and _goes_on(text, word.end())
        ):
            break
        head.take(word)
        at, count = word.end(), count + 1
    return at, count


def _goes_on(text: str, at: int) -> bool:
    """Whether a word is part of a longer one: "string-like", "required-field"."""
    return text[at] == "-" and text[at + 1 : at + 2].isalpha()


def take_label(head: Head, label: re.Match[str]) -> bool:
    value = label["value"].strip(" .。")
    if label["type"]:
        if not parse_type(value) and not is_whole(value):
            return False
        head.type = head.type or value
    elif label["required"]:
        if not (YES.match(value) or _NO.match(value)):
            return False
        head.required = YES.match(value) is not None
    elif label["place"]:
        head.place = value.lower()
    else:
        head.default = value
    return True


def merge(head: Head, other: Head) -> None:
    head.type = head.type or other.type
    head.required = other.required if head.required is None else head.required
    head.default = head.default or other.default
    head.fixed = head.fixed or other.fixed
    head.place = head.place or other.place
    head.limits += other.limits


def is_whole(text: str) -> bool:
    """Whether a line is made of such words and nothing else."""
    other = Head(0, 0, "")
    end, count = take(other, text, 0)
    return bool(count) and not text[end:].strip(" ·•,;|，；、:：()（）[]*_`–—-.")
