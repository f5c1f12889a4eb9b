"""A description of an API of tasks, `api.yaml`: read, completed from the one it is like, and checked.

Its format is `description.schema.json` beside this module: editors complete from it, and every file is held
to it before anything is read. What a schema cannot say (a state that is never reached, a query without an id)
is checked in `specs.behaviour.consistency`. Every problem names file and line, and what to write instead.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.consistency import contradictions
from understudy.specs.behaviour.problems import Problem
from understudy.specs.behaviour.told_apart import PATH_PATTERN
from understudy.specs.behaviour.told_headers import LIMIT_PATTERN, LIMITS
from understudy.specs.errors import UnderstudyError, known_names
from understudy.specs.pointers import at, text_of
from understudy.specs.source import ParsedSource, parse
from understudy.specs.tree import copied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMA_FILE = Path(__file__).with_name("description.schema.json")

WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
BOUNDS = {
    "minimum": "no less than",
    "maximum": "no more than",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
PATTERNS = {
    "^https?://[^/]": "a URL, such as https://api.example.com",
    PATH_PATTERN: "a path that begins with /, with no more behind it than ?NAME=VALUE or #HEADER=VALUE",
    "^(/[^/]*)+$": "a JSON Pointer such as /input/prompt",
    "^[a-z][a-z0-9-]*$": "lower-case letters, digits and -, such as text-to-video",
    "^[a-z][a-z0-9_]*$": "lower-case letters, digits and _, such as unknown_task",
    "^/": "a path that begins with /",
    LIMIT_PATTERN: f"{', '.join(LIMITS)}, or a text with ${{remaining}} in it",
}


@dataclass(frozen=True, slots=True)
class Description:
    """One API. `data` is complete: what it is like is filled in. `api` names what it belongs to."""

    name: str
    api: str
    data: dict[str, Any]
    source: ParsedSource
    file: Path


def load(path: Path, find: Callable[[str], Path | None]) -> Description:
    """The description in the file at `path`; `find` gives the file of another one by its name.

    Raises UnderstudyError with the first problem: file, line and what to write instead.
    """
    return _usable(path, *examine(path, find))


def read_text(text: str, path: Path, find: Callable[[str], Path | None]) -> Description:
    """The same for a text, of which `path` is only the name: an earlier version of the file."""
    return _usable(path, *_examined(text, path, find))


def read_new(
    text: str, path: Path, find: Callable[[str], Path | None]
) -> tuple[Description | None, list[Problem]]:
    """What `examine` would say of a file that is not there yet."""
    return _examined(text, path, find)


def _usable(path: Path, description: Description | None, found: list[Problem]) -> Description:
    if found or description is None:
        raise as_error(found[0], path)
    return description


def examine(path: Path, find: Callable[[str], Path | None]) -> tuple[Description | None, list[Problem]]:
    """(the description, None when it cannot be used; all its problems).

    Raises UnderstudyError for what is no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnderstudyError(f"cannot be read: {error}", where=str(path)) from error
    return _examined(text, path, find)


def _examined(
    text: str, path: Path, find: Callable[[str], Path | None]
) -> tuple[Description | None, list[Problem]]:
    source = parse(text, str(path))
    own = source.root
    if not isinstance(own, dict):
        return None, [Problem("", 1, "is no description", "it begins with: behaviour: 1")]
    api, data = str(own.get("name", "")), own
    if "like" in own:
        base = find(str(own["like"]))
        if base is None or base.resolve() == path.resolve():
            line = source.line("/like")
            return None, [
                Problem("/like", line, f"unknown API {own['like']!r}", "`understudy specs list` shows them")
            ]
        model = load(base, find)
        api, data = model.api, merged(model.data, {k: v for k, v in own.items() if k != "like"})
    found = [_placed(problem, source) for problem in schema_problems(data)]
    if not found:
        found = [_placed(problem, source) for problem in contradictions(data)]
    if not found and own.get("name") != path.parent.name:
        found = [
            Problem("/name", source.line("/name"), f"the name is {own.get('name')!r} in a folder "
                    f"{path.parent.name!r}", f"name: {path.parent.name}")
        ]  # fmt: skip
    return (None if found else Description(own["name"], api, data, source, path)), found


