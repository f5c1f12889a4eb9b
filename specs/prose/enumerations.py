"""Enumerations: "Enumerated values: a, b", "Enum values: std, pro std: …", 枚举值：a, b."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from understudy.specs.prose.listed_lines import values_by_line
from understudy.specs.prose.records import FLAGS, Leftover
from understudy.specs.prose.values import (
    DEFAULT,
    ENTRIES_IN_LINE,
    FILE_KINDS,
    GLUED,
    OF_ADDRESSES,
    OF_FORMAT,
    OPEN,
    TOKEN,
    ValueList,
    looks_like_value,
    parse_list,
    set_apart_by_blanks,
    typed,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.prose.records import Page

# A cue after which even one value is a list of all values.
_STRONG = re.compile(
    r"(?:\benum(?:s|erat(?:ed|ion|ions))?(?:\s+values?|\s+options?)?|"
    r"\b(?:available|possible|allowed|supported|valid|accepted|optional|legal|permitted)\s+(?:values?|options?|choices)|"
    r"\b(?:must|should|can|may)\s+be\s+(?:either|one\s+of|any\s+of)(?:\s+the\s+following)?|\b(?:one|any)\s+of(?:\s+the\s+following)?|\baccept(?:s|ed)(?=\s?:)|"
    r"枚举(?:值|项|类型)?|可选(?:的)?(?:取?值|项|参数|范围)|可用(?:值|选项)|允许(?:的)?值|有效值|合法值|(?<![时则])取值(?:范围)?|参考值(?=[ ]?:[ ]{0,3}\n[ \t•*-]{0,4}[`\"]?[A-Za-z])|选项"
    r"|\b[Vv]alor(?:es)?\s+(?:v[áa]lidos|permitidos|poss[íi]veis|posibles|aceit[oa]s|aceptados|dispon[íi]veis|disponibles)|\b[Vv]aleurs?\s+(?:possibles?|autoris[ée]es?|accept[ée]es?|valides?)"
    r"|\b(?:m[öo]gliche|erlaubte|zul[äa]ssige|g[üu]ltige)\s+Werte|(?:[Вв]озможные|[Дд]опустимые|[Дд]оступные)\s+значения"
    r"|(?:使用|利用|指定|設定|選択)?可能な値|有効な値|(?:사용\s?)?가능한\s?값|(?:허용|유효한?)\s?값)"
    r"\s*(?:\((?:enum|string)\))?\s*(?:(?:are|is|includes?)(?![\w-])|:|=|为|是|有|从|包括|包含|如下|-(?=\s))*\s*",
    FLAGS,
)
# Nouns of which there are few: "包括" lists all of them. What a text or an answer includes is no list of values.
_CHOICES = "支持|可选|可用|取值|值|选项|类型|类别|种类|模式|模型|风格|比例|尺寸|分辨率|清晰度|画质|格式|版本|语言|音色|等级|档位|状态|方向"
# A cue after which two values or more are a list of all values.
_WEAK = re.compile(
    r"(?:\boptions?\s*(?:are|:)|\bvalues?\s*(?:are|:)|\beither\b|\b(?:choose|select|pick)\s+(?:from|between)|\b(?:must|should)\s+be(?=\s*:?\s*[`\"'])|\bsupports?(?:\s+only)?(?=\s*[:\d`\"'])|"
    rf"\bcan\s+be(?:\s*:)?|\bavailable\s*:|\bonly\s+supports?|(?<!不)支持(?:的)?(?:比例|尺寸|模型|模式|值)?(?:为|有|:)?|可以?(?:选|为|填|是)|只能(?:选|为|填|是|取)|仅支持|只支持|可选(?:择)?[:为]?|(?:{_CHOICES})(?:值|类型|选项)?(?:主要|目前|可以?)?(?:包括|包含))\s*:?\s*",
    FLAGS,
)
_RANGE_GOES_ON = re.compile(r"\s{0,3}(?:-|~|to|至|到|\.\.+|…)\s{0,3}-?\d")
# Behind a value with a digit a blank and one more of its kind.
_GOES_ON = re.compile(r"(?<=\d)[ ]\d{1,5}(?:[:x*]\d|[ ]\d)", re.ASCII)
_SOME = re.compile(
    r"(?:\b(?:common(?:ly)?|popular|typical(?:ly)?|recommended|suggested|frequent(?:ly)?)[ ](?:used[ ])?|常见的?|常用的?|推荐的?|热门|主流|典型的?)\Z",
    FLAGS,
)
# Values in code behind words of what each is: "the plain `a-1`, or the newer `a-2`", 基础版 `a-1` 或新版 `a-2`.
_WORDED_ONE = (
    r"(?!see\b|as\b|like\b|见|参|同|如|与)(?:[A-Za-z]|[^\x00-\x7F])[^`,;:.\n()]{0,20}`[\w.:/+-]{1,60}`"
)
_WORDED = re.compile(
    rf"{_WORDED_ONE}(?:[ ]?(?:,[ ]?(?:(?:and|or)[ ])?|/[ ]?|或者?[ ]?|和[ ]?|\b(?:or|and)[ ]){_WORDED_ONE}){{1,12}}",
    FLAGS,
)
_ENDS_CLAUSE = re.compile(r"[\s\"'`\]]*(?:\Z|[.,;)\n]|[^\x00-\x7F])")
_TYPES = ("string", "integer", "int", "number", "float", "boolean", "bool", "object", "array")
_FEW_WORDS = re.compile(r"[a-z][a-z0-9_-]{0,30}(?:[ ][a-z0-9_-]{1,30}){0,2}")
_OF_MEASURES = re.compile(r"\d(?:fps|hz|khz|[kmg]i?b)\Z", FLAGS)


# Before what lists values: "The status `task_status` is one of", "`task_status` 的取值".
_SUBJECT = re.compile(
    r"`(?P<name>[A-Za-z_]\w{0,60}(?:\.\w{1,60}){0,6})`[ ]{0,2}(?:的|字段|参数)?[ ]?(?:is|are|can be|must be|为|是)?[ ]{0,2}\Z"
)
MAX_SUBJECT = 100
# A description states a list or two; a text with more is no description.
MAX_CUES = 30
_ENDS_SENTENCE = re.compile(r"\n|[.;](?=\s|\Z)")
_SAYS_ENUM = re.compile(r"\s*(?:enum|枚举)", FLAGS)
# Words that values alone follow; behind others, "values", 取值, two numbers in brackets are the ends of a range.
_SAYS_VALUES = re.compile(
    r"(?:available|possible|allowed|supported|valid|accepted|legal|permitted|optional)\s+(?:values?|options?|choices)|(?:\w+\s+){0,4}?(?:one|any)\s+of\b"
    r"|可选(?:的)?(?:取?值|项|范围)|可用(?:值|选项)|允许(?:的)?值|有效值|合法值|选项",
    FLAGS,
)
# Numbers in brackets, or words.
_NUMBERS = re.compile(
    r"\[\s{0,2}(?P<first>-?\d{1,9}(?:\.\d{1,4})?)(?:\s?[,;|]\s?-?\d{1,9}(?:\.\d{1,4})?){1,40}\s{0,2}\]"
)
_IN_BRACKETS = re.compile(r"\[\s{0,2}[A-Za-z\"'`][^\[\]{}\n]{0,600}\]")


def read_enumerations(page: Page, name: str = "") -> None:
    """Say `enum` (and `default` where a value is marked so) of the field `name`, "" where that is not known."""
    for pattern, least in ((_STRONG, 1), (_WEAK, 2)):
        for cue in islice(pattern.finditer(page.text), MAX_CUES):
            is_other = _is_of_another(page, cue, name) or _names_some(page, cue)
            worded = _WORDED.match(page.text, cue.end()) if least == 1 and page.type == "string" else None
            if worded and not is_other:
                _say_worded(page, cue, worded)
            elif page.is_free(*cue.span()) and not is_other:
                _take_list(page, cue, least, of_files=bool(name) and not OF_FORMAT.search(name))


def _is_of_another(page: Page, cue: re.Match[str], name: str) -> bool:
    """Whether the values are those of another field, whose name stands in code before them."""
    found = _SUBJECT.search(page.text, max(0, cue.start() - MAX_SUBJECT), cue.start())
    if found is None or not name or found["name"].rpartition(".")[2].lower() == name.lower():
        return False
    page.doubtful.append(cue.start())
    ends = _ENDS_SENTENCE.search(page.text, cue.end())
    page.open_lists.append((found.start(), ends.start() if ends else len(page.text)))
    return True


def _begins_at(text: str, cue: re.Match[str]) -> int:
    """Where the list behind a cue begins: at a dash that begins its first entry, or inside of brackets."""
    dash = cue.start() + len(cue.group().rstrip()) - 1
    at = dash if ENTRIES_IN_LINE.match(text, dash) else cue.end()
    return at + 1 if text[at : at + 1] == "[" and _holds_values(text, at, cue) else at


def _holds_values(text: str, at: int, cue: re.Match[str]) -> bool:
    """Whether brackets hold values, "enum [mp3, pcm]", "allowed values: [121, 241]", and no range: "values: [5, 10]".

    Two numbers of which the first is 1 or less, or that are no whole ones, may be the ends of a range, whatever
    stands before them.
    """
    if _SAYS_ENUM.match(cue.group()):
        return True
    if _IN_BRACKETS.match(text, at):
        return _SAYS_VALUES.match(cue.group()) is not None
    numbers = _NUMBERS.match(text, at)
    if numbers is None or len(re.findall(r"[,;|]", numbers.group())) > 1:
        return numbers is not None
    may_be_range = float(numbers["first"]) <= 1 or "." in numbers.group()
    return not may_be_range and _SAYS_VALUES.match(cue.group()) is not None


def _names_some(page: Page, cue: re.Match[str]) -> bool:
    """Whether the values behind the cue are only some of all: "typical values: 1, 2"; they are doubtful then."""
    is_some = _SOME.search(page.text[max(0, cue.start() - 16) : cue.start()]) is not None
    if is_some:
        page.doubtful.append(cue.start())
    return is_some


def _take_list(page: Page, cue: re.Match[str], least: int, *, of_files: bool) -> None:
    at = _begins_at(page.text, cue)
    found = values_by_line(page.text, cue.end(), page.type) or _not_run(
        page, _set_apart_by_blanks(page, cue, parse_list(page.text, at))
    )
    if found.doubt.startswith((OPEN, "glued values")) or _stands_for(page.text[at : found.end + 8], found):
        page.doubtful.append(cue.start())
        page.open_lists.append((cue.start(), found.end))
        return
    if not found.values and re.search(r"enum|values?|options?|枚举|取值|可选值", cue.group(), FLAGS):
        page.doubtful.append(cue.start())
    if "of" in cue.group().lower().split():
        # "one of them" lists nothing; "one of `std`" lists the one value that there is.
        least = 1 if page.text[cue.end() : cue.end() + 1] in ("`", '"') else 2
    if len(found.values) == 1 and _RANGE_GOES_ON.match(page.text, found.end):
        if page.type == "string":
            page.doubtful.append(cue.start())
        return  # "取值 1~4" is a range
    if len(found.values) < least or _is_type(cue, found) or not page.is_free(cue.start(), found.end):
        return
    if len(found.values) == 1 and not _is_code(page.text, found):
        return
    if least > 1 and not _is_of_values(page, cue, found, of_files=of_files):
        return
    values = [typed(value, page.type) for value in found.values]
    if None in values or page.type in ("array", "object", "boolean"):
        return
    if found.doubt == GLUED:
        page.mends.append(Leftover("glued values, taken apart", cue.start()))
    page.say("enum", values, cue.start(), found.end)
    if found.default is not None:
        page.say("default", typed(found.default, page.type), cue.start(), found.end)


def _say_worded(page: Page, cue: re.Match[str], worded: re.Match[str]) -> None:
    """Values in code, each behind a word or two that say what it is."""
    values = [one.strip("`") for one in re.findall(r"`[^`\n]{1,60}`", worded.group())]
    if page.is_free(cue.start(), worded.end()) and not any(
        word.keyword == "enum" for word in page.constraints
    ):
        page.say("enum", list(dict.fromkeys(values)), cue.start(), worded.end())


def add_default(page: Page) -> None:
    """A default that stands right beside a list without it is one more of its values: 默认为 a, 可选 b、c."""
    enums = [one for one in page.constraints if one.keyword == "enum"]
    defaults = [one for one in page.constraints if one.keyword == "default"]
    if len(enums) != 1 or len(defaults) != 1:
        return
    (enum,), (default,) = enums, defaults
    first, second = sorted((enum, default), key=lambda one: one.start)
    between = page.text[first.end : second.start]
    is_other = default.value not in enum.value and type(default.value) is type(enum.value[0])
    if is_other and first is default and not between.strip(" ,;("):
        page.constraints[page.constraints.index(enum)] = replace(enum, value=[default.value, *enum.value])


def _stands_for(text: str, found: ValueList) -> bool:
    """Whether the values are those of other things that stand for them: 支持720P和1080P对应的所有尺寸."""
    behind = text.rpartition(found.values[-1])[2] if found.values else ""
    return re.match(r"[`\"' ]{0,2}所?对应的", behind) is not None


def _is_type(cue: re.Match[str], found: ValueList) -> bool:
    """Whether a cue is part of a type, and no list follows: "enum string, optional, how it looks"."""
    return found.values[0].lower() in _TYPES and cue.group().strip().lower() == "enum"


def _not_run(page: Page, found: ValueList) -> ValueList:
    """The list, or one in doubt where its one value is several with nothing or a blank between: "16:9 9:16",
    or one that begins again with its own first letters, "model-1model-2"."""
    if len(found.values) != 1 or not (
        _GOES_ON.match(page.text, found.end)
        or re.match(r"([A-Za-z]{3,12})[\w.-]{0,60}?(?<=[\w.])\1", found.values[0])
    ):
        return found
    return ValueList((), found.end, None, "glued values")


def _set_apart_by_blanks(page: Page, cue: re.Match[str], found: ValueList) -> ValueList:
    """The values behind a cue with a colon where nothing but blanks stands between them; what was found
    where that is no list. Plain words may be a sentence: "accepted values: lowercase hex colors"."""
    if not cue.group().rstrip().endswith(":"):
        return found
    several = set_apart_by_blanks(page.text, cue.end(), found)
    if several is found:
        return found
    if _has_default(page, several.values):
        return several
    codes = [one for one in several.values if re.search(r"[\d_:-]", one) or f"`{one}`" in page.text]
    if len(codes) >= min(2, len(several.values)) and None not in [
        typed(one, page.type) for one in several.values
    ]:
        return several
    return ValueList((), several.end, None, "glued values by blanks")


def _has_default(page: Page, values: Sequence[str]) -> bool:
    """Whether the text says one of the words to be the default: then they are values, and no sentence."""
    tokens = (TOKEN.match(page.text, cue.end()) for cue in DEFAULT.finditer(page.text))
    return any(token is not None and value_of(token)[0] in values for token in tokens)


def _is_of_values(page: Page, cue: re.Match[str], found: ValueList, *, of_files: bool) -> bool:
    """Whether a list behind a weak cue is one of values; what it may be is doubtful then, unless no value is."""
    if not all(map(looks_like_value, found.values)) and not _are_quoted(page.text, found.values):
        return False
    names_files = of_files and {value.lower() for value in found.values} <= FILE_KINDS
    # "仅支持 24、30 或 60fps" is said of the file that the field leads to
    measures = OF_ADDRESSES.search(page.name) or _OF_MEASURES.search(found.values[-1])
    # "either prompt or image must be given" lists no values
    if names_files or measures or not _ENDS_CLAUSE.match(page.text, found.end):
        page.doubtful.append(cue.start())
        return False
    return True


def _are_quoted(text: str, values: Sequence[str]) -> bool:
    """Whether values of which some are a word or two more stand in quotes: "in progress", "done"."""
    return all(_FEW_WORDS.fullmatch(one) and (f'"{one}"' in text or f"`{one}`" in text) for one in values)


def _is_code(text: str, found: ValueList) -> bool:
    """Whether a single value stands as one: it looks like a code, or nothing follows it in its sentence."""
    value = found.values[0]
    return bool(re.search(r"[\d_-]", value) or re.match(r"[\s.\"'`]*(?:\Z|\n)|\.\s", text[found.end :]))
