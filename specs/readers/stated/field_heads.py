"""Where a page states a field, in whatever arrangement: a name, and beside it its type or whether it is required.

model string (Required)     prompt          promptrequired     - duration* (integer, default 5): words
n?integer                   string          string             `mode` — string — optional
seedinteger · min: 1Optional   optional     (a line each)      image：必填，参考图

The name and each thing that is said in single words are found by themselves; how they are set apart (blanks, dots, bars,
dashes, brackets, ends of lines, nothing) is not asked. What follows a head, up to the next one, describes its field.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.stated.glued_heads import GLUED_TEXT, glued_head
from understudy.specs.readers.stated.head_names import NAME, RARE_NAMES, is_sure_name, is_title, may_be_name
from understudy.specs.readers.stated.said_words import (
    BRACKETS,
    LABEL,
    TYPE,
    Head,
    in_brackets,
    merge,
    take,
    take_label,
)
from understudy.specs.readers.text.page_text import is_reason, parse_type

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

MAX_LINE = 600
# Lines that one head may take: its name, and what is said of it a line each.
MAX_HEAD = 8

# What stands before a name on its line: a bullet, a number, a heading's marks, a branch.
_LEAD = re.compile(
    r"(?P<indent>[ \t]*)(?P<lead>(?:[-*+•·▪○●–]|\d{1,2}[.)、]|#{1,6}|[└├│─↳»›> ]{1,6})\s{0,4})?"
)
_NAMED = re.compile(
    rf"(?P<open>[*_]{{1,3}}[`\"']?|[`\"'])?(?P<name>{NAME})(?P<close>(?(open)[`\"']?[*_]{{0,3}}|))(?:\ ?(?P<mark>\\?\*|\?)(?![*\w.])(?!(?<=\ \*)[(（]))?"
)
_WHOLE_TYPE = re.compile(rf"(?:{TYPE})\Z")
# Below a name, the type glued to a description: "stringWhat went wrong".
_GLUED_BELOW = re.compile(
    r"(?P<type>string|integer|number|boolean|object|array)(?P<rest>[A-Z][A-Za-z]{0,20}(?:[ .,'’]\S.{0,300})?)\Z"
)
_MARKS = re.compile(r"\*{1,3}|`|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)")
# What else may stand behind a type: the name of a format, "UUID v4".
_ASIDE = re.compile(r"[A-Z0-9][\w./-]{0,20}(?:\ [A-Za-z0-9][\w.-]{0,10})?\Z")
# The name that a schema has, before the type that it is: "ClipInput · object".
_TYPE_NAME = re.compile(
    rf"\A(?!Required\b|Optional\b|Nullable\b|Deprecated\b)[A-Z][A-Za-z0-9]{{2,60}}\s{{1,3}}·\s{{1,3}}(?={TYPE}(?:\s|\Z))"
)
_FENCE = re.compile(r"(?:`{3,}|~{3,})\s?\w{0,12}\Z")
_DECLARED = re.compile(
    r"(?P<optional>optional\s)?(?:readonly\s)?(?P<name>[A-Za-z_$][\w$]{0,79})(?P<mark>\?)?\s?:\s?(?P<type>[^;{}]{1,200}?);?\Z"
)
# Whether it is required, behind the brackets that say the type: "seed (integer) required, words".
_PRESENCE = re.compile(r"(?P<said>(?i:required|optional)|必填|必选|可选|选填)(?=[\s,，.。:：–—-]|\Z)")
# Types that fields are called by, where a colon and another type stand behind: "text: string, what is said".
_TYPES_AS_NAMES = ("text", "file", "list")
_TYPED = re.compile(
    r"\s?[:：]\s?(?:string|file|array|list|字符串|文件|数组)(?=\s?(?:[,，、;；(（]|\Z))", re.IGNORECASE
)
# A word that is a type where nothing else can stand: "memo text required".
_TEXT = re.compile(
    r"\A(?P<before>\s{1,3}|\s?[:：]\s{1,3}|<)text(?=\s{0,3}(?:\Z|[(（,，·|>]|必填|必选|可选|选填|required\b|optional\b))",
    re.IGNORECASE,
)
# A sentence of which the field is the subject: "`mode` is optional, the quality". What holds in a case only is no rule.
_SENTENCE = re.compile(
    r"(?:\s{1,3}(?:is|are)\s(?:an?\s)?|\s?(?:为|是)\s?)(?P<said>required|optional|mandatory|必填|必选|可选|选填)的?(?![a-z])(?P<rest>(?P<case>\s(?:when|if|unless|for|only|in|to)\b)?.*)\Z",
    re.IGNORECASE,
)
# The type behind it: "`mode` is an optional string, how it looks".
_KIND = re.compile(rf"\s?(?P<type>{TYPE})(?=[\s.,;:，。]|\Z)(?P<rest>.*)\Z")
# The same of a name in code, where nothing says whether it is required: "`mode` is a string, how it looks".
_IS_OF_KIND = re.compile(
    rf"\s?(?:(?:is|are)\s(?:an?\s)?|为|是)\s?(?P<type>{TYPE})(?=[\s.,;:，。；]|\Z)(?P<rest>.*)\Z"
)


def head_at(lines: Sequence[str], index: int, known: Set[str] = frozenset()) -> Head | None:
    """The field that begins on a line, or None. `known` are names that the page's examples have as keys."""
    line = lines[index]
    if not line.strip() or len(line) > 20_000:
        return None
    text = line.strip("\n")[:MAX_LINE]
    lead = _LEAD.match(text)
    if lead is None:
        return None
    bare = text[lead.end() :].rstrip()
    head = glued_head(lines, index, bare, known) or _named(lines, index, bare, lead["lead"] or "", known)
    if (
        head is not None
        and head.name.lower() in RARE_NAMES
        and not (head.name.islower() and head.type and (not head.rest or head.required is not None))
        and not GLUED_TEXT.match(bare)
    ):
        return None
    if head is not None and not head.type and head.required is not None and head.end == index + 1:
        _take_type_below(head, lines)
    if head is not None:
        head.indent = len(lead["indent"].expandtabs(4))
        head.level = (lead["lead"] or "").count("#")
        if head.end == index + 1:
            _take_tail(head, line)
    return head


