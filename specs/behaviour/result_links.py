"""Addresses of results in bodies that templates describe, made other ones: a recorder leads them here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.template_reading import held_in
from understudy.specs.behaviour.templates import (
    EACH,
    IF_ANY,
    JSON_TEXT,
    STATUS,
    is_choice,
    is_each,
    is_if_any,
    is_json_text,
    json_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# The values that are addresses of results.
LINKS = frozenset({"result_url", "item.url", "item.watermark_url"})


def relinked(template: Any, body: Any, link: Callable[[str], str]) -> Any:
    """A body with what `link` makes of each address of a result that its template tells.

    >>> relinked({"files": {"$each": "$item.url"}}, {"files": ["https://a/1"]}, str.upper)
    {'files': ['HTTPS://A/1']}
    """
    if is_choice(template):
        told = (relinked(choice, body, link) for choice in template[STATUS].values())
        return next((made for made in told if made != body), body)
    if is_if_any(template):
        return relinked(template[IF_ANY], body, link)
    if is_json_text(template):
        held = held_in(body)
        made = relinked(template[JSON_TEXT], held, link)
        return body if made == held else json_text(made)
    if isinstance(template, str):
        return link(body) if isinstance(body, str) and template[1:] in LINKS and body else body
    if is_each(template) and isinstance(body, list):
        return [relinked(template[EACH], one, link) for one in body]
    if isinstance(template, list) and isinstance(body, list):
        made = [relinked(part, one, link) for part, one in zip(template, body, strict=False)]
        return made + body[len(made) :]
    if isinstance(template, dict) and isinstance(body, dict):
        return {
            name: relinked(template[name], part, link) if name in template else part
            for name, part in body.items()
        }
    return body
