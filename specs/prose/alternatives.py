"""Values that stand in a description without a word that announces them.

    Quality: `std`, `pro`           the state (submitted, processing, succeed)        std / pro
    5 or 10 seconds. Default: 5     16:9, 9:16, or 1:1                                 目前支持kling-v2-1

Such a list must begin where a clause begins and end where one ends; of "`image` and `tail` exclude one
another" nothing is read. A list that could as well name something else is left over, never dropped.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.prose.clauses import (
    BEGINS,
    ENDS,
    NO_VALUES,
    SAID_FIRST,
    is_of_things,
    take_list,
)
from understudy.specs.prose.fixed_value import CODE, WORD, is_of_a_case, read_fixed
from understudy.specs.prose.listed_lines import say_words_behind_kinds
from understudy.specs.prose.records import FLAGS, Constraint
from understudy.specs.prose.said_states import NO_STATES, read_constants, read_said_states
from understudy.specs.prose.values import (
    GLUED,
    OF_ADDRESSES,
    USUAL_RATIOS,
    parse_list,
    typed,
)

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

_JOIN = r"[ \t]{0,3}(?:(?:,|/|\||;|->|→|\b(?:or|ou|oder)\b|или|\bo\b(?=[ \t]{1,3}[`\"])|或者?|和)[ \t]{0,3}(?:(?:or|and|或|和)(?![\w-])[ \t]{0,3})?)"
_RATIO = r"\d{1,2}:\d{1,2}(?![\d:])(?!\.\d)"
_UNIT = r"(?:[ \t]{0,3}\(?(?:seconds?|secs?|s|秒|张|个|images?|fps|px|%)(?![A-Za-z])\)?)"
_COUNT = rf"\d{{1,5}}(?:\.\d{{1,3}})?{_UNIT}?"

# What a value means, or that it is the default, in brackets behind it.
_MARKED = r"(?:[ \t]?\((?:(?:the[ \t]|\w{1,12}[ \t]?,[ \t]?)?default|(?![^()\n]{0,60}(?:default|默认))[^()\n]{1,60})\))?"
# "`std` or `pro`, `std` if left out": the last one is said again, as the default.
_AGAIN = r"(?![ \t]{1,3}(?:if|when|unless)\b)"
_CODES = re.compile(rf"{CODE}{_MARKED}(?:{_JOIN}{CODE}{_AGAIN}{_MARKED}){{1,40}}", FLAGS)
_GLUED_RATIOS = re.compile(r"(?<![\d.])(?<!\d:)\d{1,2}(?::\d{1,4}){2,24}(?![\d:])", re.ASCII)
_RATIOS = re.compile(rf"(?<![\d.])(?<!\d:){_RATIO}(?:{_JOIN}{_RATIO}){{1,24}}", FLAGS)
# A field that names a thing, and a number with a unit, which is said of the thing.
_OF_A_THING = re.compile(
    r"(?:^|_)(?:id|url|uri|file|image|video|audio)s?\Z|(?:Id|Url|File|Image|Video|Audio)s?\Z"
)
_HAS_UNIT = re.compile(r"\d\s?\(?(?:s|secs?|seconds?|秒|fps|px)(?![a-z])", FLAGS)
# Right behind a label in another script, or in brackets, whose colon has no blank behind it: "时长（秒）：5 或 10".
_LABELLED = r"(?:(?<=[^\x00-\x7F]:)|(?<=[^\x00-\x7F]\):))"
_COUNTS = re.compile(
    rf"(?:(?<![\w.:-])|{_LABELLED})(?<!\d,)(?<!\d,\s)(?:{_COUNT}[ \t]{{0,2}},(?!\d{{3}}(?!\d))[ \t]{{0,2}}){{0,12}}{_COUNT}(?:,?[ \t]{{0,3}}(?:or|或者?)[ \t]{{0,3}}{_COUNT}){{1,12}}(?![\w:.-]\d)",
    FLAGS,
)
_WORDS = re.compile(rf"(?<![\w./-])(?<!\d:){WORD}(?:{_JOIN}{WORD}){{1,40}}", FLAGS)
# Words with what each means in brackets: "std (quick), pro (slow)".
_GLOSSED = re.compile(
    rf"(?<![\w./-])(?<!\d:){WORD}[ \t]{{0,2}}\([^()\n]{{1,60}}\)(?:{_JOIN}{WORD}[ \t]{{0,2}}\([^()\n]{{1,60}}\)){{1,20}}",
    FLAGS,
)
# Words with what each means behind a colon: "std: quick; pro: slow".
_COLONED = re.compile(
    rf"(?<![\w./-]){WORD}[ \t]{{0,2}}:[ \t]{{0,2}}[^:;,\n]{{1,40}}(?:(?:[;,][ \t]{{0,3}}|(?<=[^\x00-\x7F])[ \t]{{1,3}}){WORD}[ \t]{{0,2}}:[ \t]{{0,2}}[^:;,\n]{{1,40}}){{1,12}}(?=[;,.\n]|\Z)",
    FLAGS,
)
# The same in code, what each means perhaps with more in brackets: "`std`: plain (quick, cheap), `pro`: fine".
_MEANS_CODE = rf"{CODE}[ \t]{{0,2}}[:=][ \t]{{0,2}}(?![`\"])(?>\([^()\n]{{1,60}}\)|[^:;,\n()`\"]){{1,60}}"
_CODES_COLONED = re.compile(
    rf"{_MEANS_CODE}(?:[;,][ \t]{{0,3}}(?:(?:and|or)[ \t]{{1,3}})?{_MEANS_CODE}){{1,12}}(?=[;,.\n]|\Z)", FLAGS
)
# The same where each meaning is a word or two in another script: "std：标准；pro：高品质", "16:9：横屏；9:16：竖屏".
_MEANT_WORD = rf"(?:\d{{1,4}}[:*x]\d{{1,4}}|{WORD})"
_IN_WORDS = r"[ \t]{0,2}:[ \t]{0,2}(?!默认|支持|仅|最|不|必|可|长度|范围)[^\x00-\x7F]{1,12}"
_MEANT_IN_WORDS = re.compile(
    rf"(?<![\w./:-]){_MEANT_WORD}{_IN_WORDS}(?:;[ \t]{{0,3}}{_MEANT_WORD}{_IN_WORDS}){{1,12}}(?=[;,.\n]|\Z)",
    FLAGS,
)
_NOW = re.compile(
    rf"(?:(?:目前|当前|现|暂|现阶段)(?:仅|只)?|仅|只)支持(?:的?(?:模型|版本|值))?(?:为|有|:)?[ \t]{{0,3}}[`\"']?(?P<value>{WORD})[`\"']?"
    rf"|\bcurrently[ \t](?:only[ \t])?(?:supports?|accepts?)[ \t](?:only[ \t])?[`\"']?(?P<english>{WORD})[`\"']?",
    FLAGS,
)
# The same with what is not supported, or of a field of few words: "only `a` is supported", 仅支持 `a`，不支持 `b`.
_ONLY = re.compile(
    r"(?:\A|[:,.;\n])[ \t]{0,4}(?:(?:(?:目前|当前|现|暂)?(?:仅|只)支持[ \t]{0,3}(?P<value>`[^`\n]{1,40}`)(?![ \t]{0,3},[ \t]{0,3}`))"
    r"|only[ \t](?P<english>`[^`\n]{1,40}`)[ \t]is[ \t](?:(?:currently|now)[ \t])?(?:supported|accepted|allowed|available))"
    r"(?=[ \t]{0,3}(?:\Z|[,.;\n)]))(?P<other>[ \t]{0,3}[,;.][ \t]{0,3}(?:(?:and[ \t]|but[ \t])?`[^`\n]{1,40}`[ \t]is[ \t]not\b|(?:暂)?不支持[ \t]{0,3}`))?",
    FLAGS,
)

# Numbers with a slash between them, and those that a comma sets apart where they are a clause.
_SLASHED = re.compile(
    rf"(?!\d{{4}}/\d{{1,2}}/\d{{1,2}}(?!\d))(?:(?<![\w.:/-])|{_LABELLED}){_COUNT}(?:[ \t]{{0,2}}[/|][ \t]{{0,2}}{_COUNT}){{1,12}}(?![\w:./-]\d)",
    FLAGS,
)
_SEVERAL = re.compile(
    rf"(?:(?<![\w.:/\[(-])|{_LABELLED}){_COUNT}(?:[ \t]{{0,2}},[ \t]{{0,2}}{_COUNT}){{1,12}}(?![\w:./-]\d)",
    FLAGS,
)
# A value a line with what it means: "- `std`: the quick one".
_MEANT = re.compile(
    rf"(?:(?:\A|\n)[ \t]{{0,8}}(?:[-*•][ \t]{{1,3}})?{CODE}[ \t]{{0,3}}[:=(-][^\n]{{1,200}}){{2,40}}", FLAGS
)
# Values of a list, an entry each and nothing behind it: "Model\n- kling-v2\n- kling-v2-1".
_ENTRY = rf"[ \t]{{0,8}}[-*•·][ \t]{{1,3}}{WORD}[ \t]{{0,3}}"
# The same with what each means: "- submitted: it waits".
_MEANT_ENTRY = rf"[ \t]{{0,8}}[-*•·][ \t]{{0,3}}{WORD}[ \t]{{0,2}}[:=(-][^\n]{{1,200}}"
# The same without marks, where each meaning is in another script: "queued：排队中".
_MEANT_LINE = rf"[ \t]{{0,8}}{WORD}[ \t]{{0,2}}:[ \t]{{0,3}}(?=[^\x00-\x7F])[^\n]{{1,200}}"
_MEANT_LINES = re.compile(rf"(?:\A|(?<=\n)){_MEANT_LINE}(?:\n{{1,2}}{_MEANT_LINE}){{1,40}}(?=\n|\Z)", FLAGS)
_MEANT_ENTRIES = re.compile(rf"(?:\A|(?<=\n)){_MEANT_ENTRY}(?:\n{_MEANT_ENTRY}){{1,40}}(?=\n|\Z)", FLAGS)
_ENTRIES = re.compile(rf"(?:\A|(?<=\n)){_ENTRY}(?:\n{_ENTRY}){{1,40}}(?=\n|\Z)", FLAGS)
# Values in code, one a line, and nothing behind them: "The model:\n`maker/a`\n`maker/b`".
_CODE_LINES = re.compile(
    r"(?<=:)[ \t]{0,3}\n(?:[ \t]{0,8}(?:[-*•][ \t]{1,3})?`[^`\s]{1,80}`[ \t]{0,3}[,;]?(?:\n|\Z)){2,60}",
    FLAGS,
)
_FIRST_CODE = re.compile(r"(?:\A|\n)[ \t]{0,8}(?:[-*•][ \t]{1,3})?[`\"]{1,2}([^`\"\n]{1,80})[`\"]", FLAGS)
# Nothing but blanks between values in quotes, with which the text begins.
_QUOTED = re.compile(
    r"\s{0,4}\"[\w.:+-]{1,40}\"(?:[ \t]{1,3}\"[\w.:+-]{1,40}\"){2,40}(?=[ \t]?(?:\Z|\n|[.;]|[A-Z]))", re.ASCII
)
# Numbers with what each means: "0 queued, 1 running, 2 done", "0: 排队；1: 处理中".
_MEANS = r"(?:[ \t]{0,2}[:=-][ \t]{0,2}|[ \t]{1,2}|(?=[^\x00-\x7F]))(?P<means>[^\W\d_][^,;:|/\n\d]{0,30}?)"
_MEANINGS = re.compile(
    rf"(?<![\w.:/-])(?:`(?=-?\d{{1,3}}`))?(?P<number>-?\d{{1,3}})`?{_MEANS}[ \t]{{0,2}}(?P<end>[,;|/·\n]|\.?\Z|\.(?=\s)|\))",
    re.IGNORECASE,
)
# What a number counts is no meaning of it: "5 seconds, 10 seconds", "1张".
_COUNTED = re.compile(
    r"(?:seconds?|secs?|s|ms|images?|pictures?|videos?|items?|chars?|characters?|px|pixels?|fps|credits?|points?|x|[KMG]i?B?|to|or|and)\b|[张个秒条次元帧幅字分天]|小时|积分|到|至|或|和",
    FLAGS,
)
# The label of what is no value of a field: "价格（元）：5 或 10".
_OF_OTHER_THINGS = re.compile(
    r"(?:日期|价格?|费用?|扣费|计费|消耗|积分|页[数码]|版本号?|错误码|状态码|返回码|编号)(?:\([^()\n]{1,12}\))?[ \t]?:[ \t]{0,3}\Z"
)
_CHOICE = re.compile(
    r"mode|status|state|quality|type|level|tier|kind|style|version|model|模式|状态|类型|等级|档|质量|画质|版本|风格",
    FLAGS,
)
# Before what is supported now: no model or mode of which it is said.
_BEGINS_CLAUSE = re.compile(r"(?:\A|[,.;\n]|[\"'`][ \t]{1,4})[ \t]{0,4}\Z", FLAGS)
# Before values: what they are, in another script, perhaps with their unit: "时长(秒): 5, 10".
_NAMES_NO_MODEL = re.compile(r"[^\x00-\x7F]{2}[ \t]?(?:\([^()\n\d]{1,12}\))?[ \t]?:\Z")
_LOOKS_LIKE_CODE = re.compile(r"(?:[a-z0-9][a-z0-9_.+-]{0,39}|(?=[A-Za-z_-]{0,39}\d)[\w.+-]{1,40})\Z")
_HAS_DIGIT = re.compile(r"\d")
_OF_MODELS = re.compile(r"(?:模型|版本|型号)[ \t]?[,:][ \t]{0,2}\Z")
_NAMES_CHOICE = ("mode", "status", "state", "quality", "type", "level", "model_name", "version", "language")
_ENDS_CHOICE = ("_mode", "_status", "_type", "_language", "Mode", "Status", "Type", "Language")


def read_uncued_lists(page: Page, name: str) -> None:
    """Say `enum` for lists of values that nothing announces; `name` is the field's, "" when not known."""
    if page.type in ("array", "object", "boolean"):
        _doubt(page)
        return
    if OF_ADDRESSES.search(name):
        page.doubtful += [
            one.start() for one in _WORDS.finditer(page.text) if _are_values(page, one, name, True)
        ]
        _doubt(page)
        return
    _read_supported_now(page)
    if page.type == "string" and not any(word.keyword == "enum" for word in page.constraints):
        _read_only_one(page, name)
    read_fixed(page, name)
    say_words_behind_kinds(page)
    for match in (*_MEANT.finditer(_in_lines(page)), *_CODE_LINES.finditer(page.text)):
        _say_meant(page, match)
    for match in _CODES.finditer(page.text):
        after_script = re.search(r"[/|]|或|или|\b(?:or|ou|oder|o)\b", match.group(), FLAGS) is not None
        several = match.group().count("`") > 4 and page.text[: match.start()].rstrip()[-1:] == ","
        any_word = name.endswith("format") or _is_choice(name)
        take_list(page, match, after_script=after_script or several, any_word=any_word, in_code=True)
    if page.type in ("integer", "number") or name in _NAMES_CHOICE:
        _read_meanings(page)
    if page.type in (None, "string"):
        _read_ratios(page)
    if page.type == "string" and (quoted := _QUOTED.match(page.text)):
        values = re.findall(r"\"([^\"\n]+)\"", quoted.group())
        if page.is_free(*quoted.span()) and not any(word.keyword == "enum" for word in page.constraints):
            page.say("enum", list(dict.fromkeys(values)), *quoted.span())
    if page.type in ("string", "integer", "number"):
        _read_numbers(page, name)
    if page.type == "string" or (page.type is None and _is_choice(name)):
        _read_words(page, name)
    _doubt(page)


