"""Is a request what the document allows? One compiled validation, and a refusal that names the field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from understudy.mockserver.errors import Refused
from understudy.mockserver.play.request_schema import (
    ITEMS,
    as_played,
    as_texts,
    is_number,
    numeric_places,
    pictures,
    with_numbers,
    without_empty,
)
from understudy.specs.behaviour import NumbersForTexts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from understudy.specs.pointers import Path

MASK = "the value"
# Of a request that is wrong in thousands of places, the first problem is found among so many.
MOST_EXPLAINED = 1000
# Of a value that a message repeats, so many characters.
MOST_SHOWN = 60
NOT_KNOWN = "whether the provider takes a number here is not known"


def field_name(path: Sequence[str | int]) -> str:
    """["image_list", 0, "image"] -> "image_list[0].image"."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(frozen=True, slots=True)
class RequestProblem:
    """One thing wrong with a request: the field ("" for the body itself), the keyword broken, the words.

    `value` and `options` are for the provider's own words about an enumeration, as short texts.
    """

    field: str
    place: Path
    keyword: str
    reason: str
    value: str = ""
    options: str = ""
    # A number where a text must be.
    number_for_text: bool = False


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(v if isinstance(v, str) else str(v) for v in values)


def listed_options(kind: Any) -> str:
    return _listed([option for option in kind.options if option != ""])


def shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


# JSON Schema keyword -> our words; `k` is jsonschema-rs's kind of the error.
WORDS: Mapping[str, Callable[[Any], str]] = {
    "type": lambda k: f"must be of type {_listed(sorted(k.types))}",
    "enum": lambda k: f"must be one of {listed_options(k)}",
    "const": lambda k: f"must be {k.expected_value}",
    "maxLength": lambda k: f"must have at most {k.limit} characters",
    "minLength": lambda k: (
        "must not be empty" if k.limit == 1 else f"must have at least {k.limit} characters"
    ),
    "maximum": lambda k: f"must be at most {k.limit}",
    "minimum": lambda k: f"must be at least {k.limit}",
    "exclusiveMaximum": lambda k: f"must be less than {k.limit}",
    "exclusiveMinimum": lambda k: f"must be more than {k.limit}",
    "maxItems": lambda k: f"must have at most {k.limit} items",
    "minItems": lambda k: "must not be empty" if k.limit == 1 else f"must have at least {k.limit} items",
    "pattern": lambda _: "does not match the required pattern",
    "uniqueItems": lambda _: "must not contain an item twice",
    "format": lambda k: f"must be a {k.format}",
}


def explain(error: Any) -> RequestProblem:
    """The problem behind one error of jsonschema-rs; of alternatives, the one that came closest."""
    kind, path = error.kind, list(error.instance_path)
    name = kind.name
    if name in ("anyOf", "oneOf") and getattr(kind, "context", None):
        return closest([[explain(e) for e in branch] for branch in kind.context], path)
    if name == "required":
        path.append(kind.property)
        reason = "is required"
    elif name in ("additionalProperties", "unevaluatedProperties"):
        path.append(min(kind.unexpected))
        reason = "is not a field of this request"
    elif name in WORDS:
        reason = WORDS[name](kind)
    else:
        reason = error.message
    place = tuple(ITEMS if isinstance(part, int) else part for part in path)
    if name == "enum":
        return RequestProblem(
            field_name(path), place, name, reason, shortened(error.instance), listed_options(kind)
        )
    number = name == "type" and is_number(error.instance) and list(kind.types) == ["string"]
    return RequestProblem(field_name(path), place, name, reason, number_for_text=number)


def closest(branches: list[list[RequestProblem]], path: list[str | int]) -> RequestProblem:
    """Of each alternative's problems, one that is not about the type at the place itself, else the types."""
    here = field_name(path)
    deeper = [p for branch in branches for p in branch[:1] if not (p.keyword == "type" and p.field == here)]
    if deeper:
        return deeper[0]
    reasons = sorted({p.reason for branch in branches for p in branch})
    place = tuple(ITEMS if isinstance(part, int) else part for part in path)
    return RequestProblem(here, place, "anyOf", " or ".join(reasons) or "matches none of the allowed forms")


