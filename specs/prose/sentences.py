"""Uniqueness, required or not, and the sentences that limit something but were not understood."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import CUT
from understudy.specs.prose.records import FLAGS, Leftover

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

_UNIQUE = re.compile(
    r"(?:must\s+be\s+|should\s+be\s+|is\s+|be\s+)?unique\s+(?:per|within|in|for|across|under|to)\s+(?:(?:a|an|each|every|the|your|"
    r"one|single|same|whole|individual)\s+)*(?:user\s+)?(?:account|user)s?|"
    r"uniqueness\s+(?:of\s+(?:(?:the|this|each|every|your|its)\s+)?(?:\w{1,20}\s+){1,3}?)?(?:(?:is|must|be|required|ensured|guaranteed)\s+){0,4}(?:within|per|in|across|under|for)\s+(?:(?:a|an|each|every|the|your|one|single|same|whole|individual)\s+){0,3}(?:user\s+)?(?:account|user)s?(?!\s+(?:is\s+)?(?:not|neither)\b)|"
    r"(?:单个?|同一个?|每个?|该)(?:用户|账号|账户|帐号|帐户)(?:下|内|中)的?(?:任务|ID|id|\s){0,4}(?:不能|不可|不得|不允许|不要|勿)重复|"
    r"(?:必须|需(?:要)?|须|请)?(?:保证|确保)?(?:在)?(?:单个?|同一个?|每个?|该)?(?:用户|账号|账户|帐号|帐户)(?:下|内|中|维度|范围内)*(?:的)?(?:需要|需|必须|须|保持|保证|确保|唯一性|任务|ID|id|其|此|该|的|\s){0,8}唯一(?:性)?",
    FLAGS,
)
# The thing itself, in every case: "Required base64 picture"; not what it has, "Required image size", nor what the
# service needs, "Required access level".
_REQUIRED_THING = (
    r"\A\s*required\s(?=(?:[a-z0-9-]{1,20}\s)?(?<!when\s)(?<!if\s)(?<!for\s)(?<!by\s)(?<!with\s)(?<!without\s)(?<!unless\s)(?<!in\s)(?<!to\s)(?<!not\s)(?<!no\s)(?<!since\s)(?<!after\s)(?<!before\s)"
    r"(?:text|prompt|description|scene|picture|image|photo|video|audio|file|url|link|address|id|identifier|name|string|list|array|object)s?\b"
    r"(?!\s(?:sizes?|lengths?|formats?|types?|ratio|count|number|quality|resolution|dimensions?|limits?|is|are|must|should)\b)"
    r"(?![^.;\n]{0,160}\b(?:if|when|whenever|unless|only|without|except|otherwise|either|instead)\b))"
)
_REQUIRED = re.compile(
    rf"{_REQUIRED_THING}|\A\s*\(?required\)?\s*(?:[.:;,)\n-]|\Z)|(?<=[\w,.;)] )required\s(?:field|parameter)\s*(?:[.,;\n]|\Z)|[(\[](?:required|必填|必须|必选)[)\]]|\A\s*(?:必填|必选|必传)|\A\s*(?:必须|必需|必要)\s*(?:[,.;\n]|\Z)|[,.;\s](?:必填|必选|必传)项?\s*(?:[.,;]|\Z)",
    FLAGS,
)
_OPTIONAL = re.compile(
    r"\A\s*\(?optional\b\)?|[(\[](?:optional|选填|可选|非必填|非必须)[)\]]|\((?:optional|选填|非必填)[,.;]\s|\(可选,[ ]?(?=[<>≤≥]|[^\x00-\x7F]{2})|\A\s*(?:选填|非必填|可选参数|可不填)|\A\s*可选\n(?=[^\n]{0,3}[\u4e00-\u9fff]{2})|\A\s*可选\s?[,.:;。](?!\s?[\w`\"'.-]+\s?[,/|、])|[,.;\s](?:选填|非必填|可不填)\s*(?:[.,;]|\Z)|[,.;)]\s{0,3}(?:optional|可选)\s*\.?\s*\Z",
    FLAGS,
)

_NOT_EMPTY = re.compile(
    r"(?:can\s*not|can't|must\s+not|may\s+not)\s+be\s+(?:left\s+)?(?:empty|blank)|must\s+be\s+non-?empty|不(?:能|可|得|允许)为空",
    FLAGS,
)
# What is said for some case only.
_IN_A_CASE = re.compile(
    r"\b(?:when|if|unless|both|neither|simultaneously)\b|\bat the same time\b|同时|当|若|如果|时(?=[, ])",
    FLAGS,
)
_CUE = re.compile(
    r"\b(?:must|cannot|can't|can\s+not|may\s+not|should\s+not(?=\s+(?:be|exceed|contain|include|have|start|end|use)\b)|shall|exceed(?:s|ing)?|at\s+most|at\s+least|maximum|minimum|"
    r"max|min|no\s+(?:more|less|longer|fewer|larger|smaller)\s+than|limit(?:s|ed)?|restrict(?:ed|ion|ions)?|only|up\s+to(?=\s*\d)|"
    r"required\s+(?:when|if|for|unless|under)|becomes?\s+(?:required|mandatory)|(?:is|are)\s+(?:invalid|ignored)|requires?(?=\s+`?[a-z]+_\w)|mutually\s+exclusive|not\s+(?:be\s+)?(?:used|combined|set|sent)\s+(?:together|with)|"
    r"unique|(?:less|greater|fewer|more)\s+than(?=\s*\d)|not\s+supported|does\s+not\s+support|between(?=\s*\d)|range|"
    r"enum(?:eration|erated|s)?(?=\s*(?:values?|:))|(?:step|multiple\s+of)(?=\s*:?\s*\d)|within(?=\s*\d)|not\s+allowed|forbidden|prohibited|needs?\s+to)\b|"
    r"(?<![\w.])\d{1,9}\s[a-z]{2,20}(?:\s(?:an?|per|each|every)\s|\s?/\s?)(?:day|hour|week|month)\b|[≤≥]|<=|>=|"
    r"必须|无效|不能|不可(?!用)|不得|不要|不超过|最多|最少|至少|至多|仅|只能|只支持|限制|上限|下限|范围|大于|小于|不支持|唯一|互斥|以内|需要?(?:保证|满足|为|在)|"
    r"时(?:为|则)?(?:必填|必选|必传|必须|需要?填|有效|生效)|(?:必填|必选|必传)(?=[ ]?[(]?(?:当|若|如果))|精确到|枚举|步长|同时使用|[二三四]选一|任选其一|择一|最大|最小|不允许|禁止",
    FLAGS,
)
_INTRODUCTION = re.compile(
    r"(?:must|shall|needs?\s+to|only|limit(?:s|ed)?|range|enum\w*|restrict\w*|max(?:imum)?|min(?:imum)?|必须|需要?\S{0,2}|仅|只能|只支持|限制|"
    r"范围|枚举|最大|最小)\Z",
    FLAGS,
)
_SENTENCE_END = re.compile(r"[.!?;](?=\s|\Z|[^\x00-\x7F])|\n")
_MAX_LEFTOVERS = 50
_MAX_SHOWN = 300


def read_unique(page: Page) -> None:
    """Say `x-unique: account`. Unique without saying within what is left over."""
    match = _UNIQUE.search(page.text)
    if match and page.is_free(*match.span()):
        page.say("x-unique", "account", *match.span())


def read_not_empty(page: Page) -> None:
    """Say a least length or count of 1 where the value must not be empty."""
    keyword = {"string": "minLength", "array": "minItems"}.get(page.type or "")
    match = _NOT_EMPTY.search(page.text)
    if match and keyword and page.is_free(*match.span()):
        start, end = sentence_around(page.text, match.start())
        if _IN_A_CASE.search(page.text, start, end):
            page.doubtful.append(match.start())
        else:
            page.say(keyword, 1, *match.span())


def read_required(page: Page) -> None:
    """Say `required` where the description itself says so."""
    required, optional = _REQUIRED.search(page.text), _OPTIONAL.search(page.text)
    if optional:
        page.say("required", False, *optional.span())
    elif required and page.is_free(*required.span()):
        page.say("required", True, *required.span())


def find_leftovers(page: Page) -> list[Leftover]:
    """The sentences with a limiting word that no constraint covers, or with a doubtful list, in order, each once."""
    found: list[Leftover] = []
    done = 0
    cues = [
        c.start() for c in _CUE.finditer(page.text) if page.is_free(*c.span()) and not _introduces(page, c)
    ]
    for at in sorted({*cues, *(d for d in page.doubtful if page.is_free(d, d + 1))}):
        if at < done:
            continue
        start, done = sentence_around(page.text, at)
        end = done - 1 if page.original[done - 1 : done] == "<" else done  # a tag is the end of the line
        text = " ".join(page.original[start:end].split())
        if len(found) == _MAX_LEFTOVERS:
            what = f"{_MAX_LEFTOVERS} sentences of one description are listed"
            found.append(Leftover(CUT + what, start))
            break
        found.append(Leftover(text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…", start))
    return found


def _introduces(page: Page, cue: re.Match[str]) -> bool:
    """Whether the cue only leads to or follows from a constraint in its clause: "dimensions *must* be at least 300px"."""
    for start, end in page.covered:
        between = page.text[cue.end() : start] if start >= cue.end() else page.text[end : cue.start()]
        if len(between) <= 24 and not re.search(r"[,.;\n]", between):
            return bool(_INTRODUCTION.match(cue.group()))
    return False


def sentence_around(text: str, at: int) -> tuple[int, int]:
    """The span of the sentence that holds the character at `at`, without the white space around it."""
    start, end = 0, len(text)
    for match in _SENTENCE_END.finditer(text, max(0, at - 2000), min(len(text), at + 2000)):
        if match.end() <= at:
            start = match.end()
        elif match.start() >= at:
            end = match.end()
            break
    start = max(start, at - 2000)
    while start < at and (text[start].isspace() or text[start] in "-•*"):
        start += 1
    return start, end