def _in_lines(page: Page) -> str:
    """The text in its own lines: a full stop within a meaning, "`std`：便宜。速度快。", ends none of them."""
    if len(page.text) != len(page.original):
        return page.text
    return "".join("." if was == "。" else sign for was, sign in zip(page.original, page.text, strict=True))


def _read_ratios(page: Page) -> None:
    for match in _RATIOS.finditer(page.text):
        if all(value in USUAL_RATIOS for value in parse_list(match.group(), 0).values):
            take_list(page, match, after_script=True)
    for match in _GLUED_RATIOS.finditer(page.text):
        found = parse_list(match.group(), 0)
        if found.doubt == GLUED and len(found.values) > 1:
            take_list(page, match, list(found.values), after_script=True)


def _read_numbers(page: Page, name: str) -> None:
    for pattern in (_COUNTS, _SLASHED, _SEVERAL):
        for match in pattern.finditer(page.text):
            before = page.text[: match.start()].rstrip(" \t-*•")
            if (
                pattern is _SEVERAL
                and before[-1:] == ":"
                and not re.fullmatch(r"(?:.*\n)?\s*range\s*:", before, FLAGS | re.DOTALL)
                and not _NAMES_NO_MODEL.search(before)
            ):
                continue  # "model-1: 4, 8" is of one model
            if _OF_OTHER_THINGS.search(page.text[max(0, match.start() - 40) : match.start()]):
                continue
            if _OF_A_THING.search(name) and _HAS_UNIT.search(match.group()):
                page.doubtful.append(match.start())  # how long the clip is of which this is the number
                continue
            numbers = re.findall(r"\d+(?:\.\d+)?", match.group())
            take_list(page, match, numbers, after_script=pattern is not _SEVERAL)


