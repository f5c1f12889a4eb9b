"""OpenAPI Overlay documents (1.0 and 1.1): what makes a provider's spec out of the canonical one.

The law, for any two JSON objects:  apply(base, between(base, target)) == target

Rules are those of the Overlay Specification 1.1.0, section 4.4.3: an `update` merges objects, concatenates
arrays and replaces primitives; any other pair is an error; an action that selects nothing changes nothing.
The overlays written here use `remove` and objects in `update` alone, which 1.0.0 knows too.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError
from understudy.specs.tree import Object, copied, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

VERSION = "1.0.0"
KNOWN = ("1.0", "1.1")
KEYS = {"target", "description", "update", "remove", "copy"}

# A place in a document: keys and array indexes from the root.
Place = tuple[str | int, ...]

# RFC 9535: `$.name`, `$['any name']`, `$[0]`, and nothing that could select more than one node.
SEGMENT = re.compile(
    r"\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\\x00-\x1f]|\\.)*)'\]|\[(0|[1-9][0-9]*)\]", re.DOTALL
)
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
ESCAPED = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "'": "\\'", "\\": "\\\\"}
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
UNESCAPED = {value[1]: key for key, value in ESCAPED.items()} | {"/": "/", '"': '"'}


def apply(document: Mapping[str, Any], overlay: Mapping[str, Any]) -> Object:
    """A new document: `document` with every action of `overlay` done in order. `document` is not changed.

    Raises UnderstudyError naming the action when the overlay is not one or an action cannot be done.
    """
    result: Object = copied(document)
    for index, action in enumerate(_actions(overlay)):
        where = f"actions[{index}]"
        try:
            result = _act(result, action)
        except UnderstudyError as error:
            raise UnderstudyError(
                error.what, where=f"{where} {action['target']}", advice=error.advice
            ) from error
    return result


def between(
    base: Mapping[str, Any], target: Mapping[str, Any], info: Mapping[str, Any], extends: str = ""
) -> Object:
    """The overlay that makes `target` out of `base`.

    `info` holds at least title and version; `extends` is the relative URL of `base`, if it has one.
    Actions follow the order of `base`, then of `target`, so the same two documents always give the same
    bytes.
    """
    actions = list(_differences((), base, target))
    # The specification wants one action at least; this one changes nothing.
    head: Object = {"overlay": VERSION, "info": dict(info), **({"extends": extends} if extends else {})}
    return {**head, "actions": actions or [{"target": "$", "update": {}}]}


def path_of(place: Sequence[str | int]) -> str:
    """A place as JSONPath: ('paths', '/v1/x', 'tags', 0) -> "$.paths['/v1/x'].tags[0]"."""
    return "$" + "".join(map(_segment, place))


def place_of(path: str) -> Place | None:
    """The one place that a plain JSONPath names, or None when the path needs a JSONPath engine."""
    if not path.startswith("$"):
        return None
    place: list[str | int] = []
    at = 1
    while at < len(path):
        match = SEGMENT.match(path, at)
        if match is None:
            return None
        name, quoted, index = match.groups()
        if index is not None:
            place.append(int(index))
        elif name is not None:
            place.append(name)
        else:
            key = _unquoted(quoted)
            if key is None:
                return None
            place.append(key)
        at = match.end()
    return tuple(place)


def _segment(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    if PLAIN_NAME.match(key):
        return f".{key}"
    return "['" + "".join(ESCAPED.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in key) + "']"


def _unquoted(text: str) -> str | None:
    """The key inside quotes; None for an escape that is left to the engine, such as surrogate pairs."""
    plain = True

    def one(match: re.Match[str]) -> str:
        nonlocal plain
        code = match[1]
        if len(code) == 5:
            character = chr(int(code[1:], 16))
            plain = plain and not "\ud800" <= character <= "\udfff"
            return character
        plain = plain and code in UNESCAPED
        return UNESCAPED.get(code, code)

    key = ESCAPE.sub(one, text)
    return key if plain else None


def _actions(overlay: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    version = overlay.get("overlay") if isinstance(overlay, dict) else None
    if not isinstance(version, str) or not version.startswith(KNOWN):
        raise UnderstudyError(
            f"not an OpenAPI Overlay: `overlay` is {version!r}", advice=f"known versions: {', '.join(KNOWN)}"
        )
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise UnderstudyError("an overlay needs a list `actions` with at least one action")
    for index, action in enumerate(actions):
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise UnderstudyError("an action is an object with a `target`", where=f"actions[{index}]")
        unknown = sorted(str(key) for key in action if key not in KEYS and not str(key).startswith("x-"))
        if unknown:
            raise UnderstudyError(
                f"unknown key {unknown[0]!r}",
                where=f"actions[{index}]",
                advice=f"known: {', '.join(sorted(KEYS))}",
            )
    return actions


def _act(document: Object, action: Mapping[str, Any]) -> Object:
    places = _select(document, action["target"])
    if action.get("remove") is True:
        return _remove(document, places)
    if "copy" in action:
        sources = _select(document, action["copy"])
        if len(sources) != 1:
            raise UnderstudyError(f"`copy` must select one node; {action['copy']} selects {len(sources)}")
        update = _at(document, sources[0])
    elif "update" in action:
        update = action["update"]
    else:
        raise UnderstudyError("an action needs `update`, `copy` or `remove: true`")
    kinds = {_kind(_at(document, place)) for place in places}
    if len(kinds) > 1:
        raise UnderstudyError(f"the target selects nodes of different kinds: {', '.join(sorted(kinds))}")
    for place in places:
        document = _put(document, place, _updated(_at(document, place), copied(update)))
    return document


def _select(document: Object, path: str) -> list[Place]:
    place = place_of(path)
    if place is not None:
        try:
            _at(document, place)
        except (LookupError, TypeError):
            return []
        return [place]
    environment, syntax_error = _engine()
    try:
        # One node may be selected twice ($['a','a']); it is acted on once.
        return list(dict.fromkeys(match.parts for match in environment.finditer(path, document)))
    except syntax_error as error:
        raise UnderstudyError(f"not a JSONPath: {error}", advice="RFC 9535 has the grammar") from error


@functools.cache
def _engine() -> tuple[Any, type[Exception]]:
    import jsonpath  # here: 50 ms, and only selectors of other people's overlays need it

    return jsonpath.JSONPathEnvironment(strict=True), jsonpath.JSONPathError


def _at(document: Any, place: Place) -> Any:
    for key in place:
        if isinstance(document, dict) != isinstance(key, str):
            raise TypeError(key)
        document = document[key]
    return document


def _put(document: Object, place: Place, value: Any) -> Object:
    if not place:
        if not isinstance(value, dict):
            raise UnderstudyError("the root of a document stays an object")
        return value
    _at(document, place[:-1])[place[-1]] = value
    return document


def _remove(document: Object, places: list[Place]) -> Object:
    if () in places:
        raise UnderstudyError("the root of a document cannot be removed")
    # Later items first, so that the indexes of earlier ones stay true; nested ones before what holds them.
    for place in sorted(
        places, key=lambda p: [(isinstance(k, int), k if isinstance(k, int) else 0) for k in p]
    )[::-1]:
        try:
            del _at(document, place[:-1])[place[-1]]
        except LookupError:
            continue
    return document


def _updated(value: Any, update: Any) -> Any:
    """What the target becomes; only here may one entry be appended to an array."""
    if isinstance(value, list):
        return value + (update if isinstance(update, list) else [update])
    return _merged(value, update)


def _merged(value: Any, update: Any) -> Any:
    if isinstance(value, dict) and isinstance(update, dict):
        both = {key: _merged(item, update[key]) if key in update else item for key, item in value.items()}
        return both | {key: item for key, item in update.items() if key not in value}
    if isinstance(value, list) and isinstance(update, list):
        return value + update
    if _kind(value) == _kind(update) == "primitive":
        return update
    raise UnderstudyError(
        f"an {_kind(update)} cannot be merged into an {_kind(value)}".replace("an primitive", "a primitive"),
        advice="remove it in one action, set it anew in the next",
    )


def _kind(value: Any) -> str:
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "primitive"


def _differences(place: Place, base: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[Object]:
    """Actions for one object: first what goes, then what changes or comes, then what changes inside."""
    update: Object = {}
    inside: list[str] = []
    for key, value in base.items():
        if key not in target:
            yield {"target": path_of((*place, key)), "remove": True}
        elif same(value, target[key]):
            continue
        elif isinstance(value, dict) and isinstance(target[key], dict):
            inside.append(key)
        else:
            if _kind(value) != "primitive" or _kind(target[key]) != "primitive":
                yield {"target": path_of((*place, key)), "remove": True}
            update[key] = target[key]
    update |= {key: value for key, value in target.items() if key not in base}
    if update:
        yield {"target": path_of(place), "update": copied(update)}
    for key in inside:
        yield from _differences((*place, key), base[key], target[key])