def _take_type_below(head: Head, lines: Sequence[str]) -> None:
    """The type of a field on the line below the one that says whether it is required, where nothing else stands."""
    below = (
        lines[head.end].strip(" \t`*_") if head.end < len(lines) and len(lines[head.end]) < MAX_LINE else ""
    )
    aside = head.rest.strip("`*_ ")
    is_all = not aside or (aside[0] in "(（" and aside[-1] in ")）")
    if is_all and _WHOLE_TYPE.match(below) and parse_type(below):
        head.type, head.end, head.rest = below, head.end + 1, aside


def _take_tail(head: Head, line: str) -> None:
    """What stands behind the part of a line that is looked at describes the field, too."""
    if tail := line[MAX_LINE:].rstrip():
        head.rest += f" {tail}" if line[MAX_LINE - 1].isspace() else tail


def _named(lines: Sequence[str], index: int, bare: str, lead: str, known: Set[str]) -> Head | None:
    found = _NAMED.match(bare)
    if found is None or is_reason(bare):
        return None
    after = bare[found.end() :]
    if not may_be_name(found["name"]) and not (found["name"] in _TYPES_AS_NAMES and _TYPED.match(after)):
        return None
    if is_sure_name(found["name"], known):
        after = _TEXT.sub(r"\g<before>string", after)
    is_marked = (found["open"] or "").strip("\"'") != "" and found["close"] != ""
    is_code = (found["open"] or "").strip("*_") != ""
    # Of "_prompt_" the mark behind the name is no part of it.
    is_between = (found["open"] or "").endswith("_") and found["close"] == ""
    head = Head(index, index + 1, found["name"].rstrip("_") if is_between else found["name"])
    if found["mark"]:
        head.required = found["mark"] != "?"
    if not after.strip(" :：*_`"):
        return _stacked(lines, head, known, is_marked=is_marked or bool(lead))
    if (sentence := _SENTENCE.match(after)) and (lead.strip() or is_marked or is_sure_name(head.name, known)):
        return _of_sentence(head, sentence, known)
    if is_marked and (kind := _IS_OF_KIND.match(after)):
        head.type, head.rest = kind["type"], kind["rest"].lstrip(" ,;:.，。；—–-")
        return head
    if after[0].isalnum() and not is_marked:
        return None
    if (said := BRACKETS.match(after)) and in_brackets(head, said):
        below = lines[index + 1].strip()[:MAX_LINE] if index + 1 < len(lines) else ""
        return None if _said_of_title(head, known, below, is_code=is_code) else head
    end, count = take(head, after, 0)
    if count and _ends(head, after, end, is_marked=is_marked, is_led=bool(lead), known=known):
        return head
    if said is not None and found["mark"] and lead.strip():
        head.rest = after.strip()
        return head  # "prompt* (URL or upload) words"
    return _bare_entry(head, after, lead, known, is_marked=is_marked)