def _read_meanings(page: Page) -> None:
    """Numbers that follow one another, each with what it means: they are all that there are."""
    run: list[re.Match[str]] = []
    for match in [*_MEANINGS.finditer(page.text), None]:
        goes_on = match is not None and (
            not run or not page.text[run[-1].end() : match.start()].strip(" \t-*•")
        )
        if match is not None and goes_on and not _COUNTED.match(match["means"]):
            run.append(match)
            continue
        if len({one["means"] for one in run}) == len(run) > 1:
            values = [one["number"] for one in run]
            if len(values) == 2 and abs(int(values[1]) - int(values[0])) > 1:
                page.doubtful.append(run[0].start())  # the two ends: "0 is strictest, 6 is least strict"
            elif len(set(values)) == len(values) and BEGINS.search(
                page.text[max(0, run[0].start() - 40) : run[0].start()]
            ):
                kept = [typed(value, page.type) for value in values]
                if None not in kept and not any(word.keyword == "enum" for word in page.constraints):
                    page.say("enum", kept, run[0].start(), run[-1].end("means"))
        run = [match] if match is not None and not goes_on and not _COUNTED.match(match["means"]) else []


def _is_choice(name: str) -> bool:
    """Whether a field of this name takes one of few words."""
    return name in _NAMES_CHOICE or name.endswith(_ENDS_CHOICE)


