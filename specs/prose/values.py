"""Lists of values as texts write them: "a, b or c", "`std`, `pro`", with meanings, defaults and blanks between."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from understudy.specs.prose.records import FLAGS, one_spelling

TOKEN = re.compile(
    r"\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|`([^`\n]{1,80})`|((?:image|video|audio|application)/[\w.+-]+|\d{2,5}\*\d{2,5}|[A-Za-z0-9][\w.:+-]*)",
    re.ASCII,  # in "std或pro" the joiner is no part of a value
)
# Of a list of a value a line a slash is part of its value: "maker/model-1".
_LINE_TOKEN = re.compile(r"()()()([A-Za-z0-9][\w.+-]{0,60}/[\w.:+/-]{1,60})(?=[ \t]*(?:[:\n]|\Z))", re.ASCII)
_SEPARATOR = re.compile(
    r"[ \t]*+(?:[,;|/]|->|→|\b(?:or|ou|oder)\b(?!-)|или|\bo\b(?=\s{1,3}[`\"])|\band\b(?!-)|或者?|和|以及|\n\s*+[-*•]?(?=\s*+[\"'`A-Za-z0-9]))\s*+"
    r"(?:\b(?:or|and)\b(?!-)\s*+|或|和)?[-*•]?\s*+",
    FLAGS,
)
# Entries of a list that have lost their ends of line, up to the end of what is said: "one of - std - pro".
_ENTRY = r"-[ ]{1,3}(?:`[^`\n]{1,60}`|\"[^\"\n]{1,60}\"|\w(?:[\w.:+*/-]{0,60}\w)?)"
ENTRIES_IN_LINE = re.compile(
    rf"{_ENTRY}(?:[ ]{{1,3}}{_ENTRY}){{1,30}}(?=[ ]{{0,3}}(?:[.;,)\n(]|\Z))", re.ASCII
)
_BLANK_BETWEEN_CODES = re.compile(r"[ \t]{1,4}(?=`)")
_ASIDE = re.compile(r"\s*\(([^()\n]{0,120})\)")
_DEFAULT_ASIDE = re.compile(
    r"(?:\bdefault(?:s|ed)?\b|默认|缺省|\bpadr(?:ão|ao)|\bpor\s+defecto\b|\bpredeterminad[oa]\b|\bpar\s+d[ée]faut\b|по\s+умолч(?:анию|\.))(?P<names>(?:\s{0,2}(?:value|to|is|值|为|是)){0,2}(?:\s{0,2}[:=])?\s{0,2}[`\"']?)(?P<value>[\w][\w.:+*-]{0,60})?",
    FLAGS,
)
# What makes it the default of a case alone: "(default for free users)", "(v1 默认)".
_OF_A_CASE = re.compile(
    r"\b(?:not\s+(?:the\s+)?default|default\s+(?:value\s+)?(?:for|in|on|with|when|if|unless|until))\b|[\w.-]\d[\w.]{0,30}\s?的?默认|非默认",
    FLAGS,
)
_EXPLAINED = re.compile(
    r"(?:[ \t]*:[ \t]+|[ \t]*:(?=[^\x00-\x7F])|[ \t]+-[ \t]+|[ \t]*=[ \t]*)([^,;\n]{1,120}?)(?=\s*(?:[,;\n]|\.?\s*\Z))"
)
# The same in a list of a value a line: it goes on to the end of its line.
_EXPLAINED_LINE = re.compile(r"[ \t]*(?::|[ \t]-[ \t]|=)[ \t]*[^\n]{1,200}(?=\n|\Z)")
# An explanation glued to its value: "std标准,pro专家".
_GLOSS = re.compile(r"[ ]?(?!或|和|以及|等|→|…)[^\x00-\x7F][^,;\n]{0,60}?(?=\s{0,3}(?:[,;\n]|\Z))")
# The same before it: "拥抱`hug`、亲吻`kiss`".
_GLOSS_BEFORE = re.compile(r"[^\x00-\x7F]{1,20}(?=[`\"'][\w.-]{1,40}[`\"'])")
# What begins another statement behind the values: "enum: std, pro; default: std".
_LABELS = re.compile(
    r"(?:default|required|optional|example|max|min)(?:\s{1,3}value)?\s{0,3}[:=]|defaults?(?:\s{1,3}(?:to|is))?\s{1,3}[\w`\"']",
    FLAGS,
)
_GLUED_NUMBERS = re.compile(r"(\d{1,6})(?:or|and)(\d{1,6})\Z", re.IGNORECASE)
# A whole list inside of one code: `16:9, 9:16, 1:1`.
_LIST_IN_CODE = re.compile(
    r"[\w.:+-]{1,40}(?:(?:[ ]?[,|、][ ]?|[ ]/[ ])[\w.:+-]{1,40}){1,40}|(?P<numbers>\d{1,5}(?:[ ]?/[ ]?\d{1,5}){1,20})[ ]?(?:s|sec|seconds|秒)"
)
_APART_IN_CODE = re.compile(r"[ ]?[,|、][ ]?|[ ]/[ ]")
OPEN_END = re.compile(
    r"\s{0,3}[,;]?\s{0,3}(?:etc(?![\w-])|and\s{1,3}(?:more|others?|so\s{1,3}on)|等(?!于|待)|\.\.\.|…)", FLAGS
)

# Values that nothing but a blank sets apart, up to the end of what is said: "accepted values: model-1 model-2".
_SPACED = re.compile(
    r"[a-z0-9][\w.:+*-]{0,39}(?:[ ](?!default)[a-z0-9][\w.:+*-]{0,39}){1,30}(?=[ ]?(?:[.,;\n]|\Z)|[ ](?:-[ ]|Notes?\b|Default|\(default))",
    re.ASCII,
)
# What stands before a default.
DEFAULT = re.compile(
    r"(?:(?<!by )\bdefault(?:s|ed)?(?:\s+[a-z_]+){0,3}?(?:\s+(?:is|to|are)(?:\s+be)?(?![\w-])|\s*[:=])+\s*|\(default\s+(?=\S)|(?<!by )\bdefault\s+(?=[`\"'\d]|(?:true|false)\b)|(?<=[,;(.])\s{0,3}default\s+(?=[\w.-]{1,60}\s{0,3}(?:[,;)\n]|\.?\Z))|"
    r"\b(?:padr(?:ão|ao)|por\s+defecto|predeterminado|par\s+d[ée]faut|Standardwert)\s*[:=]\s*|[Пп]о\s+умолчанию\s*[:=-]?\s*|(?:デフォルト|既定値?|初期値)(?:値)?\s*(?:は|[:=])\s*|기본\s?값\s*(?:은|는|[:=])\s*|"
    r"(?:默认|缺省)(?:值|选项|使用|采用)?\s*(?:为|是)?\s*[:=]?\s*|(?:省略|不填写?|不传入?|不设置?|不指定|不提供|未填写?|未传入?|未设置|未指定|未提供|留空)(?:时|的话)?[,]?\s?(?:(?:则|默认|将|会|系统|服务端?){0,3}(?:为|取值?为?|是|使用|采用|按照?)|(?:则|默认)(?=\s?[`\"'A-Za-z0-9]))\s*|(?:省略時|未指定時|指定しない場合)は?[,]?\s*|"
    r"\[default\s+(?=[^\s\]]{1,60}\]))",
    FLAGS,
)
# Words that are no value, of a list or as a default.
NO_VALUE = frozenset(
    re.findall(
        r"\w+",
        "a an the is to be it its this that none null empty nothing not no value values of when if "
        "and or all any each used omitted unset required optional current system model same set "
        "first see below above in http https given specified provided supplied ",
    )
)
_RATIO_RUN = re.compile(r"\d{1,3}(?::\d{1,6}){2,24}\Z")
# What heads a box beside the text, and is no value.
CALLOUTS = ("warning", "note", "tip", "info", "caution", "important")
GLUED = "glued"
OPEN = "the list is open"
_WIDE_SIGNS = re.compile(r"[，：；、（）／｜“”]")
# Names of fields whose value leads somewhere: words that stand in their descriptions are of something else.
OF_ADDRESSES = re.compile(r"(?:url|uri|hook|callback|endpoint)s?\Z", FLAGS)
# Names of kinds of files. Where a field is no format itself, a list of them says what the file must be that the
# field leads to: "a video's address, 支持mp4/mov格式".
FILE_KINDS = frozenset(
    [
        "mp4",
        "mov",
        "avi",
        "mkv",
        "webm",
        "m4v",
        "mp3",
        "wav",
        "m4a",
        "aac",
        "acc",
        "flac",
        "ogg",
        "opus",
        "pcm",
        "jpg",
        "jpeg",
        "png",
        "webp",
        "gif",
        "bmp",
        "heic",
        "heif",
        "tiff",
        "svg",
    ]
)
# Names of fields whose values are kinds of files.
OF_FORMAT = re.compile(r"format|type|extension|codec|container|suffix|mime", FLAGS)
USUAL_RATIOS = frozenset(
    ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21", "2:1", "1:2", "5:4", "4:5"]
)


@dataclass(frozen=True, slots=True)
class ValueList:
    """Values in the order said, where the list ended, the one marked as default, and what is doubtful about it."""

    values: tuple[str, ...]
    end: int
    default: str | None = None
    doubt: str = ""


def parse_list(text: str, at: int) -> ValueList:
    """The list of values that begins at `at`: it ends where a value is followed by anything but a separator.

    "std, pro std: Standard" → std, pro (the second "std" explains). Glued ratios are taken apart where there is one
    way that gives usual ratios only: "16:99:161:1" → 16:9, 9:16, 1:1.
    """
    if _WIDE_SIGNS.search(text):
        text = one_spelling(text)
    if entries := ENTRIES_IN_LINE.match(text, at):
        listed = re.split(r"(?:\A|[ ]{1,3})-[ ]{1,3}", entries.group())[1:]
        return ValueList(tuple(dict.fromkeys(one.strip('`"') for one in listed)), entries.end())
    by_line = "\n" in text[len(text[:at].rstrip()) : at]
    if bullet := re.compile(r"[-*•]\s+").match(text, at):
        at, by_line = bullet.end(), True
    values: list[str] = []
    default = None
    end = at = _past_gloss(text, at)
    while (token := (_LINE_TOKEN.match(text, at) if by_line else None) or TOKEN.match(text, at)) is not None:
        value, closed = value_of(token)
        # A value said before begins the explanations: "std, pro std: Standard".
        if (
            (by_line and not values and value.lower() in CALLOUTS)
            or not value
            or value in values
            or (values and _LABELS.match(text, token.start()))
        ):
            break
        glued = _GLUED_NUMBERS.match(value)
        if token[3] and token[3][:1] not in "\"'" and (in_code := _LIST_IN_CODE.fullmatch(value)):
            parts = (
                _APART_IN_CODE.split(value)
                if in_code["numbers"] is None
                else re.split(r"[ ]?/[ ]?", in_code["numbers"])
            )
            values += [one for one in parts if one not in values]
        else:
            values += [glued[1], glued[2]] if glued else [value]
        end = at = token.start() + closed
        if aside := _ASIDE.match(text, at):
            end = at = aside.end()
            default = _default_of(aside[1], values) or default
        if explained := _explanation(text, at, values) or (by_line and _to_line_end(text, at)):
            end = at = explained
        if open_end := OPEN_END.match(text, at):
            return ValueList(tuple(values), open_end.end(), default, OPEN)
        separator = _SEPARATOR.match(text, at) or (_BLANK_BETWEEN_CODES.match(text, at) if token[3] else None)
        # A list goes over lines only if its first value already began one, or a comma says that it goes on.
        broken = separator is not None and separator.group().lstrip(" ").startswith("\n")
        if separator is None or (broken and not by_line):
            break
        at = _past_gloss(text, separator.end())
    found = _unglued(ValueList(tuple(dict.fromkeys(values)), end, default))
    return found if found.default in found.values else replace(found, default=None)


def _default_of(aside: str, values: list[str]) -> str | None:
    """The default that an aside behind the last of `values` names: that one, or the one that it says; None where
    it names none, or one for some case alone. "5, 10 (default: 5)" → 5."""
    said = _DEFAULT_ASIDE.search(aside)
    if said is None or _OF_A_CASE.search(aside):
        return None
    named = (said["value"] or "").rstrip(".")
    return named if named and (named in values or said["names"].strip()) else values[-1]


def _past_gloss(text: str, at: int) -> int:
    gloss = _GLOSS_BEFORE.match(text, at)
    return gloss.end() if gloss else at


def value_of(token: re.Match[str]) -> tuple[str, int]:
    """The value of a token and how many of its characters belong to it (a final full stop or colon does not)."""
    quoted = token[1] or token[2] or token[3]
    if quoted:
        # Code may hold the quotes of JSON: `"std"`.
        return quoted.strip(" \"'"), len(token.group())
    bare = token[4].rstrip(".:")
    return bare, len(bare)


def _explanation(text: str, at: int, values: list[str]) -> int | None:
    """Where the explanation of a value ends ("std: Standard mode, pro: …"), if it has one that another value follows."""
    match = _EXPLAINED.match(text, at)
    if match is None:
        return _gloss(text, at, values)
    separator = _SEPARATOR.match(text, match.end())
    token = separator and TOKEN.match(text, separator.end())
    if token and (_EXPLAINED.match(text, token.start() + value_of(token)[1]) or len(values) > 1):
        return match.end()
    return match.end() if len(values) > 1 and not separator else None


def _to_line_end(text: str, at: int) -> int | None:
    """Where the explanation of a value on a line of its own ends, if a value with one begins the next line."""
    match = _EXPLAINED_LINE.match(text, at)
    separator = _SEPARATOR.match(text, match.end()) if match else None
    token = separator and TOKEN.match(text, separator.end())
    if match is None or not token:
        return None
    return match.end() if _EXPLAINED_LINE.match(text, token.start() + value_of(token)[1]) else None


def _gloss(text: str, at: int, values: list[str]) -> int | None:
    """Where an explanation in another script than its value ends, if a further value follows or went before."""
    match = _GLOSS.match(text, at)
    if match is None:
        return None
    separator = _SEPARATOR.match(text, match.end())
    follows = separator is not None and TOKEN.match(text, separator.end()) is not None
    return match.end() if follows or (len(values) > 1 and text[match.end() :].strip() == "") else None


def _unglued(found: ValueList) -> ValueList:
    if len(found.values) != 1 or not _RATIO_RUN.match(found.values[0]):
        return found
    readings = [
        reading for reading in _ratio_readings(found.values[0]) if all(r in USUAL_RATIOS for r in reading)
    ]
    if len(readings) == 1:
        return ValueList(tuple(readings[0]), found.end, found.default, GLUED)
    return ValueList((), found.end, None, f"glued values with {len(readings)} readings")


def _ratio_readings(run: str) -> list[list[str]]:
    """Every way to take a run of glued ratios apart that uses usual ratios; the first number of a ratio has ≤ 2 digits."""
    parts = run.split(":")
    cuts = [range(1, len(part)) for part in parts[1:-1]]
    readings = []
    for count, choice in enumerate(product(*cuts)):
        if count > 4096:
            return []
        firsts = [parts[0], *(part[cut:] for part, cut in zip(parts[1:-1], choice, strict=True))]
        seconds = [*(part[:cut] for part, cut in zip(parts[1:-1], choice, strict=True)), parts[-1]]
        ratios = [f"{a}:{b}" for a, b in zip(firsts, seconds, strict=True)]
        if len(set(ratios)) == len(ratios):
            readings.append(ratios)
    return readings


def typed(value: str, type_: str | None) -> Any:
    """The value as the field's type has it, or None when it cannot be of that type."""
    value = value.strip()
    if type_ in ("integer", "number") and re.fullmatch(r"-?\d{1,3}(?:,\d{3}){1,5}", value):
        value = value.replace(",", "")
    if type_ == "integer":
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else None
    if type_ == "number":
        return (int(value) if re.fullmatch(r"-?\d{1,18}", value) else float(value)) if re.fullmatch(
            r"-?\d{1,18}(\.\d{1,18})?", value) else None  # fmt: skip
    if type_ == "boolean":
        return {"true": True, "false": False}.get(value.lower())
    return value if type_ in (None, "string") else None


def set_apart_by_blanks(text: str, at: int, found: ValueList) -> ValueList:
    """What a label before `at` lists with nothing but blanks between: "360p 480p". `found` where that is no list."""
    spaced = _SPACED.match(text, at) if len(found.values) == 1 else None
    pieces = [one.rstrip(".:") for one in spaced.group().split()] if spaced else []
    pieces = [value for one in pieces for value in _unglued(ValueList((one,), 0)).values or (one,)]
    several = tuple(dict.fromkeys(pieces))
    if spaced is None or not all(map(looks_like_value, several)):
        return found
    end = spaced.end()
    # Commas and blanks by turns: "16:9 9:16 1:1,4:3,3:4".
    more = parse_list(text, end + 1) if text[end : end + 1] == "," else ValueList((), end)
    all_ = tuple(dict.fromkeys((*several, *more.values)))
    if more.values and not more.doubt and all(re.search(r"\d", one) for one in all_):
        return ValueList(all_, more.end)
    return ValueList(several, end)


def looks_like_value(value: str) -> bool:
    # What begins with a full stop is the end of a file's name: of what the value leads to.
    return bool(re.fullmatch(r"[\w:+/*-][\w.:+/*-]{0,39}", value)) and value.lower() not in NO_VALUE
