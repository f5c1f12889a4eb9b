"""The only value that a field may have: "fixed: `kling-v2`", "must be `x`", 固定为 `x`, 此处为 `x`."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose.records import FLAGS
from understudy.specs.prose.values import FILE_KINDS, OF_FORMAT, typed

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

# A value set as code, and a word that may be one.
CODE = r"(?:`[^`\n]{1,80}`|\"[^\"\n]{1,80}\")"
WORD = r"(?!(?:defaults?|optional|required)\b)(?:[A-Za-z][A-Za-z0-9_.+-]{0,39}|\d{1,5}(?!(?:[KMG]i?B|px|ms|fps)\b)[A-Za-z][A-Za-z0-9]{0,9})"

_FIXED = re.compile(
    rf"(?:\bfixed(?:[ \t](?:to|at|as|value))?|\bmust[ \t](?:always[ \t])?be(?:[ \t]set[ \t]to)?|\balways|固定(?:值|填写|填入|传入|填|传)?|(?:应|须|需)(?:设置|设定|填写)(?=为)|此处|恒|必须)(?:应|须|需|请)?(?:为|是|填|传|=)?:?[ \t\n]{{0,3}}(?P<value>{CODE}|(?<=as\n)[A-Za-z]\w{{1,39}}|(?:(?<=[^\x00-\x7F])|(?<=[^\x00-\x7F][ ])|(?<=固定值:)|(?<=固定值:[ ]))(?:(?=[\w.-]{{0,39}}[\d_])|(?<=固定为)|(?<=固定为[ ]))(?!(?:string|integer|number|int|float|null)\b){WORD})(?=[ \t]{{0,3}}(?:\Z|[.,;)\n]))",
    FLAGS,
)

# A word that no quotes mark, as the end of its sentence: one with a digit or an underscore is no word of it.
_SET_TO = re.compile(
    r"\b(?:must|should|has[ ]to|needs[ ]to)[ ](?:always[ ])?be[ ]set[ ]to[ ](?P<value>(?=[\w.-]{0,79}[A-Za-z])(?=[\w.-]{0,79}[\d_])[A-Za-z0-9](?:[\w.-]{0,78}\w)?)(?=[ \t]{0,3}(?:[.;)](?:\s|\Z)|\n|\Z))",
    FLAGS,
)
# Before it: nothing, or words for the field itself.
_OF_ITSELF = re.compile(
    r"(?:\A|[.;:,\n])\W*(?:(?:the|this|its|it|that|which|and|value|field|parameter|param|currently|always|here)\W+)*(?:`?(?P<name>\w{1,60})`?\W*)?\Z",
    FLAGS,
)
# Names of other things: "must be set to user_id".
_NAMES_A_THING = re.compile(r"_(?:ids?|urls?|keys?|token|names?)\Z", FLAGS)
# The same as some clouds say it of the fields that every call has: "The value used for this API: X".
_OF_THIS_CALL = re.compile(
    r"(?:\bvalue[ ](?:used[ ])?(?:for|in|of)[ ]this[ ](?:api|call|action|interface)|本接口取值)[ ]?:[ ]?[`\"]?(?P<value>(?=[\w.-]{0,79}[A-Z_\d])(?!\d{1,9}[.-]\d{1,9}[`\".,;]?(?:\s|\Z))(?-i:(?=[\w.-]{0,79}[A-Z_\d]))[A-Za-z0-9](?:[\w.-]{0,78}\w)?)[`\"]?(?=[.,;)]?[ \t]{0,3}(?:\n|\Z|[A-Z]))",
    FLAGS,
)

# The same as a sentence of its own, its value a plain word: "Fixed value clip".
_FIXED_ALONE = re.compile(
    rf"(?:\A|(?<=\n)|(?<=[,;])(?=[ \t]{{0,3}}固定值:))[ \t\-•*]{{0,6}}(?:fixed[ \t]value(?:[ \t]is)?|(?:目前)?固定(?:值(?:为|是)?|为|是))[ \t:]{{0,3}}(?P<value>(?<=[ \t:\u4e00-\u9fff])(?!(?:none|null|n/?a|the|that|which|is|of|for)\b){WORD}(?<!\.)|(?<=固定值:)[ ]?(?:\d{{4}}-\d{{2}}-\d{{2}}))(?=[ \t]{{0,3}}(?:\Z|[.,;)\n]))",
    FLAGS,
)

# Before such a value: another field of which it is said.
_OF_ANOTHER = re.compile(
    r"(?:(?<!\bthis )\b(?:parameter|field|param|property)|(?<![该此本])(?:参数|字段))[ \t]{0,3}\Z", FLAGS
)
# The same by its name: "`mode` must be `pro`", "mode 需设置为 `pro`"; and what makes it a rule of some case.
_NAMED_BEFORE = re.compile(r"(?:`([A-Za-z_]\w{0,60})`|\b([A-Za-z]\w{0,60}))[ \t]{0,3}\Z", re.ASCII)
_IN_SOME_CASE = re.compile(
    r"(?:\b(?:if|when|whenever|unless|while|in[ \t]case)\b|若|如果|如需|假如|(?<!应)当(?!前))[^.;\n]*\Z",
    FLAGS,
)


def read_fixed(page: Page, name: str) -> None:
    """The only value that there is: not that of another field, nor the one of some case."""
    for match in (
        *_FIXED.finditer(page.text),
        *_OF_THIS_CALL.finditer(page.text),
        *_SET_TO.finditer(page.text),
        *_FIXED_ALONE.finditer(page.text),
    ):
        value = typed(match["value"].strip("`\"'"), page.type)
        before = page.text[max(0, match.start() - 160) : match.start()]
        if _OF_ANOTHER.search(before):
            continue
        if (
            is_of_a_case(page.text, match.start())
            or _names_another(before, name, in_script=not match.group()[0].isascii())
            or _may_name_another(match, name)
            or (match.re is _SET_TO and not _is_of_itself(match, before, name))
        ):
            page.doubtful.append(match.start())
            continue
        if any(word.keyword == "enum" for word in page.constraints):
            continue
        if value is not None and page.is_free(*match.span()):
            page.say("enum", [value], *match.span())


def is_of_a_case(text: str, at: int) -> bool:
    """Whether what is said at `at` holds in some case only: "when `mode` is `pro`, …"."""
    return _IN_SOME_CASE.search(text[max(0, at - 160) : at]) is not None


def _may_name_another(match: re.Match[str], name: str) -> bool:
    """Whether a word that no quotes mark may be no value: the name of a field, 此处填 task_id, unless it is said
    to be fixed; or a kind of file of a field that takes one."""
    word = match["value"]
    if word[0] in '`"' or match.re is _SET_TO:
        return False
    is_file = word.lower() in FILE_KINDS and not OF_FORMAT.search(name)
    return is_file or ("_" in word and not match.group().startswith("固定"))


def _is_of_itself(match: re.Match[str], before: str, name: str) -> bool:
    """Whether a sentence is about the field itself, and sets it to a value: "It must be set to fast_2"."""
    found = _OF_ITSELF.search(before)
    is_about = found is not None and (found["name"] or name).lower() == name.lower()
    return is_about and _NAMES_A_THING.search(match["value"]) is None


def _names_another(before: str, name: str, *, in_script: bool) -> bool:
    """Whether a text ends in the name of another field than `name`: in code, with an underscore, or, where a
    sentence in another script goes on, as any word."""
    named = _NAMED_BEFORE.search(before)
    if named is None or not name:
        return False
    is_name = bool(named[1]) or in_script or "_" in named[2]
    return is_name and (named[1] or named[2]).lower() != name.lower()