def _read_words(page: Page, name: str) -> None:
    for match in _GLOSSED.finditer(page.text):
        take_list(page, match, after_script=True)
    for match in _COLONED.finditer(page.text):
        begins = rf"(?:\A|[;,][ \t]{{0,3}}|(?<=[^\x00-\x7F])[ \t]{{1,3}})({WORD})[ \t]{{0,2}}:"
        values = re.findall(begins, match.group(), FLAGS)
        if _is_choice(name) and all(map(_LOOKS_LIKE_CODE.match, values)):
            take_list(page, match, values, after_script=True)
    for match in _CODES_COLONED.finditer(page.text) if _is_choice(name) else ():
        values = [one.strip('`"') for one in re.findall(rf"({CODE})[ \t]{{0,2}}[:=]", match.group())]
        if all(map(_LOOKS_LIKE_CODE.match, values)):
            take_list(page, match, values, after_script=True)
    _read_words_with_meanings(page, name)
    _read_entries(page, name)
    read_constants(page, name)
    if _is_choice(name):
        read_said_states(page)
    speaks_of_choice = _CHOICE.search(page.text) is not None
    for match in _WORDS.finditer(page.text):
        if _are_values(page, match, name, speaks_of_choice):
            of_models = _OF_MODELS.search(page.text[: match.start()]) is not None
            take_list(
                page, match, after_script=_is_choice(name) or of_models, any_word=name.endswith("format")
            )


