"""Reading a provider's wrappers: the vendor's record out of a body that `x-conventions.answers` describes.

The templates are those that a server fills in; here they are read backwards. A string that begins with "$"
names the value that stands there; an object with the one member `$status` says how each state is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WHOLE = ("body", "record")


def fits(template: Any, body: Any) -> bool:
    """Whether a body has the members of the template; their values may be anything."""
    if isinstance(template, dict) and template.keys() != {"$status"}:
        return isinstance(body, dict) and all(k in body and fits(v, body[k]) for k, v in template.items())
    return True


def values(template: Any, body: Any) -> dict[str, Any]:
    """What the template's names stand for in a body: {"id": "17", "status": "processing", …}."""
    return dict(_values(template, body))


def _values(template: Any, body: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(template, str) and template.startswith("$"):
        yield template[1:], body
    elif isinstance(template, dict) and template.keys() == {"$status"}:
        choices: Mapping[str, Any] = template["$status"]
        if all(isinstance(v, str) and not v.startswith("$") for v in choices.values()):
            yield "status", next((s for s, word in choices.items() if word == body and s != "*"), body)
    elif isinstance(template, dict) and isinstance(body, dict):
        for name, inner in template.items():
            if name in body:
                yield from _values(inner, body[name])
