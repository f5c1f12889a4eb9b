"""The records that readers return and every later step works on. All frozen; no behaviour beyond look-ups.

A field's keywords are JSON Schema 2020-12 keywords (`type`, `enum`, `minLength`, …) or ours (`x-image`,
`x-unique`); whether a field is required is kept as the keyword `required` with True or False. Every keyword
carries its evidence. Silence is the absence of a keyword: *unknown*, neither "anything goes" nor "empty".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["declared", "prose", "example", "vendor"]
NoteKind = Literal["mend", "not-understood", "contradiction", "unnamed", "problem", "alias", "untold"]

# A field's place in a body: property names, with "[]" for "each item": ("image_list", "[]", "image").
FieldPath = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """Where a fact stands: document name, line (from 1), and how it is said there."""

    document: str
    line: int
    kind: Kind

    def __str__(self) -> str:
        return f"{self.document}:{self.line} {self.kind}"


@dataclass(frozen=True, slots=True)
class Keyword:
    """One fact about a field: `maxLength` 2500, and who says so."""

    name: str
    value: Any
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body. `name` at the end of `path` is "" for a field that the document does not name.

    `confidence` is 1.0 for a field that the document names, less for one that was identified by its order,
    type and wording. `wording` is the document's text, used to identify the field, and `shown` the different
    values that examples have; `is_left_out` says that an example has what holds the field, and not the field.
    None of these three is written out.
    """

    path: FieldPath
    keywords: tuple[Keyword, ...] = ()
    confidence: float = 1.0
    wording: str = ""
    line: int = 0
    shown: tuple[Any, ...] = ()
    is_left_out: bool = False

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""

    def get(self, keyword: str) -> Any:
        """The keyword's value, or None when the document is silent."""
        return next((k.value for k in self.keywords if k.name == keyword), None)


# What the codes of notes say: a page that does not say the path of its operation; a name of the vendor's that
# stands in the text and in no field.
UNSAID_PATH = "unsaid-path"
UNTOLD_NAME = "untold-name"

# How the text of a note begins that says where reading stopped; its kind is `not-understood`.
CUT = "reading stopped here: "


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know about a document: what, and where.

    kind: `mend` (broken, one reading, mended), `not-understood` (a sentence that limits something; or, with
    a text that begins with CUT, the place from which on nothing was read), `untold` (a limit, a list or
    a name that stands in the text and is in no fact),
    `contradiction` (the document disagrees with itself), `unnamed` (a field without a name),
    `problem` (could not be read; the rest was), `alias` (a field under another name than the vendor's).
    `code` says for a program what the text says for people, where one decides by it; "" elsewhere.
    """

    kind: NoteKind
    text: str
    document: str
    line: int
    column: int = 0
    field: FieldPath = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter outside the body; `place` is "query", "path", "header" or "cookie", the field's path its
    name."""

    place: str
    field: Field


@dataclass(frozen=True, slots=True)
class StatedRefusal:
    """One row of a table of refusals: the HTTP status and the code that it says, None and "" where it says
    none, the message that is sent, and what the page says that it means."""

    status: int | None
    code: str
    message: str
    meaning: str
    document: str
    line: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as one document states it. `raw` is its OpenAPI object where the document is OpenAPI."""

    method: str
    path: str
    request: tuple[Field, ...] = ()
    # HTTP status ("200", "default") -> the fields of its body; no entry or no fields: undocumented
    responses: Mapping[str, tuple[Field, ...]] = field(default_factory=lambda: MappingProxyType({}))
    examples: tuple[Any, ...] = ()
    servers: tuple[str, ...] = ()
    raw: Mapping[str, Any] | None = None
    line: int = 0
    # Parameters of path, query and header; Content-Type and Authorization are left out.
    parameters: tuple[Parameter, ...] = ()
    # The path that the document says, where `path` is the one that it is taken for; "" elsewhere.
    own_path: str = ""
    # The media type of the body of the request where the document says that it is a form; "" for JSON.
    form: str = ""
    # The vendor's rules across fields that an example request breaks: see `specs.normalise.lifted_rules`.
    lifted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader got out of one document: the facts, and everything a person should know about it."""

    document: str
    format: str
    operations: tuple[Operation, ...] = ()
    notes: tuple[Note, ...] = ()
    # The whole OpenAPI document, refs unresolved, where the document is one (mended if need be).
    openapi: Mapping[str, Any] | None = None
    # Words that stand in the text as names do, each with the first line where it stands.
    words: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    refusals: tuple[StatedRefusal, ...] = ()

    def fields(self) -> Iterator[Field]:
        """Every field of every operation: of its request, its parameters and its answers."""
        for operation in self.operations:
            yield from operation.request
            yield from (one.field for one in operation.parameters)
            for several in operation.responses.values():
                yield from several


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """What one provider promises: the facts of all its documents under canonical names and paths.

    `operations` is keyed by method and canonical path ("POST /v1/images/multi-image2image"); the prefix
    that the provider puts in front stands at the end of each of `servers`. `aliases` holds, for each
    operation key, the provider's name of a field by the place that the vendor gives it; fields in
    `operations` stand at the vendor's place. `conventions` is merged into the root `x-conventions`;
    `refusals` are rows of the documents' tables, of which an import makes conventions.
    """

    name: str
    title: str
    operations: Mapping[str, Operation]
    servers: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    aliases: Mapping[str, Mapping[FieldPath, str]] = field(default_factory=lambda: MappingProxyType({}))
    conventions: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    refusals: tuple[StatedRefusal, ...] = ()

    def fields(self) -> Iterator[tuple[str, str, Field]]:
        """Every field: its operation's key, where it stands ("request" or an HTTP status), the field."""
        for key, operation in self.operations.items():
            for one in operation.request:
                yield key, "request", one
            for status, several in operation.responses.items():
                for one in several:
                    yield key, status, one


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two who say different things about one keyword of one field, and what was chosen.

    `says` holds (provider, value, evidence), the vendor first, then by name.
    """

    operation: str
    body: str
    path: FieldPath
    keyword: str
    says: tuple[tuple[str, Any, Evidence], ...]
    chosen: Any
    why: str