def _take_presence(head: Head) -> None:
    """Whether the field is required, where that is said behind the brackets with its type."""
    if head.required is None and (presence := _PRESENCE.match(head.rest)):
        take(head, presence["said"], 0)
        head.rest = head.rest[presence.end() :].lstrip(" ,，.。:：–—-")


def _said_of_title(head: Head, known: Set[str], below: str, *, is_code: bool) -> bool:
    """Whether what brackets say of a name is said of a heading or a step, "Setup (required)", and no type stands on
    the line below. Else the head has what more stands behind them."""
    _take_presence(head)
    label = LABEL.match(_MARKS.sub("", below))
    is_typed = head.type or (label is not None and label["type"])
    if not is_typed and is_title(head.name) and head.leaf not in known and not is_code:
        return True
    if (more := BRACKETS.match(head.rest)) and not (head.type and head.required is not None):
        in_brackets(head, more)  # "seed [integer] (optional) words"
    return False


def _of_sentence(head: Head, sentence: re.Match[str], known: Set[str]) -> Head | None:
    """The field that a sentence is about; None for a tool, "`ffmpeg` is required to build", or a word like "`SDK`"."""
    is_tool = (sentence["case"] or "").strip().lower() == "to" or head.name.isupper() or is_title(head.name)
    _take_sentence(head, sentence)
    return head if head.type or is_sure_name(head.name, known) or not is_tool else None


def _take_sentence(head: Head, sentence: re.Match[str]) -> Head:
    """What a sentence says of a field: whether it is required, and what it is."""
    is_optional = sentence["said"].lower() in ("optional", "可选", "选填")
    head.required = not is_optional and not sentence["case"]
    if kind := _KIND.match(sentence["rest"]):
        head.type, head.rest = kind["type"], kind["rest"].lstrip(" ,;:.，。；—–-")
        return head
    head.rest = (
        f"{sentence['said'].capitalize()}{sentence['rest']}"
        if sentence["case"]
        else sentence["rest"].lstrip(" ,;:.—–-")
    )
    return head


def _ends(head: Head, after: str, end: int, *, is_marked: bool, is_led: bool, known: Set[str]) -> bool:
    """Whether what follows the words shows that they were said of the field: nothing, or a sign."""
    closes = after[:end].count("(") + after[:end].count("（") > after[:end].count(")") + after[:end].count(
        "）"
    )
    text = after[end:].strip(" *_`")
    text = text.lstrip(")）").strip(" *_`") if closes else text
    head.rest = text.lstrip(":：-–—.,;，；。| ")
    if not head.is_said:
        return False
    if not text:
        is_set = is_marked or is_led
        is_plain_word = is_title(head.name) and not is_set and head.leaf not in known
        return not is_plain_word and (bool(head.type) or is_sure_name(head.name, known) or is_set)
    if is_marked:
        return True
    is_sure = is_sure_name(head.name, known) or is_led
    # Where both are said a sentence may follow at once: "seed integer optional Repeats the result".
    if head.type and head.required is not None and (text[0].isupper() or not text[0].isascii()):
        return is_sure
    return text[0] in ":：-–—|,，;；.(（" and is_sure


