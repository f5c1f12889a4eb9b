"""GitBook's blocks, `{% swagger-parameter in="body" name="prompt" %}`, rewritten as the tags that MDX has.

The rewritten text keeps its lines.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "GitBook blocks"

_SAID = r"[ \t](?P<attributes>(?:[^%\"]|\"[^\"]{0,500}\"){0,400}?)%\}"
_PARAMETER = re.compile(rf"\{{%[ \t]*(?:swagger|api-method)-parameter{_SAID}")
_END = re.compile(r"\{%[ \t]*end(?:swagger|api-method)-parameter[ \t]*%\}")
_ANSWER = re.compile(rf"\{{%[ \t]*swagger-response{_SAID}")
_END_OF_ANSWER = re.compile(r"\{%[ \t]*endswagger-response[ \t]*%\}")
_OPERATION = re.compile(rf"\{{%[ \t]*swagger{_SAID}")
_OTHER = re.compile(r"\{%[^%\n]{0,500}%\}")
_ATTRIBUTE = re.compile(r"(?<![\w-])(?P<name>[\w-]{1,80})=\"(?P<value>[^\"]*+)\"")


def recognises(document: Document) -> bool:
    """Whether the text has a block that describes a parameter."""
    return "{%" in document.text and _PARAMETER.search(document.text) is not None


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The page with MDX tags where the blocks stood, each on its line."""
    text = _OPERATION.sub(_operation, document.text)
    text = _END_OF_ANSWER.sub("</ResponseExample>", _ANSWER.sub(_answer, text))
    text = _OTHER.sub("", _END.sub("</ParamField>", _PARAMETER.sub(_parameter, text)))
    return Derived(replace(document, text=text), range(1, len(document.lines) + 1))


def _said(match: re.Match[str]) -> dict[str, str]:
    return {found["name"].lower(): found["value"] for found in _ATTRIBUTE.finditer(match["attributes"])}


def _operation(match: re.Match[str]) -> str:
    said = _said(match)
    lines = "\n" * match.group().count("\n")
    return f"{said.get('method', '').upper()} {said.get('baseurl', '')}{said.get('path', '')}{lines}"


def _answer(match: re.Match[str]) -> str:
    lines = "\n" * match.group().count("\n")
    return f'<ResponseExample status="{_said(match).get("status", "")}">{lines}'


def _parameter(match: re.Match[str]) -> str:
    said = _said(match)
    required = {"true": " required", "false": ' required="false"'}.get(said.get("required", ""), "")
    type_ = f' type="{said["type"]}"' if said.get("type") else ""
    place = said.get("in", "body")
    lines = "\n" * match.group().count("\n")
    return f'<ParamField {place}="{said.get("name", "")}"{type_}{required}>{lines}'