def _read_entries(page: Page, name: str) -> None:
    """Values of a list, an entry each, alone or with what each means."""
    for match in _ENTRIES.finditer(page.text):
        values = re.findall(r"[-*•·][ \t]{1,3}(\S+)", match.group())
        if all(map(_LOOKS_LIKE_CODE.match, values)):
            take_list(page, match, values)
    for match in _MEANT_ENTRIES.finditer(_in_lines(page)) if _is_choice(name) else ():
        values = re.findall(rf"[-*•·][ \t]{{0,3}}({WORD})[ \t]{{0,2}}[:=(-]", match.group(), FLAGS)
        if all(map(_LOOKS_LIKE_CODE.match, values)) and not NO_STATES.intersection(values):
            take_list(page, match, values)
    for match in _MEANT_LINES.finditer(_in_lines(page)) if _is_choice(name) else ():
        values = re.findall(rf"(?:\A|\n)[ \t]{{0,8}}({WORD})[ \t]{{0,2}}:", match.group(), FLAGS)
        if all(map(_LOOKS_LIKE_CODE.match, values)) and not NO_STATES.intersection(values):
            take_list(page, match, values)


def _read_words_with_meanings(page: Page, name: str) -> None:
    """Values each of which is followed by a word or two in another script: what it means. Words alone may as well
    be the fields of an object that is sent as text."""
    for match in _MEANT_IN_WORDS.finditer(page.text):
        values = re.findall(rf"(?:\A|;)[ \t]{{0,3}}({_MEANT_WORD})[ \t]{{0,2}}:", match.group(), FLAGS)
        may_be = _is_choice(name) or _CHOICE.search(page.text) or any(map(_HAS_DIGIT.search, values))
        if may_be and all(_LOOKS_LIKE_CODE.match(re.sub("[:*]", "_", value)) for value in values):
            take_list(page, match, values, after_script=True)


