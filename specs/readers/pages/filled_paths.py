"""Which of the operations whose addresses begin with a parameter an example calls.

`POST /{model}`, `GET /{model}/requests/{id}`    curl -X POST https://a.example/acme/loops    → POST /{model}

What such a parameter stands for may have a slash in it. Where several templates fit, one is taken whose value
the page names beside the parameter; then one in which no value has a slash; then the only one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LINE = 2_000
MAX_LINES = 10_000
MAX_PATH = 400

_PARAMETER = re.compile(r"\{([\w.-]{1,60})\}")
# What no word of a path is like: it has a digit, and is longer than a version.
_AN_ID = re.compile(r"(?=[^/]{0,40}\d)[\w.-]{5,80}", re.ASCII)
_VALUE = r"([^/{}]{1,120}(?:/[^/{}]{1,120})?)"


def template_of(path: str, templates: Iterable[str], lines: Iterable[str]) -> str:
    """The template that a path fills in; "" where none does, or several."""
    if path.startswith("/{") or len(path) > MAX_PATH:
        return ""
    found = {one: values for one in templates if one.startswith("/{") and (values := _values(one, path))}
    if not found:
        return ""
    named = [one for one, values in found.items() if _is_named(values, lines)] if len(found) > 1 else []
    plain = [one for one, values in found.items() if not any("/" in value for value in values.values())]
    several = named or plain or list(found)
    return several[0] if len(several) == 1 else ""


def _values(template: str, path: str) -> dict[str, str]:
    """The values of a template's parameters in a path, {} where it does not fit."""
    names = _PARAMETER.findall(template)
    parts = re.split(r"\{[\w.-]{1,60}\}", template)
    tail = [re.escape(part) for part in parts[1:]]
    # A parameter at the end stands for one step, and one of the example's own is itself.
    pattern = (
        re.escape(parts[0])
        + _VALUE
        + "".join(
            part + (r"(\{[\w.-]{1,60}\}|[^/{}]{1,120})" if index + 1 < len(tail) else "")
            for index, part in enumerate(tail)
        )
    )
    match = re.fullmatch(pattern, path)
    return dict(zip(names, match.groups(), strict=True)) if match else {}


def _is_named(values: dict[str, str], lines: Iterable[str]) -> bool:
    """Whether a line of the page has the name of the first parameter and the value that is in a path."""
    name, value = next(iter(values.items()))
    return any(
        name in line and f"`{value}`" in line for line in list(lines)[:MAX_LINES] if len(line) <= MAX_LINE
    )


def fills(path: str, template: str) -> bool:
    """Whether a path is an operation's with values for its parameters: `/v1/x/string` of `/v1/x/{id}`."""
    given, wanted = path.split("/"), template.split("/")
    return len(given) == len(wanted) and all(
        one == other or (other.startswith("{") and one) for one, other in zip(given, wanted, strict=True)
    )


def inside(path: str, templates: Iterable[str]) -> str:
    """The one template that a path fills in with ids before its last step: `/v1/x/81f2c0/status` of
    `/v1/x/{id}/status`; "" where none does, or several."""
    found = [
        one
        for one in templates
        if len(path) <= MAX_PATH and "{" in one.rpartition("/")[0] and _has_ids(path, one)
    ]
    return found[0] if len(found) == 1 and path not in found else ""


def _has_ids(path: str, template: str) -> bool:
    """Whether a path is a template, whose last step is no parameter, with ids for its parameters."""
    if "{" in template.rpartition("/")[2] or not fills(path, template):
        return False
    steps = zip(path.split("/"), template.split("/"), strict=True)
    return all(_AN_ID.fullmatch(step) for step, wanted in steps if "{" in wanted)
