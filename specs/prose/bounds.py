"""Lengths, counts and ranges: "cannot exceed 2500 characters", "up to 4 images", "[1, 9]", 不超过2500字符, 最多4张."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from understudy.specs.prose.records import FLAGS

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "twenty": 20,
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
# "at least one of them" counts nothing; a word is a bound only where a unit follows it.
_WORD = rf"(?:\b(?:{'|'.join(word for word in _WORDS if word.isascii())})\b(?!\s{{1,3}}of\b)|[{''.join(word for word in _WORDS if not word.isascii())}](?=\s?(?:[张幅个项至到]|~|-)))"
# Thousands and ten thousands: "5万字", "10k characters".
_TIMES = {"万": 10_000, "萬": 10_000, "千": 1_000, "k": 1_000}
_LARGE = r"\d{1,6}(?:\.\d{1,4})?(?:[ ]?[万萬千](?=[ ]?(?:个|個|[汉漢字英]|token|像素|[,.;:()\n]|\Z))|[ ]?k(?=[ ]?(?:char|个?字|token|word)))"
NUMBER = rf"(?:{_LARGE}|\d{{1,3}}(?:,\d{{3}}){{1,4}}(?!\d)|\d{{1,15}}(?:\.\d{{1,15}})?|{_WORD})"
SIGNED = rf"(?:-\s?)?{NUMBER}"

_UNITS = {
    "characters": r"(?:unicode\s+|utf-?8\s+)?(?:characters?|chars?\b)(?:\s+(?:long|in\s+length))?|caract(?:eres|ères)\b|символ(?:ов|а)?|знак(?:ов|а)?|Zeichen\b|文字|글자|자(?![가-힣])|个?\s?(?:utf-?8\s?|unicode\s?)?英?文?字符|个?汉?字(?!段)",
    "items": (
        r"(?:reference\s+|subject\s+|input\s+|different\s+)*(?:images?|pictures?|photos?|items?|elements?|objects?|entries|entry|"
        r"files?|Bild(?:er|ern)?\b|im[áa]gen(?:es)?|imagen[st]?|frames?|videos?|clips?|urls?|values?|subjects?|results?)\b|[张幅]|[个项](?!\s*(?:字|月|小时))"
    ),
    "bytes": r"(?:[KMG]i?B|[KMG]\b|bytes?\b|兆)",
    "pixels": r"(?:px|pixels?|像素)",
    "milliseconds": r"(?:milliseconds?|millis\b|ms\b|毫秒)",
    "seconds": r"(?:seconds?|secs?\b|s\b|秒钟?)",
    # On the next line such a word begins a sentence.
    "other": r"(?<!\n)(?:words?|tokens?|minutes?|hours?|days?|分钟|小时|天|fps|%)",
}
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS.items())
# No blank is given back: three runs of them in a row would be tried in every combination.
_UNIT_SKIP = r"\s*+(?:/\s*+|的)?"

# Of what the length is: "maximum text length", "maximum length of the name"; that of each part of it is another's.
_WHOSE_LENGTH = (
    r"[ ]{1,3}(?:(?!(?:each|every|per|line|word|edge|side|file|video|audio|clip)\b)[a-z]{1,20}[ ]{1,3}){0,2}length"
    r"(?:[ ]{1,3}(?:of|for)(?:[ ]{1,3}(?!(?:each|every|any|per|one|single)\b)[a-z]{1,20}){1,3}?(?=[ ]{1,3}is\b|[ ]{0,3}[:=]))?"
)
_AT_MOST = (
    r"(?:(?:can\s*not|can't|must\s+not|mustn't|should\s+not|shall\s+not|may\s+not|does\s+not|do\s+not|not)\s+"
    r"(?:be\s+)?(?:exceed(?:ing)?|(?:more|longer|larger|greater|bigger|higher)\s+than|over|above)|"
    r"(?:less|fewer|lower|shorter|smaller)\s+than\s+or\s+equal\s+to|not\s+exceeding|up\s+to|at\s+most|no\s+(?:more|longer|larger|greater|bigger)\s+than|limited\s+to|within|"
    r"max(?:length|items)\s*[:=]|(?:a\s+)?max(?:imum|\.)?(?:\s+(?:string\s+|array\s+|(?:image\s+)?file\s+)?(?:length|size|count|number|value|items)|"
    + _WHOSE_LENGTH
    + r")?(?:\s+(?:of|is|to)|\s*[:=])*|"
    r"(?:upper\s+)?limit(?:\s+(?:of|is)|\s*[:=])+|≤|<=|=<|"
    r"h[öo]chstens|maximal(?=\s+\d)|bis\s+zu(?=\s+\d)|(?:longitud|tamaño)\s+m[áa]xim[ao](?:\s+de|\s*:)?|longueur\s+maximale(?:\s+de|\s*:)?|"
    r"m[áa]ximo(?:\s+de)?|no\s+m[áa]s\s+de|\bhasta(?=\s+\d)|\bat[ée](?=\s+\d)|jusqu['’]à(?=\s+\d)|(?:[Нн]е\s+более|[Мм]аксимум|(?<![а-яё])[Дд]о)(?=\s+\d)|최대(?=\s?\d)|"
    r"不\s*(?:能|得|可|要|可以|应|允许)?\s*(?:超过|多于|大于|高于|超出)|(?:最多|至多)(?:支持|可以?|允许|为|传入?|上传|输入|填写?|包含|只能|配置|设置|添加|指定|选择){0,3}|"
    r"(?:仅|只)(?:支持|能|可以?|允许)(?:输入|上传|传入?|提交)|"
    r"(?:最大|最长)(?:(?:文本|文字|内容|字符|提示词|名称|描述)?长度|值|数量|字符数|字数|(?:文件)?(?:大小|体积))?(?:为|是)?|上限(?:为|是)?|限(?:制)?(?:为|在)?|小于等于)"
)
_AT_LEAST = (
    r"(?:at\s+least|(?:(?:can\s*not|must\s+not|should\s+not|may\s+not|not)\s+be\s+|no\s+|not\s+)"
    r"(?:fewer|less|smaller|shorter|lower)\s+than|(?:greater|more|higher|larger|longer)\s+than\s+or\s+equal\s+to|not\s+below|"
    r"mindestens|al\s+menos(?=\s+\d)|au\s+moins(?=\s+\d)|m[íi]nimo(?:\s+de)?(?=\s+\d)|(?:[Нн]е\s+менее|[Мм]инимум)(?=\s+\d)|최소(?=\s?\d)|"
    r"min(?:length|items)\s*[:=]|(?:a\s+)?min(?:imum|\.)?(?:\s+(?:string\s+|array\s+)?(?:length|size|count|number|value|items)|"
    + _WHOSE_LENGTH
    + r")?(?:\s+(?:of|is)|\s*[:=])*|"
    r"(?:lower\s+)?limit(?:\s+of)?\s+from|≥|>=|"
    r"不\s*(?:能|得|可|应)?\s*(?:少于|小于|低于|短于)|至少(?:需要?|传入?|上传|为|有)*|最少(?:支持|可以?|允许|需要?|传入?|上传|为)*|"
    r"(?:最小|最短)(?:(?:文本|文字|内容|字符|提示词|名称|描述)?长度|值|数量)?(?:为|是)?|下限(?:为|是)?|大于等于)"
)
_LESS = r"(?:(?:less|fewer|shorter|smaller)\s+than|under|below|小于|少于|(?<![<>=])<(?!=))"
_MORE = r"(?:(?:more|greater|larger|longer)\s+than|above|大于|多于|(?<![<>=])>(?!=))"
_SEPARATOR = r"\s*(?:-|~|to|until|through|and|到|至|和|\.\.+|…|(?<=\s)(?:bis|à|до)(?=\s)|から|에서|부터)\s*"
_RANGE_CUE = (
    r"(?:(?:value\s+|valid\s+|allowed\s+|required\s+|supported\s+)?range[ds]?(?:\s+(?:of|is|from|between))*|between|from|"
    r"(?:required\s+)?(?:string\s+|array\s+)?length|取值(?:范围)?|范围|区间|介于|长度(?:范围|限制)?|数量(?:范围|限制)?|支持|(?<=从)"
    r"|(?<![а-яё])[Оо]т(?=\s\d)|範囲は?|범위는?)"
)
_COLON = r"\s*(?:[:=]|is|为|是|在)?\s*"
# What a number itself is, behind a range that stands alone: 1-5分, 1-3级.
_GRADES = r"(?:[ ]?[分级档星])?"

_GAP = r"[\s:]*"
_BOUNDS = re.compile(
    rf"""(?:(?P<most>{_AT_MOST})|(?P<least>{_AT_LEAST})|(?P<less>{_LESS})|(?P<more>{_MORE}))
    {_GAP}`?(?P<value>{SIGNED})(?![\d:]|\.\d|\s*[x*]\s*\d)(?:`(?!\w))?(?:{_UNIT_SKIP}(?:{_UNIT}))?""",
    FLAGS | re.VERBOSE,
)
_AFTER = re.compile(
    rf"""(?<![\w.:-])(?P<value>{NUMBER})[ \t]*+(?:/[ \t]*+|的)?(?:{_UNIT})?[ \t]*+(?:(?:\(\s*+)?
    (?:(?P<most>max(?:imum)?\b|or\s+(?:fewer|less|shorter|smaller)|以内|之内|以下|及以下|at\s+most)|
       (?P<least>min(?:imum)?\b|or\s+(?:more|longer|larger|greater)|以上|及以上)))""",
    FLAGS | re.VERBOSE,
)
_RANGES = (
    # as an inequality around a name
    re.compile(
        rf"(?<![\w.])(?P<low>{SIGNED})\s*(?P<lop><=|≤|<)\s*[A-Za-z_][\w ]{{0,30}}?\s*(?P<hop><=|≤|<)\s*(?P<high>{SIGNED})"
        r"(?![\d.]\d)"
    ),
    # [1, 9] and (0, 1], with or without a cue
    re.compile(
        rf"(?:{_RANGE_CUE}{_COLON})?(?P<lop>[\[(])\s*(?P<low>{SIGNED})\s*(?:,|~|-|;)\s*(?P<high>{SIGNED})\s*(?P<hop>[\])])"
        rf"(?:{_UNIT_SKIP}(?:{_UNIT}))?",
        FLAGS,
    ),
    # Range: 1-9, between 1 and 9
    re.compile(
        rf"{_RANGE_CUE}{_COLON}(?P<low>{SIGNED})(?:{_UNIT_SKIP}(?:{_UNIT.replace('?P<', '?P<l')}))?{_SEPARATOR}"
        rf"(?P<high>{SIGNED})(?![\d:]|\.\d|\s*[x*]\s*\d)(?:{_UNIT_SKIP}(?:{_UNIT}))?",
        FLAGS,
    ),
    # the same in other languages: entre 1 e 9, zwischen 1 und 9
    re.compile(
        rf"(?:\bentre|\bzwischen)\s+(?P<low>{SIGNED})(?:{_UNIT_SKIP}(?:{_UNIT.replace('?P<', '?P<l')}))?\s+(?:e|y|et|und)\s+"
        rf"(?P<high>{SIGNED})(?![\d:]|\.\d|\s*[x*]\s*\d)(?:{_UNIT_SKIP}(?:{_UNIT}))?",
        FLAGS,
    ),
    # the word behind: (0-1 range), "in the 1 to 9 range"; of what there is a range of, "0-360 range of angles", none
    re.compile(
        rf"(?<![\w.:-])(?P<low>{SIGNED})\s?(?:-|~|to)\s?(?P<high>{SIGNED})\s(?:value\s)?range\b(?!\sof\b)",
        FLAGS,
    ),
    # 1到9之间
    re.compile(rf"(?<![\w.:-])(?P<low>-?{NUMBER})\s?(?:-|~|到|至|和)\s?(?P<high>-?{NUMBER})\s?之间", FLAGS),
    # a bare range in brackets, alone or before more: (1 ~ 9, whole numbers)
    re.compile(
        rf"\(\s?(?P<low>-?{NUMBER})\s?~\s?(?P<high>{NUMBER})(?=\s?[,;)])",
        FLAGS,
    ),
    # the same from a negative number, which no date, size or ratio begins with: (-10 to 10)
    re.compile(
        rf"\(\s?(?P<low>-{NUMBER})\s?(?:-|~|to|至|到)\s?(?P<high>-?{NUMBER})(?=\s?[,;)])",
        FLAGS,
    ),
    # the same before a default, which tells that it is no date, size or ratio: (0.5-2.0, default 1)
    re.compile(
        rf"\(\s?(?P<low>-?{NUMBER})\s?(?:-|to|至|到)\s?(?P<high>{NUMBER})(?=\s?[,;]\s?(?:default|默认|缺省))",
        FLAGS,
    ),
    # a description that begins with a bare range: 1-9, how many
    re.compile(
        rf"\A\s*+`?(?P<low>-?{NUMBER})`?\s*+(?:-|~|to|至|到|\.\.+|…)\s*+`?(?P<high>{NUMBER})`?(?=\s*(?:{_GRADES}(?:[,.;()]|\n|\Z)))",
        FLAGS,
    ),
    # the same behind a comma: how many, 1-9
    re.compile(
        rf"(?:(?<=[,;:])|(?<=\.\s))\s{{0,3}}(?P<low>-?{NUMBER})\s{{0,3}}(?:-|~|to|至|到|\.\.+|…)\s{{0,3}}(?P<high>{NUMBER})(?=\s{{0,3}}(?:{_GRADES}(?:[,.;(]|\n|\Z)))",
        FLAGS,
    ),
    # 1 to 4 images
    re.compile(
        rf"(?<![\w.:-])(?<!\d,)(?P<low>{SIGNED})(?:{_UNIT_SKIP}(?:{_UNIT.replace('?P<', '?P<l')}))?{_SEPARATOR}(?P<high>{SIGNED})"
        rf"(?![\d:]|\.\d|\s*[x*]\s*\d){_UNIT_SKIP}(?:{_UNIT})",
        FLAGS,
    ),
    # in brackets, with what is counted: (2-77 points)
    re.compile(
        rf"\(\s?(?P<low>{NUMBER})\s?(?:-|~|to)\s?(?P<high>{NUMBER})[ ](?!(?:words|letters|lines|minutes|hours|days|credits|tokens|bytes|degrees|points[ ]of)\b)[a-z]{{3,20}}s\s?\)",
        FLAGS,
    ),
)
# Of more than this field, or of something of the field that no keyword bounds.
# Behind two numbers in brackets: where the point is that they are.
_IS_POINT = re.compile(r"\s{0,3}(?:=|represents?\b|is\s|are\s|means?\b|stands?\b|代表|表示|即|是|为)", FLAGS)
# Just so many: "exactly 2 images", 数组长度必须为2.
_EXACTLY = re.compile(
    rf"(?:\bexactly|(?:length|count|number)\s{{1,3}}(?:must|should|has\s{{1,3}}to)\s{{1,3}}be|(?:长度|数量|个数|张数)?(?:必须|固定|只能)(?:为|是|传入?|上传)|恰好)\s{{0,3}}"
    rf"(?P<value>\d{{1,6}}|(?:one|two|three|four|five)\b)(?![\d.:])(?:{_UNIT_SKIP}(?:{_UNIT}))?(?=\s{{0,3}}(?:[,.;()\n]|[^\x00-\x7F]|\Z|long))",
    FLAGS,
)
_ADVICE = re.compile(
    r"(?:建议|推荐|最好|\brecommend(?:ed)?|\bsuggest(?:ed)?|\bideally|\bpreferably|\bbetter)[^,.;:()\n]{0,16}\Z",
    FLAGS,
)
# What changes is no range: "it goes from 1 to 2".
_CHANGES = re.compile(
    r"\b(?:go(?:es|ing)?|mov(?:es?|ing)|ris(?:es?|ing)|chang(?:es?|ing)|increas(?:es?|ing)|decreas(?:es?|ing)|grow(?:s|ing)?"
    r"|drop(?:s|ping)?|fall(?:s|ing)?|jump(?:s|ing)?|switch(?:es|ing)?|climb(?:s|ing)?|count(?:s|ing)?|turn(?:s|ing)?)[ ]{1,3}(?:up[ ]|down[ ])?\Z",
    FLAGS,
)
# Nor what an example shows, nor what is said of two versions.
_NO_RANGE = re.compile(
    r"(?:\be\.?g\.?|\bfor[ ](?:example|instance)|\bexamples?(?:[ ](?:values?|is|are))?|\bsuch[ ]as|例如|比如|示例值?|举例|\bversions?|\breleases?|版本|型号)[ \t,:]{0,3}\Z",
    FLAGS,
)
# A description states a handful; a text with more is no description.
MAX_BOUNDS = 30
# So many of a form are looked at: some are said of something else.
MAX_FOUND = 60


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound as said: a number, which side it bounds, whether the number itself is allowed, and its unit."""

    value: float
    upper: bool
    inclusive: bool
    unit: str
    phrase: str
    start: int
    end: int


def number(text: str) -> float:
    """ "2,500" → 2500, "0.5" → 0.5, "5万" → 50000; an integer where there is no fraction; at most the largest double."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if times := _TIMES.get(text[-1:].lower()):
        return round(number(text[:-1]) * times)
    text = text.replace(",", "").replace(" ", "")
    value = min(float(text), sys.float_info.max)
    return int(value) if value == int(value) and "." not in text else value


def find_bounds(page: Page) -> list[Bound]:
    """Every bound in the parts of the page that are not understood yet, in order."""
    found: list[Bound] = []
    taken: list[tuple[int, int]] = []

    def take(match: re.Match[str], bounds: list[Bound]) -> None:
        before = page.text[max(0, match.start() - 24) : match.start()]
        if _ADVICE.search(before) or (match.group()[:4].lower() == "from" and _CHANGES.search(before)):
            page.doubtful.append(match.start())  # what is recommended is no limit, nor what changes
            return
        if len(bounds) == 2 and match.re is not _EXACTLY and _NO_RANGE.search(before):
            page.doubtful.append(match.start())
            return
        if (
            len(taken) < MAX_BOUNDS
            and bounds
            and (bounds[0].unit or not _in_words(match))
            and page.is_free(*match.span())
            and all(match.end() <= a or match.start() >= b for a, b in taken)
        ):
            taken.append(match.span())
            found.extend(bounds)

    for match in _EXACTLY.finditer(page.text):
        value, unit = number(match["value"]), _unit(match)
        both = [Bound(value, upper, True, unit, match.group(), *match.span()) for upper in (False, True)]
        if unit in ("items", "characters") or (not unit and page.type == "array"):
            take(match, both)
    for pattern in _RANGES:
        for match in islice(pattern.finditer(page.text), MAX_FOUND):
            take(match, _range(match, of_number=page.type in ("integer", "number")))
    for pattern in (_AFTER, _BOUNDS):
        for match in islice(pattern.finditer(page.text), MAX_FOUND):
            take(match, [_single(match)])
    return sorted(found, key=lambda bound: (bound.start, bound.upper))


def _in_words(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return any((groups.get(name) or "").lower() in _WORDS for name in ("value", "low", "high"))


def _unit(match: re.Match[str]) -> str:
    groups = match.groupdict()
    return next((name for name in _UNITS if groups.get(name) or groups.get("l" + name)), "")


def _range(match: re.Match[str], *, of_number: bool) -> list[Bound]:
    groups = match.groupdict()
    low, high = number(groups["low"]), number(groups["high"])
    if low > high:
        return []
    unit, phrase, span = _unit(match), match.group(), match.span()
    opening, closing = groups.get("lop"), groups.get("hop")
    if opening == "[" and (not of_number or low == high) and _IS_POINT.match(match.string, match.end()):
        return []  # "[0, 1] is the upper left corner"
    if (opening, closing) == ("(", ")"):
        # "(1-9)" is a range in an aside; "(0, 1)" is an open interval only where it is called a range.
        between = match.string[match.end("low") : match.start("high")]
        if "," in between and phrase.startswith("("):
            return []
        if "," not in between:
            opening = closing = None
    return [
        Bound(low, False, opening not in ("(", "<"), unit, phrase, *span),
        Bound(high, True, closing not in (")", "<"), unit, phrase, *span),
    ]


def _single(match: re.Match[str]) -> Bound:
    groups = match.groupdict()
    upper = bool(groups.get("most") or groups.get("less"))
    inclusive = bool(groups.get("most") or groups.get("least"))
    return Bound(number(groups["value"]), upper, inclusive, _unit(match), match.group(), *match.span())