def as_error(problem: Problem, path: Path) -> UnderstudyError:
    """A problem as the error that ends a command."""
    place = f"{problem.pointer}: " if problem.pointer else ""
    return UnderstudyError(f"{place}{problem.what}", where=f"{path}:{problem.line}", advice=problem.advice)


def _placed(problem: Problem, source: ParsedSource) -> Problem:
    return Problem(problem.pointer, source.line(problem.pointer), problem.what, problem.advice)


def merged(base: Any, patch: Any) -> Any:
    """RFC 7396: merged({"a": 1, "b": 2}, {"b": None, "c": 3}) == {"a": 1, "c": 3}."""
    if not isinstance(patch, dict):
        return copied(patch)
    result = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


# --- the schema's problems, in words


@functools.cache
def _validator() -> Any:
    import jsonschema_rs  # here, because `serve` needs it a little later anyway, and `specs list` does not

    return jsonschema_rs.validator_for(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def schema_problems(data: Any) -> list[Problem]:
    """What the schema finds wrong, the outermost first; a key that is unknown before one that is missing."""
    found = [problem for error in _validator().iter_errors(data) for problem in _in_words(error, data)]
    order = {"unknown": 0, "missing": 1}
    return sorted(found, key=lambda p: (order.get(p.what.split(" ")[0], 2), p.pointer))


def _in_words(error: Any, data: Any) -> Iterator[Problem]:
    path = tuple(str(part) for part in error.instance_path)
    pointer, kind, value = text_of(path), error.kind, at(data, path)
    shown = json.dumps(value, ensure_ascii=False)[:60]
    match kind.name:
        case "additionalProperties":
            for name in kind.unexpected:
                known = _properties(error.schema_path)
                yield Problem(f"{pointer}/{name}", 0, f"unknown key {name!r}", known_names(name, known))
        case "required":
            yield Problem(
                pointer, 0, f"missing key {kind.property!r}", _meaning(error.schema_path, kind.property)
            )
        case "enum":
            yield Problem(
                pointer, 0, f"unknown word {shown}", known_names(str(value), map(str, kind.options))
            )
        case "const":
            yield Problem(pointer, 0, f"{shown} is not known", f"write {kind.expected_value}")
        case "type":
            yield Problem(pointer, 0, f"{shown} is of the wrong type", f"write {_types(kind.types)}")
        case "pattern":
            yield Problem(
                pointer, 0, f"{shown} is not well formed", f"write {PATTERNS.get(kind.pattern, kind.pattern)}"
            )
        case "oneOf":
            what = f"{shown} matches none of the known forms"
            yield Problem(pointer, 0, what, f"write one of: {_forms(error.schema_path)}")
        case "propertyNames":
            yield Problem(
                pointer, 0, f"a name is not well formed: {error.message}", "lower-case letters, digits and -"
            )
        case name if name in BOUNDS:
            yield Problem(pointer, 0, f"{shown} is out of bounds", f"write {BOUNDS[name]} {kind.limit}")
        case _:
            yield Problem(pointer, 0, error.message, "see description.schema.json")


def _types(types: Any) -> str:
    return " or ".join(WORDS[one] for one in types)


def _schema_at(path: list[Any]) -> Any:
    schema: Any = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    for part in path:
        schema = schema[part]
    return schema


def _properties(schema_path: list[Any]) -> list[str]:
    return sorted(_schema_at(schema_path[:-1])["properties"])


def _meaning(schema_path: list[Any], name: str) -> str:
    inner = _schema_at(schema_path[:-1])["properties"].get(name, {})
    if "$ref" in inner:
        inner = _schema_at(inner["$ref"].split("/")[1:])
    said = inner.get("description") or " or ".join(map(str, inner.get("enum", ())))
    return f"{name}: {said}" if said else f"write {name}: …"


def _forms(schema_path: list[Any]) -> str:
    """The keys that tell the known forms apart."""
    return ", ".join("/".join(branch.get("required", ())) for branch in _schema_at(schema_path))