class RequestCheck:
    """The check of one operation's request body, compiled when the first request comes: of many families, a
    client uses few.

    Kling and its resellers take "" and null for what is left out; `verbatim` holds requests to the schema
    alone.
    """

    __slots__ = (
        "_explained",
        "_numbers",
        "_numeric",
        "_schema",
        "_strict",
        "_verbatim",
        "is_valid",
        "numbers_taken",
        "pictures",
        "source",
    )

    def __init__(
        self,
        schema: dict[str, Any],
        *,
        strict: bool = False,
        verbatim: bool = False,
        numbers: NumbersForTexts = NumbersForTexts.REFUSED,
    ) -> None:
        self._numbers = numbers
        self.numbers_taken = numbers is NumbersForTexts.TAKEN
        if self.numbers_taken:
            schema = with_numbers(schema)
        self.source = schema
        self._strict = strict
        self._verbatim = verbatim
        self._schema: dict[str, Any] | None = None
        self._explained: Any = None
        # The first request finds what compiles the check here, every other one the check itself.
        self.is_valid: Callable[[Any], bool] = self._first
        self.pictures = dict(pictures(schema))
        self._numeric = frozenset(numeric_places(schema))

    @property
    def schema(self) -> dict[str, Any]:
        """The schema as it is played."""
        if self._schema is None:
            self._schema = self.source if self._verbatim else as_played(self.source, strict=self._strict)
        return self._schema

    def _first(self, request: Any) -> bool:
        self.is_valid = jsonschema_rs.validator_for(self.schema).is_valid
        return self.is_valid(request)

    def problem(self, request: Any) -> RequestProblem:
        """What is wrong with a request that is not valid: the first problem in the order of field names."""
        bare = request if self._strict or self._verbatim else without_empty(request, self.source)
        if self._explained is None:
            told = as_played(self.source, strict=True) if self._strict else self.source
            self._explained = jsonschema_rs.validator_for(told, mask=MASK)
        found = [explain(error) for error in islice(self._explained.iter_errors(bare), MOST_EXPLAINED)]
        if not found:
            return RequestProblem("", (), "", "does not match the document")
        return min(found, key=lambda p: (p.field, p.keyword != "type", p.keyword))

    def refusal(self, request: Any) -> Refused:
        """The refusal of a request that is not valid."""
        problem = self.problem(request)
        if problem.keyword == "pattern" and problem.place in self.pictures:
            return Refused("invalid_base64", field=problem.field)
        if not problem.field:
            return Refused("invalid_request", reason=f"the body {problem.reason}")
        return Refused(
            "invalid_parameter",
            field=problem.field,
            keyword=problem.keyword,
            reason=self._worded(problem),
            value=problem.value,
            options=problem.options,
        )

    def _worded(self, problem: RequestProblem) -> str:
        unknown = self._numbers is NumbersForTexts.UNKNOWN
        if unknown and problem.number_for_text and problem.place in self._numeric:
            return f"{problem.reason} ({NOT_KNOWN})"
        return problem.reason

    def read(self, request: Any) -> Any:
        """A request that is valid, as it is played: numbers that stand for texts are texts."""
        return as_texts(request, self.source) if self.numbers_taken else request


class ParameterCheck:
    """The check of one query parameter: text to a value of the schema's type."""

    __slots__ = ("_validator", "default", "name", "type")

    def __init__(self, name: str, schema: dict[str, Any]) -> None:
        self.name = name
        self.type = schema.get("type", "string")
        self.default = schema.get("default")
        self._validator = jsonschema_rs.validator_for(schema)

    def read(self, texts: Sequence[str]) -> Any:
        """The last of the values given, each of which must be valid; the default when there is none."""
        value = self.default
        for text in texts:
            value = int(text) if self.type == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text) else text
            for error in self._validator.iter_errors(value):
                raise Refused("invalid_parameter", field=self.name, reason=explain(error).reason)
        return value
