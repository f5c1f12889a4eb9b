"""Whether a list of words is one of values: it begins where a clause begins, and ends where one ends.

Of "`image` and `tail` exclude one another" nothing is read; a list of some of the values is left over.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose.records import FLAGS
from understudy.specs.prose.values import OPEN, OPEN_END, parse_list, typed

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

# Before a list that begins a clause: the beginning of the text or a line, a colon, a bracket, a full stop.
BEGINS = re.compile(
    r"(?:\A|[:(\[\n.;]|->|=|[A-Za-z)\u4e00-\u9fff][ ][-–—])[ \t\-•*]{0,4}(?:either[ \t]{1,3})?\Z", FLAGS
)
ENDS = re.compile(
    r"[ \t\"'`]{0,3}(?:(?:seconds?|secs?|s|fps|秒钟?|张|个)[ \t]{0,2}(?=\Z|[.,;()\]\n]))?(?:\Z|[.,;)\]\n]|\([ \t]?default\b|\([ \t]?默认|\bdefault|默认|可选|任选|两种|三种)",
    FLAGS,
)
# What is said of values with bars between them, behind a dash: "std | pro - how much care is taken".
_EXPLAINED = re.compile(r"[ \t]{1,3}-{1,2}[ \t]{1,3}(?=[^\W\d])")
# What says that the list gives examples, or names something other than values.
_NOT_VALUES = re.compile(
    r"(?:e\.?g\.?|i\.?e\.?|p\.?\s?ej\.?|z\.\s?B\.|\bex\.?|por\s(?:ejemplo|exemplo)|par\sexemple|напр(?:имер|\.)|such as|like|for example|for instance|examples?|between|from|with|and|see|fields?|parameters?|"
    r"formats?|ratio of|except|without|如|例如|比如|譬如|示例值?|介于|参数|字段|与|和|格式|见|除)[ \t:,(\[]{0,4}\Z",
    FLAGS,
)
NO_VALUES = frozenset(
    re.findall(
        r"\w+",
        "string str integer int number float boolean bool object array list json null file text required optional "
        "mandatory deprecated yes no true false url urls uri link base64 jpg jpeg png webp gif mp4 mov mp3 wav a an "
        "the is are be of in on to by or and not none any all etc px mb kb gb ms s if when for note see width height",
    )
)
# Behind a list in brackets: what goes with the things it lists, which are no values then.
_OF_OTHERS = re.compile(
    r"\s?\)[^.,:;()\n]{0,40}?(?:仅支持|只支持|不支持|不能|互斥|无效|\bonly\b|\bcannot\b|\bis\snot\b|\bare\snot\b|\bdoes\snot\b|\bdo\snot\b)",
    FLAGS,
)
# What may stand before the values that says nothing of them: "optional, ".
SAID_FIRST = re.compile(
    r"[ \t]{0,4}\(?(?:optional|required|mandatory|可选|选填|必填|必选)\)?[ \t]{0,2}[,;:.\n]?[ \t]{0,3}\Z",
    FLAGS,
)
# Before an array that a shape has under a key: `{ "images": ["url1", "url2"] }`.
_OF_A_KEY = re.compile(r"[\"']\w{1,40}[\"']\s{0,3}:\s{0,3}\[\s{0,3}\Z")
# Before an array that a sentence shows.
_SHOWS = re.compile(r"(?:\bexamples?\b|\be\.g\.|\bfor instance\b|示例|例如|举例|比如)[^.\n]{0,60}\Z", FLAGS)
# Before values that are some of all: "common models: a-1, a-2".
_SOME_OF = re.compile(
    r"(?:\b(?:common(?:ly)?|popular|typical(?:ly)?|recommended|suggested|frequent(?:ly)?)[ ]|常见|常用|推荐|建议|热门|主流|典型)[^,.:;\n]{0,20}:[ \t`]{0,4}\Z|(?:推荐|建议|首选)(?:使用|选用|采用|选择|用)?[ \t`]{0,4}\Z",
    FLAGS,
)
# What a list in brackets is of, where its field is no name of a model: "All models (large, small) take `images`".
_OF_THINGS = re.compile(
    r"(?:\b(?:models|versions|endpoints|plans|tiers|accounts|families|variants|SDKs|libraries)|模型|套餐|账号|端点)[ \t]?[(\[][ \t`]{0,2}\Z",
    FLAGS,
)
_SUCH_THINGS = re.compile(r"\A\Z|model|engine|version|endpoint|plan|tier|account|variant|name")


def is_of_things(before: str, name: str) -> bool:
    """Whether the list whose bracket ends `before` is of things such as models, none of which the field is."""
    return _OF_THINGS.search(before) is not None and _SUCH_THINGS.search(name) is None


def take_list(
    page: Page,
    match: re.Match[str],
    values: list[str] | None = None,
    *,
    after_script: bool = False,
    any_word: bool = False,
    in_code: bool = False,
) -> None:
    """Say `enum` where the match is a clause of its own; with `any_word` "png" and "text" may be values, with
    `in_code` "yes" and "no"."""
    start, end = match.span()
    before, following = page.text[max(0, start - 40) : start], page.text[end : end + 20]
    if not page.is_free(start, end) or any(word.keyword == "enum" for word in page.constraints):
        return
    if any(first <= start < last for first, last in page.open_lists) or _OF_A_KEY.search(before):
        return
    begins = (
        BEGINS.search(before) is not None
        or SAID_FIRST.match(page.text[:start]) is not None
        or (after_script and after_another_script(before))
    )
    ends = ENDS.match(following) or ("|" in match.group() and _EXPLAINED.match(following))
    if not begins or not ends or _NOT_VALUES.search(before):
        return
    if _SOME_OF.search(before):
        page.doubtful.append(start)
        return
    if before.rstrip()[-1:] == "(" and _OF_OTHERS.match(page.text, end):
        page.doubtful.append(start)
        return
    found = parse_list(match.group(), 0)
    if OPEN_END.match(page.text, end) or found.doubt == OPEN or _is_array_shown(page, start, end):
        page.doubtful.append(start)
        return
    listed = list(found.values) if values is None else values
    if any(re.search(r"[{}\[\]]", value) for value in listed):
        return  # shapes
    words = {value.lower() for value in listed}
    is_said = any_word or words == {"on", "off"} or (words == {"yes", "no"} and in_code)
    if not is_said and any(value.lower() in NO_VALUES for value in listed):
        return
    kept = [typed(value, page.type) for value in dict.fromkeys(listed)]
    if len(kept) > 1 and None not in kept:
        page.say("enum", kept, start, end)
        if found.default is not None and values is None:
            page.say("default", typed(found.default, page.type), start, end)


def _is_array_shown(page: Page, start: int, end: int) -> bool:
    """Whether a list in square brackets shows how an array is written: "example: ["a", "b"] or ["c"]"."""
    is_array = page.text[:start].rstrip()[-1:] == "[" and page.text[end:].lstrip()[:1] == "]"
    return is_array and _SHOWS.search(page.text[max(0, start - 80) : start]) is not None


def after_another_script(before: str) -> bool:
    """Whether what stands before is no word of the same script: "时长5或10", "画面比例 16:9、9:16"."""
    last = before.rstrip(" \t,")[-1:]
    return last == "" or ord(last) > 0x7F or before.rstrip(" \t").endswith(",")