def _say_meant(page: Page, match: re.Match[str]) -> None:
    """The values that begin their lines, each with what it means behind it."""
    values = [typed(one, page.type) for one in _FIRST_CODE.findall(match.group())]
    if len(values) < 2 or None in values or any(word.keyword == "enum" for word in page.constraints):
        return
    page.constraints.append(Constraint("enum", values, *match.span()))
    for found in _FIRST_CODE.finditer(match.group()):
        page.cover(match.start() + found.start(), match.start() + found.end())


def _are_values(page: Page, match: re.Match[str], name: str, speaks_of_choice: bool) -> bool:
    """Whether bare words are the values of the field: in brackets, or set apart by "/" or "|"."""
    text, (start, end) = match.group(), match.span()
    values = parse_list(text, 0).values
    if len(values) < 2 or not all(_LOOKS_LIKE_CODE.match(value) for value in values):
        return False
    in_brackets = page.text[:start].rstrip()[-1:] in ("(", "[") and page.text[end : end + 1] in (")", "]")
    slashed = re.search(r"[/|]", text) is not None and not re.search(r"[,;]", text)
    first = page.text[:start].strip() == "" or SAID_FIRST.match(page.text[:start]) is not None
    whole = first or page.text[:start].rstrip()[-1:] == ":"
    chosen = (
        all(re.search(r"\d", value) for value in values)
        or name in _NAMES_CHOICE
        or name.endswith(_ENDS_CHOICE)
        or speaks_of_choice
    )
    if _OF_MODELS.search(page.text[:start]) and all(map(_HAS_DIGIT.search, values)):
        return ENDS.match(page.text[end : end + 20]) is not None  # "模型，a-1、a-2。"
    if in_brackets and is_of_things(page.text[:start], name):
        return False
    if in_brackets:
        return slashed or len(values) > 2 or chosen
    if first and _is_choice(name) and not page.text[end:].strip(" ."):
        return True  # nothing but these words is said
    if _is_choice(name) and len(values) > 2:
        # "任务状态,submitted,processing,succeed": of such a field a clause of words is its values.
        whole = whole or page.text[:start].rstrip()[-1:] == ","
        return whole and ENDS.match(page.text[end : end + 20]) is not None
    said = page.text[:start].rstrip()[-1:] == ":" or re.search(r"\bor\b|或", text) is not None
    return whole and (slashed or (chosen and said))


