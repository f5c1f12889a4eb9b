"""Portability as Markdown tables and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from understudy.specs.effective import ITEM_OF
from understudy.specs.places import path_text
from understudy.specs.render.text import fitted, shown

if TYPE_CHECKING:
    from understudy.specs.portability import OperationPortability, Place, Portability, RequestField

SEND = {
    "required": "send it",
    "may": "may be sent",
    "avoid": "leave it out",
    "impossible": "**no value satisfies all**",
}
LIMITS = (("minimum", "≥"), ("maximum", "≤"), ("minLength", "length ≥"), ("maxLength", "length ≤"),
          ("minItems", "items ≥"), ("maxItems", "items ≤"))  # fmt: skip
MOST_NAMES = 8


def as_data(portability: Portability) -> dict[str, Any]:
    """The same as JSON values, fields by their written place."""
    return {
        "operations": {
            one.key: {
                "providers": list(one.providers),
                "request": [{**asdict(field), "path": path_text(field.path)} for field in one.request],
                "answer": [{**asdict(field), "path": path_text(field.path)} for field in one.answer],
                "matrix": {
                    path_text(path): {
                        name: {"name": place.name, "required": place.required, "documented": place.documented}
                        for name, place in row.items()
                    }
                    for path, row in one.matrix.items()
                },
            }
            for one in portability.operations
        },
        "conventions": {name: dict(rules) for name, rules in portability.conventions.items()},
    }


def as_markdown(portability: Portability, width: int = 0) -> str:
    """Three tables for each operation, and the wire conventions that differ.

    Tables that do not fit into `width` columns, those of a terminal, become lists; 0: all are tables.
    """
    lines: list[str] = []
    for operation in portability.operations:
        lines += [f"## {operation.key}", "", f"Documented by {', '.join(operation.providers)}.", ""]
        if operation.request:
            lines += _request(operation, width)
        if operation.answer:
            lines += _answer(operation, width)
    lines += ["## Conventions on the wire", ""]
    rows = [(name, shown(rules.get("success", {})), _error(rules), _answers(rules))
            for name, rules in portability.conventions.items()]  # fmt: skip
    lines += fitted(("provider", "success", "refusals", "bodies of its own"), rows, width)
    return "\n".join(lines) + "\n"


def _request(operation: OperationPortability, width: int) -> list[str]:
    rows = [
        (f"`{path_text(field.path)}`", SEND[field.send], _limits(field.schema), "; ".join(_remarks(field)))
        for field in operation.request
    ]
    matrix = [
        (f"`{path_text(path)}`", *(_cell(row.get(name)) for name in operation.providers))
        for path, row in operation.matrix.items()
    ]
    return [
        "### A request that all of them take", "",
        *fitted(("field", "send", "within", "because"), rows, width), "",
        "### Field by provider (`*` required, `?` undocumented)", "",
        *fitted(("field", *operation.providers), matrix, width), "",
    ]  # fmt: skip


def _remarks(field: RequestField) -> list[str]:
    remarks = list(field.conflicts)
    if field.required_by:
        remarks.append(f"required by {', '.join(field.required_by)}")
    if field.undocumented:
        remarks.append(f"undocumented at {', '.join(field.undocumented)}")
    return remarks


def _answer(operation: OperationPortability, width: int) -> list[str]:
    rows = [
        (
            f"`{path_text(one.path)}`",
            " or ".join(one.types),
            shown(list(one.values)) if one.values else "",
            ", ".join(one.absent_from),
        )
        for one in operation.answer
    ]
    head = ("field", "types", "values", "may be absent at")
    return ["### An answer that a client must survive", "", *fitted(head, rows, width), ""]


def _cell(place: Place | None) -> str:
    if place is None:
        return "-"
    if not place.documented:
        return "?"
    parts = [_type(place), *filter(None, [_limits(place.schema)])]
    if place.schema.get("x-alias-of"):
        parts.insert(0, f"as `{place.name}`")
    return ", ".join(parts) + ("*" if place.required else "")


def _type(place: Place) -> str:
    kind = place.schema.get("type", "any")
    return ("/".join(kind) if isinstance(kind, list) else str(kind)) + (
        f" (for `{place.schema[ITEM_OF]}`)" if ITEM_OF in place.schema else ""
    )


def _limits(schema: dict[str, Any]) -> str:
    parts = [f"{sign} {schema[word]}" for word, sign in LIMITS if word in schema]
    if "enum" in schema:
        names = schema["enum"]
        parts.insert(0, shown(names) if 0 < len(names) <= MOST_NAMES else f"{len(names)} values")
    return ", ".join(parts)


def _error(rules: dict[str, Any] | Any) -> str:
    error = rules.get("error", {})
    return f"HTTP {error.get('http_status', 'own')}, code {error.get('code', 'integer')}"


def _answers(rules: dict[str, Any] | Any) -> str:
    return ", ".join(rules.get("answers", {})) or "-"
