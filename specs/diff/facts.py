"""The records of a comparison. A fact says what differs and where; what it means is for `specs.rules`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from understudy.specs.diff.document import Place, Raw

Direction = Literal["request", "response", "none"]
Step = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Child:
    """A schema of the document inside a limit; the prover replaces it by its bundle."""

    raw: Raw


@dataclass(frozen=True, slots=True)
class Surface:
    """A schema that messages are held to: a body, a parameter or a header of one operation.

    kind is "body", "parameter" or "header"; direction says who sends it ("request": the client).
    `name` is the media type, "in name" or the header's name; `status` is "" for requests.
    """

    operation: str
    direction: Literal["request", "response"]
    kind: str
    name: str
    status: str = ""

    def __str__(self) -> str:
        what = {"body": self.name, "parameter": f"parameter {self.name}", "header": f"header {self.name}"}
        return " ".join(part for part in (self.operation, self.status, what[self.kind]) if part)


@dataclass(slots=True, eq=False)
class Pair:
    """A schema of the base and the one of the revision that stands in its place, in one direction."""

    base: Raw
    revision: Raw
    direction: Literal["request", "response"]
    facts: list[Fact] = field(default_factory=list)
    children: list[tuple[Step, Pair]] = field(default_factory=list)
    parents: list[tuple[Pair, Step]] = field(default_factory=list)
    surfaces: list[Surface] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Fact:
    """One difference.

    area, action  what kind ("schema", "max-length-decreased"); with the direction they name the rule
    subject       the property, parameter, status … that it is about, "" for the thing itself
    old, new      the values, None where there is none
    base_limit, revision_limit
                  for schemas: what each side demands in this respect, as JSON Schema with `Child` inside;
                  True where a side demands nothing
    operation     for facts that are not about schemas: its key
    data          what the prover needs, by name
    """

    area: str
    action: str
    direction: Direction
    subject: str = ""
    old: Any = None
    new: Any = None
    base: Place | None = None
    revision: Place | None = None
    base_limit: Any = True
    revision_limit: Any = True
    pair: Pair | None = None
    operation: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def changed(word: str, before: Any, after: Any) -> str:
    """ "link", None, {} -> "link-added"."""
    return f"{word}-added" if before is None else f"{word}-removed" if after is None else f"{word}-changed"
