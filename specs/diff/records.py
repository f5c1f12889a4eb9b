"""An OpenAPI document as records: operations with their parameters, bodies, answers, security and servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.specs.behaviour.stated import StatedTask
    from understudy.specs.diff.document import ApiDocument, Raw
    from understudy.specs.diff.servers import Servers


@dataclass(frozen=True, slots=True, eq=False)
class ApiParameter:
    """`name` as written; a path parameter is known by its position, so renaming it is no change."""

    name: str
    location: str
    required: bool
    schema: Raw
    media: str
    style: str
    explode: bool
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class ApiMedia:
    """A body in one media type or range of them; a missing schema takes everything.

    type      "application/json", "image/*"; with its parameters where the document tells several apart by it
    details   the parameters that say how it is written beside that, without charset
    schema    of the whole body; of a stream with `itemSchema` (OpenAPI 3.2), the list of its items
    """

    type: str
    details: str
    schema: Raw
    encoding: dict[str, Any]
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    required: bool
    content: dict[str, ApiMedia]
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class ApiResponse:
    """`headers` by lower-case name, `links` by name."""

    status: str
    headers: dict[str, ApiParameter]
    content: dict[str, ApiMedia]
    links: dict[str, Any]
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class ApiOperation:
    """`key` is "POST /things/{}" ("callback name expression POST" and "webhook name POST" for those).

    security  alternatives, each a mapping of scheme to scopes; [] asks for nothing
    inverted  the provider sends the request: a callback or a webhook
    left_out  parts that cannot be read and are not compared: "parameters", "requestBody", "responses 404", …
    """

    key: str
    method: str
    path: str
    parameters: dict[tuple[str, str], ApiParameter]
    body: Body | None
    responses: dict[str, ApiResponse]
    security: list[dict[str, tuple[str, ...]]]
    servers: Servers
    callbacks: dict[str, ApiOperation]
    left_out: frozenset[str]
    task: StatedTask | None
    inverted: bool
    raw: dict[str, Any]
    item: dict[str, Any]


@dataclass(slots=True)
class Api:
    """`left_out`: keys of operations that cannot be read, "* /things" for all of a path."""

    document: ApiDocument
    operations: dict[str, ApiOperation] = field(default_factory=dict)
    schemes: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    def reads(self, key: str) -> bool:
        """Whether an operation can be read, as far as it is there."""
        return key not in self.left_out and f"* {key.partition(' ')[2]}" not in self.left_out
