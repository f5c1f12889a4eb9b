"""What is said of a field in single words, in brackets behind its name or in entries below it.

(string, required, default "std")        - type: string        - Options: "5", "10"
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose.values import parse_list, set_apart_by_blanks, typed
from understudy.specs.readers.text.page_text import METHODS, Line, parse_type, steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.text.page_text import FieldDraft

# One of the values below `Options:`, each an entry: `5`: five seconds.
OPTION = re.compile(r"(?:\*\*)?[`\"'](?P<value>[^`\"'\n]{1,80})[`\"'](?:\*\*)?\s*(?:[:：(（—–=-].*)?\Z")
_TYPED_FIRST = re.compile(
    r"(?P<in>(?:(?:array|list) of )?(?:[A-Za-z]\w{2,20}(?:\[\]|<\w{1,20}>)?|字符串|整数|整型|数字|浮点数|布尔值?|对象|数组)(?:\s?[(（](?:required|optional|必填|选填|可选)[)）])?(?:\s{0,2}[,;·|，；]\s{0,2}[*_]{0,2}(?:required|optional|mandatory|必填|选填|可选|default\s{0,2}[:=]?\s{0,2}[\w.\"'`:/-]{1,40})[*_]{0,2}|\s{1,3}(?:not\srequired|required|optional|mandatory|必填|必选|选填|可选)(?=\s{0,2}(?:[.;,:·|，。；：(（]|[—–-]\s|\Z)))*)(?P<after>(?:\s{0,2}(?:[.;,:·|—–-]\s|[，。；：]|[(（](?=\S)).*|\s(?:between|from|in\sthe\srange|up\sto|at\smost|at\sleast|[<>]=|[≤≥])\s?\S.*|\s*))\Z",
    re.IGNORECASE,
)
# What stands in brackets behind a name, in italics or bold: *(string, optional)*.
_EMPHASISED = re.compile(r"[*_]{1,3}(?P<in>[(（][^()（）*\n]{1,200}[)）])[*_]{1,3}")
_WORDS = {
    "type": r"(?:data\s*)?type|类型|数据类型",
    "required": r"required\??|mandatory|(?:是否)?(?:必填|必须|必需|必选|必传)",
    "optional": r"optional\??|可选",
    "default": r"default(?:\s*value)?|默认值?|缺省值",
    "enum": r"enum(?:s|\s*values?)?|(?:available\s*)?options|allowed(?:\s*values?)?|possible\s*values?|valid\s*values?|choices|valores\s(?:v[áa]lidos|permitidos|poss[íi]veis|posibles|aceit[oa]s|aceptados)|枚举值?|可选值|可用选项(?:及含义)?|取值",
    "example": r"examples?|samples?|示例值?|例如",
    "fixed": r"(?:fixed\s*)?value|固定值",
    "path": r"(?:full\s*|json\s*)?path|完整路径",
    "description": r"description|meaning|notes?|描述|说明|含义",
    "place": r"in|location|(?:参数)?位置",
    "limits": r"(?:value\s*)?range|step|步长|(?:max(?:imum)?|min(?:imum)?)(?:\s*(?:length|items|value|(?:file\s*)?size|count|images))?|length|limits?|constraints?|范围|长度|最大(?:长度|值)?|最小(?:长度|值)?|限制",
}
WORD = re.compile(
    r"[*_`]{0,3}(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items())
    + r")[*_`]{0,3}\s*[:：=]\s*[*_]{0,2}(?P<value>.*)\Z", re.IGNORECASE,
)  # fmt: skip
SAID_YES = re.compile(r"(?:required|mandatory|yes|true|必填|必须|必选|是)\Z", re.IGNORECASE)
SAID_NO = re.compile(r"(?:optional|no|false|not\s+required|可选|选填|非必填|否)\Z", re.IGNORECASE)
# These alone say nothing: "`yes`, `no`" are values.
_PLAIN_ANSWERS = ("yes", "no", "true", "false", "是", "否")
# What else is said of a field before its description, set apart by dashes: "- required - string - Words".
GOES_ON = re.compile(
    r"\s{0,2}(?:[-–—|·]\s{1,2}[*_`]{0,2}(?P<word>[A-Za-z][\w<>\[\] ]{1,30}?|必填|选填|可选)[*_`]{0,2}(?=\s{1,2}[-–—|·]\s|\s{0,3}\Z)|[(（](?P<in>[^()（）]{1,120})[)）]|(?P<type>[A-Za-z]{3,10}(?:\[\])?)(?=[.,;]\s|\s{0,3}\Z)|(?P<said>required|optional|必填|必选|选填|可选)(?=\s{0,2}[:：,，.。—–-]|\s{0,3}\Z))"
)
# Brackets whose types may have brackets of their own: (list[str], required).
_WHOLE_BRACKETS = re.compile(
    r"[(（](?P<in>[^()（）\[\]]{0,120}\[[^()（）\[\]]{0,60}\][^()（）\[\]]{0,120})[)）](?P<after>.*)\Z"
)
_BLANK_BEFORE = re.compile(
    r"(?<=\w)\s{1,3}(?=(?:not\srequired|(?<!not\s)required|optional|mandatory|必填|必选|选填|可选)\s{0,2}(?:[,;·|，；]|\Z))",
    re.IGNORECASE,
)
_SEVERAL_CODES = re.compile(r"[`\"'][^`\"'\n]{1,60}[`\"']\s?[|/,、，]\s?[`\"']")
_FULL_NAME = re.compile(r"[A-Za-z_$][\w$]{0,79}(?:(?:\[\]|\.)[\w$.\[\]]{1,120})?")
_BARE_BOUND = re.compile(r"(?:max|min)(?:imum)?", re.IGNORECASE)
_DEFAULT = re.compile(r"(?:default(?:s\s+to|\s+is)?|默认值?为?)\s*[:：=]?\s*(?P<value>\S.*)\Z", re.IGNORECASE)
# A type in code that lists its values as TypeScript does: "`'std' | 'pro'` how it is made".
_LITERALS = re.compile(
    r"(?P<code>`)?(?P<in>(?P<quote>[\"'])[^\"'`|\n]{1,60}(?P=quote)(?:\s?\|\s?(?P=quote)[^\"'`|\n]{1,60}(?P=quote)){1,30}|(?(code)\d{1,9}(?:\s?\|\s?\d{1,9}){1,30}|(?!)))(?(code)`)(?P<after>.*)\Z"
)
_RUN = re.compile(r"`\"(?P<low>\d{1,3})\"\s?(?:\.{2,3}|…|-|–)\s?\"(?P<high>\d{1,3})\"`(?P<after>.*)\Z")
MAX_RUN = 60
# Types of files as some pages name them: records with an address, or their bytes. Examples show which.
_RECORDS = ("File", "Image", "Video", "Audio")
_NAMED_TYPE = re.compile(rf"(?!(?:{'|'.join(METHODS).upper()})\Z)[A-Z]\w*(?:Enum|Type|Mode)?\Z|enum\Z")


def paren(rest: str) -> tuple[list[str], str] | None:
    """What is said in brackets (or in code or italics) right behind a name, word by word, and the text after it."""
    rest = rest.lstrip(" :：—–·|-")
    if emphasised := _EMPHASISED.match(rest):
        rest = emphasised["in"] + rest[emphasised.end() :]
    match = _WHOLE_BRACKETS.match(rest) or re.match(
        r"[(（\[{](?P<in>(?:[^()（）]|\([^()]*\)){1,200}?)[)）\]}](?P<after>.*)\Z", rest
    )
    match = match or re.match(
        r"(?P<in>[`*_]{1,2}[^`*_\n]{1,60}[`*_]{1,2}(?:\s*+(?:,\s*+)?[`*_]{1,2}[^`*_\n]{1,30}[`*_]{1,2}){0,3}(?:\s{0,2}[,，;；·|]?\s{1,3}(?:required|optional|必填|必选|必需|选填|可选)(?!\w))?)(?P<after>.*)\Z",
        rest,
    )
    match = match or _typed_first(rest)
    if match is None:
        return None
    # Words that are set apart by their marks alone, `**string** *required*`, are words of their own.
    inner = re.sub(r"[`*_]{1,2}\s{1,9}[`*_]{0,2}(?=[`*_\w])", ",", match["in"])
    if match.re is _TYPED_FIRST:
        inner = re.sub(r"\s?[(（]([^()（）]{1,20})[)）]", r",\1", inner)
        inner = _BLANK_BEFORE.sub(",", inner)
    inner = inner.replace("`", "").replace("**", "").strip("*_ ")
    words = [
        word.strip(" *_\"'")
        for word in re.split(r"[,;，；、·]|(?<!\s)\s++\|\s++(?=required|optional)", inner)
    ]
    known = [
        w
        for w in words
        if w.lower() not in _PLAIN_ANSWERS
        and (parse_type(w) or SAID_YES.match(w) or SAID_NO.match(w) or _NAMED_TYPE.match(w))
    ]
    return (words, match["after"]) if known else None


def literal_union(rest: str) -> tuple[list[str | int], str] | None:
    """The values of a type in code that is a union of literals, `"std" | "pro"`, or goes from one whole number to
    another, `"3".."15"`, and the text behind it."""
    if (run := _RUN.match(rest.lstrip(" :："))) and int(run["low"]) < int(run["high"]) <= int(
        run["low"]
    ) + MAX_RUN:
        return [str(one) for one in range(int(run["low"]), int(run["high"]) + 1)], run["after"]
    found = _LITERALS.match(rest.lstrip(" :："))
    if found is None:
        return None
    values = [one.strip() for one in found["in"].split("|")]
    texts = [one.strip("\"'") for one in values]
    return ([int(one) for one in values] if values == texts else list(texts)), found["after"]


def _typed_first(rest: str) -> re.Match[str] | None:
    """A type at the beginning of what is said, and whether the field is required: "string, required. Words"."""
    found = _TYPED_FIRST.match(rest)
    first = re.split(r"[,;·|(（，；]", _BLANK_BEFORE.sub(",", found["in"]))[0].strip() if found else ""
    return found if parse_type(first) else None


def said_words(more: re.Match[str]) -> list[str]:
    """The words that say a type or whether the field is required; [] where they say something else."""
    words = (
        re.split(r"\s?[,;，；]\s?", more["in"])
        if more["in"]
        else [more["word"] or more["type"] or more["said"]]
    )
    words = [one.strip(" `*_") for one in words]
    known = [
        one
        for one in words
        if one.lower() not in _PLAIN_ANSWERS
        and (parse_type(one) or SAID_YES.match(one) or SAID_NO.match(one))
    ]
    return words if known else []


def list_options(draft: FieldDraft, lines: Sequence[Line], log: FactLog) -> None:
    """The entries below `Options:`, a value each, perhaps with what it means."""
    type_ = draft.get("type")
    found = [OPTION.match(line.text) for line in lines]
    values = [typed(one["value"], type_ if isinstance(type_, str) else None) for one in found if one]
    draft.keywords = [word for word in draft.keywords if word.name != "enum"]
    if values and None not in values:
        draft.keywords.append(log.keyword("enum", values, lines[0].number))


def say_word(draft: FieldDraft, word: str, line: int, log: FactLog) -> None:
    """One word of what stands in brackets: a type, whether it is required, a default."""
    if types := parse_type(word) if word not in _RECORDS else None:
        for place, type_ in types:
            if place:
                draft.item, draft.item_line = type_, line
            else:
                draft.keywords.append(log.keyword("type", type_, line))
    elif SAID_YES.match(word) or SAID_NO.match(word):
        draft.keywords.append(log.keyword("required", bool(SAID_YES.match(word)), line))
    elif default := _DEFAULT.match(word):
        _default(draft, default["value"], line, log)
    elif re.search(r"\d", word):
        draft.pieces.append(Line(line, word))  # a limit: "max 2500 characters"
    elif word and not _NAMED_TYPE.match(word):
        log.note("not-understood", word[:120], line, path=draft.path)


def say(draft: FieldDraft, said: re.Match[str], line: Line, log: FactLog) -> None:
    """One entry below a field: `type: string`, `Options: "5", "10"`."""
    value = said["value"].strip()
    bare = value.strip("`\"'*_. ")
    if said["type"]:
        say_word(draft, bare, line.number, log)
    elif said["optional"] and _SEVERAL_CODES.match(value):
        _enum(draft, value, line, log)  # "可选：`a` | `b`" are the values that one may choose
    elif said["required"] or said["optional"]:
        _required(draft, bare, line, log, sense=bool(said["required"]))
    elif said["default"]:
        _default(draft, value, line.number, log)
    elif said["enum"]:
        _enum(draft, value, line, log)
    elif said["place"]:
        draft.place = bare.lower()
    elif said["path"]:
        draft.path = tuple(steps_of(bare)) if _FULL_NAME.fullmatch(bare) else draft.path
    elif value and not said["example"]:
        draft.pieces.append(Line(line.number, _sentence(draft, said, value)))


def _sentence(draft: FieldDraft, said: re.Match[str], value: str) -> str:
    """What a limit, the only value or a description says, as a sentence."""
    if said["fixed"]:
        return f"fixed: {value}"
    if said["limits"]:
        # Of a text it is the length that is bounded.
        of_length = draft.get("type") == "string" and _BARE_BOUND.fullmatch(said["limits"])
        return f"{said['limits']}{' length' if of_length else ''}: {value.replace('`', '')}"
    return value


def _required(draft: FieldDraft, bare: str, line: Line, log: FactLog, *, sense: bool) -> None:
    if SAID_YES.match(bare) or SAID_NO.match(bare):
        draft.keywords.append(log.keyword("required", bool(SAID_YES.match(bare)) == sense, line.number))
    else:
        log.note("not-understood", f"required: {bare[:120]}", line.number, path=draft.path)


def _enum(draft: FieldDraft, value: str, line: Line, log: FactLog) -> None:
    type_ = draft.get("type")
    found = set_apart_by_blanks(value, 0, parse_list(value, 0))
    of_items = type_ == "array" and len(found.values) > 1
    if of_items:
        type_ = draft.item
    values = [typed(one, type_ if isinstance(type_, str) else None) for one in found.values]
    if values and None not in values and of_items:
        is_text = type_ is None and all(isinstance(one, str) for one in values)
        draft.item, draft.item_values = ("string" if is_text else type_), values
        draft.item_line = draft.item_line or line.number
    elif values and None not in values:
        draft.keywords.append(log.keyword("enum", values, line.number))
        if type_ is None and value.count('"') == 2 * len(values):
            draft.keywords.append(log.keyword("type", "string", line.number))
    elif value:
        draft.pieces.append(Line(line.number, f"Options: {value}"))


def _default(draft: FieldDraft, text: str, line: int, log: FactLog) -> None:
    type_ = draft.get("type")
    bare = text.strip("`* .")
    value = typed(bare.strip("\"'“”"), type_ if isinstance(type_, str) else None)
    if value is not None and not re.match(r"(?:none|null|-|n/?a|无)\Z", bare, re.IGNORECASE):
        draft.keywords.append(log.keyword("default", value, line))
