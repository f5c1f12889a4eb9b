"""What a field is where a request leaves it out, said in a clause: "4 if you leave it out", "uses 4 when omitted".

The value is taken where nothing but a unit stands between it and the condition, and the condition is of this
field: "4 if the seed is left out" is of another. What such a clause costs or is refused with is no value.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose.records import FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.prose.records import Page

_IT = r"(?:it|this|that|one|none|nothing|no\s{1,3}value|(?:the|this)\s{1,3}(?:field|parameter|value|option|property|key|argument))"
_ABSENT = (
    r"(?:left\s{1,3}(?:out|off|unset|empty|blank)|omitted|absent|missing|unset|unspecified|blank|skipped"
    r"|not\s{1,3}(?:given|set|sent|provided|specified|present|passed|supplied|included))"
)
# What makes it this field that is not there. "If nothing is given" and "unless set" say the same the other way around.
CONDITION = (
    r"(?:(?:if|when|whenever|where|in\s{1,3}case)\s{1,3}(?:"
    rf"(?:{_IT}\s{{1,3}})?(?:(?:is|are|was)\s{{1,3}})?{_ABSENT}"
    r"|(?:none|nothing|no\s{1,3}value)\s{1,3}(?:is\s{1,3})?(?:given|set|sent|provided|specified|passed|supplied)"
    rf"|(?:you\s{{1,3}}|(?:the\s{{1,3}})?(?:client|caller|request)\s{{1,3}})(?:leaves?\s{{1,3}}{_IT}\s{{1,3}}(?:out|off|unset|empty|blank)|(?:omits?|skips?)\s{{1,3}}{_IT}"
    rf"|(?:do(?:es)?\s{{1,3}}not|don't|doesn't)\s{{1,3}}(?:give|set|send|provide|specify|pass|supply|include)\s{{1,3}}(?:{_IT}|any))"
    r")|unless\s{1,3}(?:(?:it\s{1,3}is\s{1,3})?(?:otherwise\s{1,3})?(?:set|given|specified|provided|sent)(?:\s{1,3}otherwise)?|you\s{1,3}(?:say|ask|set|specify|choose)\s{1,3}(?:otherwise|another|it|one))"
    rf"|without\s{{1,3}}(?:it|one|this\s{{1,3}}(?:field|parameter))|(?:omitting|skipping|leaving\s{{1,3}}out)\s{{1,3}}{_IT}|leaving\s{{1,3}}{_IT}\s{{1,3}}(?:out|off|unset|empty|blank))\b"
)
_VALUE = r"(?:\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|`([^`\n]{1,80})`|((?<![\w.-])-?\w(?:[\w.:+*-]{0,60}\w)?))"
_UNIT = r"(?:[ ]?(?:s|secs?|seconds?|ms|px|pixels?|fps|frames?|images?|pictures?|videos?|clips?|loops?|items?|steps?|percent|%)(?![\w]))?"
_DONE = r"(?:\s{1,3}(?:is|are|will\s{1,3}be)\s{1,3}(?:used|taken|assumed|made|applied|chosen|set|returned|rendered|generated|sent))?"
_TAKES = r"(?:uses?|takes?|assumes?|makes?|picks?|sets?|chooses?|renders?|generates?|applies)"
_LEADS = (
    rf"(?:(?:we|it|that)\s{{1,3}})?(?:(?:will\s{{1,3}})?{_TAKES}|(?:is|are|means|becomes|equals|it's)|falls?\s{{1,3}}back\s{{1,3}}(?:to|on)"
    r"|(?:is\s{1,3})?(?:taken|treated|assumed)\s{1,3}(?:as|to\s{1,3}be)|(?:is\s{1,3})?(?:set|assumed)\s{1,3}to)\s{1,3}(?:the\s{1,3}value\s{1,3})?"
)
_ENDS = r"(?=\s{0,3}(?:[,;:)\n]|\.(?!\w)|-\s|\Z))"
# "4 if you leave it out" behind the beginning of a clause, "uses 4 when omitted" behind the verb.
_BEFORE = re.compile(
    rf"(?:(?:\A|(?<=[,;:(\n-])|(?<=\.\s)|\b(?:and|but)\s)\s{{0,3}}(?:{_LEADS})?|\b{_LEADS}){_VALUE}{_UNIT}{_DONE}\s{{0,2}}[,(]?\s{{1,3}}{CONDITION}"
    rf"(?:\s{{1,3}}of\s{{1,3}}the\s{{1,3}}(?:request|body|call))?{_ENDS}",
    FLAGS,
)
# "If you leave it out, 4 is used", "when omitted, we use 4".
_BEHIND = re.compile(
    rf"\b{CONDITION}\s{{0,2}}[,:]?\s{{1,3}}(?:then\s{{1,3}})?(?:the\s{{1,3}}(?:value|service|server|model|default)\s{{1,3}})?(?:{_LEADS})?{_VALUE}{_UNIT}{_DONE}{_ENDS}",
    FLAGS,
)
# The same of any field, and of whatever follows from it.
_OF_ANYTHING = re.compile(
    rf"\b{CONDITION}|\b(?:if|when|whenever)\s[^,.;\n]{{1,40}}?\s{_ABSENT}\b|(?:不填写?|不传入?|未填写?|未传入?|未指定|留空)",
    FLAGS,
)
# What a clause is about that says what follows from leaving a field out, and is no value of it.
_NO_VALUE = re.compile(
    r"\b(?:error|status|fails?|refus\w*|reject\w*|answer(?:s|ed)?|respon\w*|costs?|credits?|pric\w*|charge[sd]?|billed|code)\b|报错|返回|积分|费用",
    FLAGS,
)
_CLAUSES = re.compile(r"[,;\n]|\.(?!\w)")
_SENTENCES = re.compile(r"[;\n]|\.(?!\w)")
# Before a clause: the field that it is about, "`sound` is `off` if not given".
_SUBJECT = re.compile(r"`(?P<name>[A-Za-z_][\w.]{0,60})`\s{1,3}\Z")
MAX_CLAUSE = 160


def clauses(page: Page) -> Iterator[re.Match[str]]:
    """Each clause that says the value of the field where it is left out: groups 1 to 4 have the value."""
    for pattern in (_BEFORE, _BEHIND):
        for match in pattern.finditer(page.text):
            subject = _SUBJECT.search(page.text[max(0, match.start() - MAX_CLAUSE) : match.start()])
            is_other = subject is not None and page.name != subject["name"]
            if not is_other and not _NO_VALUE.search(_around(_CLAUSES, page.text, *match.span())):
                yield match


def is_clause(match: re.Match[str]) -> bool:
    return match.re in (_BEFORE, _BEHIND)


def conditions(text: str) -> Iterator[re.Match[str]]:
    """Each place that says "if it is left out" beside a number or code, whatever follows from it."""
    for match in _OF_ANYTHING.finditer(text):
        if re.search(r"\d|`", _around(_SENTENCES, text, *match.span())):
            yield match


def _around(ends: re.Pattern[str], text: str, start: int, end: int) -> str:
    """A span with the words before it and behind it, up to where the clause or sentence ends."""
    before = ends.split(text[max(0, start - MAX_CLAUSE) : start])[-1]
    return before + text[start:end] + ends.split(text[end : end + MAX_CLAUSE], maxsplit=1)[0]