def _read_supported_now(page: Page) -> None:
    """What is supported now is all that is: "目前支持kling-v2", where it looks like a name of a model, or is one
    of the values that are listed and the clause says of no case that it is so."""
    for match in _NOW.finditer(page.text):
        value = (match["value"] or match["english"]).rstrip(".")
        start = match.start("value" if match["value"] else "english")
        is_quoted = page.text[start - 1] in "`\"'"
        if len(parse_list(page.text, start - is_quoted).values) > 1:
            continue  # the first of several
        rest = page.text[match.end() : match.end() + 20]
        listed = next((one for one in page.constraints if one.keyword == "enum" and value in one.value), None)
        before = page.text[max(0, match.start() - 40) : match.start()]
        if listed is not None and _BEGINS_CLAUSE.search(before) and ENDS.match(rest):
            page.constraints[page.constraints.index(listed)] = replace(listed, value=[value])
            page.cover(*match.span())
        elif (
            re.search(r"\d", value)
            and ENDS.match(rest)
            and page.is_free(*match.span())
            and page.type in (None, "string")
        ):
            page.say("enum", [value], *match.span())


def _read_only_one(page: Page, name: str) -> None:
    """The one value that is supported, where another is said not to be, or the field takes one of few words."""
    for match in _ONLY.finditer(page.text):
        value = (match["value"] or match["english"]).strip("`")
        is_said = (match["other"] or _is_choice(name)) and not is_of_a_case(page.text, match.start())
        if is_said and value.lower() not in NO_VALUES and page.is_free(*match.span()):
            page.say("enum", [value], *match.span())


def _doubt(page: Page) -> None:
    """Lists of code in brackets that are not taken for values are left over."""
    for match in _CODES.finditer(page.text):
        before = page.text[max(0, match.start() - 4) : match.start()].rstrip()
        if before.endswith("(") and page.is_free(*match.span()):
            page.doubtful.append(match.start())
    if page.type in (None, "integer", "number") and not any(
        one.keyword == "enum" for one in page.constraints
    ):
        page.doubtful += [one.start() for one in _COUNTS.finditer(page.text) if page.is_free(*one.span())]