def _stacked(lines: Sequence[str], head: Head, known: Set[str], *, is_marked: bool) -> Head | None:
    """A name on a line of its own, what is said of it on the lines below."""
    index, end, blanks = head.start + 1, head.start + 1, 0
    taken = 0
    while index < len(lines) and index - head.start < MAX_HEAD:
        text = lines[index].strip()[:MAX_LINE]
        if not text:
            blanks += 1
            if blanks > 1:
                break
        elif not taken and _FENCE.match(text) and (type_ := _declared(lines, index, head)):
            head.type, head.end = type_, index + 3
            return head
        elif not _FENCE.match(text) and _takes_line(head, text):
            taken, end, blanks = taken + 1, index + 1, 0
            if head.rest:
                _take_tail(head, lines[index].strip())
                break
        else:
            break
        index += 1
    head.end = end
    if not taken or not head.is_said:
        return None
    if head.type or head.rest:
        return head
    return head if is_sure_name(head.name, known) or is_marked else None


def _declared(lines: Sequence[str], index: int, head: Head) -> str:
    """The type in a block of one line that declares the field, as pages made of comments have it; "" for another block.

    A mark behind the name, or the word before it, says that it need not be given.
    """
    if index + 2 >= len(lines) or not _FENCE.match(lines[index + 2].strip()):
        return ""
    found = _DECLARED.match(lines[index + 1].strip()[:MAX_LINE])
    if found is None or found["name"] != head.leaf:
        return ""
    if head.required is None:
        head.required = not (found["optional"] or found["mark"])
    values = re.findall(r"\"[^\"]{1,80}\"|'[^']{1,80}'", found["type"])
    if values:
        head.rest = f"One of {', '.join(values)}"
        return "string"
    return found["type"] if parse_type(found["type"]) else ""


def _takes_line(head: Head, text: str) -> bool:
    """Whether a line says things of the field and nothing else: "string", "optional", "Type: string", "(required, string): …"."""
    bare = _MARKS.sub("", text).strip()
    bare = bare if head.type else _TYPE_NAME.sub("", bare)
    if label := LABEL.match(re.sub(r"\A[-*•+]\s{1,3}", "", bare)):
        return take_label(head, label)
    if bare[:1] in "(（":
        said = BRACKETS.match(bare)
        return said is not None and in_brackets(head, said)
    if sentence := _SENTENCE.match(f" {bare}"):
        return _take_sentence(head, sentence) is head
    if not head.type and (glued := _GLUED_BELOW.match(bare)):
        head.type, head.rest = glued["type"], glued["rest"]
        return True
    other = Head(0, 0, "")
    end, count = take(other, bare, 0)
    more = bare[end:].strip(" ·•,;|，；、:：()（）[]*_`–—-.")
    if not count or (more and not (other.type and _ASIDE.match(more))) or (other.type and head.type):
        return False
    merge(head, other)
    return True


def _bare_entry(head: Head, after: str, lead: str, known: Set[str], *, is_marked: bool) -> Head | None:
    """An entry that begins with a name which the page's examples have, and says what the field is."""
    if head.leaf not in known or not (lead.strip() or is_marked):
        return None
    text = after.lstrip(" *_`")
    is_set_apart = text[:1] in ":：-–—" or not text[:1].isascii()
    if not is_set_apart and not (
        head.required is not None or text[:1].isupper() or text[:1].isdigit() or text[:1] in '`"(（'
    ):
        return None
    head.rest = text.lstrip(":：-–— ")
    return head
