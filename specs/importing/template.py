"""A documented answer as a template: each name that says what it is stands for that value of a task.

The names are those of `words.toml`: `task_id` is the id, `state` the state, `images[].url` an address.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.templates import EACH, JSON_TEXT, LIKE, OTHERWISE, STATUS, names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from understudy.specs.model import Field, FieldPath, Operation

_OF_REQUEST = "request_id"
WORDS = Path(__file__).with_name("words.toml")
MAX_DEPTH = 8


@functools.cache
def words() -> dict[str, dict[str, list[str]]]:
    """The words of `words.toml`: kind -> name -> words."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def listed_words(kind: str) -> list[dict[str, Any]]:
    """The entries of a list of `words.toml`, in their order."""
    entries: list[dict[str, Any]] = tomllib.loads(WORDS.read_text(encoding="utf-8"))[kind]
    return entries


def is_called(kind: str, name: str) -> bool:
    """Whether a field of this name is what `kind` says: "id", "status", "url", …; `taskId` is task_id."""
    return _plain(name) in _plain_words(kind)


@functools.cache
def _plain_words(kind: str) -> frozenset[str]:
    return frozenset(map(_plain, words()["fields"][kind]))


def _plain(name: str) -> str:
    return re.sub(r"[_-]", "", name).lower()


def class_of(state: str) -> str:
    """The class of a state by its word: queued, running, success, …; "" for a word that is not known."""
    word = re.sub(r"[^a-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", state).lower()).strip("_")
    while True:
        found = next((name for name, words in words()["states"].items() if word in words), "")
        first, _, rest = word.partition("_")
        if found or first not in words()["state_prefixes"]["words"] or not rest:
            return found
        word = rest  # TASK_STATUS_SUCCEED: what it is a state of says nothing


def state_field(answer: Sequence[Field]) -> Field | None:
    """The field of an answer that tells the state of a task.

    Of several that are called so it is the one with the most states, then the one beside the id; a number
    without values is none, as an envelope may have it.
    """

    def rank(one: Field) -> tuple[int, bool]:
        words = [word for word in (*(one.get("enum") or ()), *one.shown) if isinstance(word, str)]
        is_beside = any(is_called("id", other.name) and other.path[:-1] == one.path[:-1] for other in answer)
        return -len({kind for kind in map(class_of, words) if kind}), not is_beside

    named = [one for one in answer if is_called("status", one.name) and "[]" not in one.path]
    told = [one for one in named if one.get("enum") or one.get("type") in ("string", None)]
    return min(told, key=rank, default=None)


def good_answer(operation: Operation | None) -> tuple[Field, ...]:
    """The fields of the answer to a request that went well."""
    if operation is None:
        return ()
    good = [
        fields for status, fields in sorted(operation.responses.items()) if status.startswith("2") and fields
    ]
    return good[0] if good else operation.responses.get("default", ())


def template_of(fields: Sequence[Field], success: Sequence[str], failed: Sequence[str]) -> dict[str, Any]:
    """The template of an answer with these fields; nothing is told of what was guessed.

    `success`: the states of tasks that have results, `failed`: those of tasks that have a reason.
    """
    return TemplateMaker(lambda *_: None, success, failed).template(fields, ())


class TemplateMaker:
    """Makes templates, and tells `guess` (what, value, confidence, why) what each name was taken for.

    `success` are the states of tasks that have results, `failed` those of tasks that have a reason; in all
    others it is empty, or as examples have it.
    """

    def __init__(
        self,
        guess: Callable[[str, str, float, str], None],
        success: Sequence[str] = (),
        failed: Sequence[str] = (),
    ) -> None:
        self.guess = guess
        self.success = success
        self.failed = failed
        self.state: FieldPath = ()  # where the answer at hand tells the state
        self.id_name = ""  # of the field in which the answer to a create has the id
        self.result: FieldPath = ()  # where the result's address stands, if no name says so
        self.parameter = ""  # what the path of the query calls the id

    def template(self, fields: Sequence[Field], above: FieldPath, depth: int = 0) -> dict[str, Any]:
        """The fields below a place as a template: each name that says what it is stands for that value."""
        if not depth:
            found = state_field(fields)
            self.state = found.path if found is not None else ()
        names = list(dict.fromkeys(one.path[len(above)] for one in fields if _below(one, above)))
        by_path = {one.path: one for one in fields}
        id_name = self.name_of_id(fields)
        out: dict[str, Any] = {}
        for name in names:
            if name == "[]" or depth > MAX_DEPTH:
                continue
            out[name] = self._value(by_path.get((*above, name)), fields, (*above, name), id_name, depth)
        return out

    def _when_done(self, one: Field | None, made: Any) -> Any:
        """What tells the result or the reason of a failure, as examples have it while there is none: null, or
        left out."""
        told = {"result_url" if name.startswith("item.") else name for name in names(made)}
        states = self.failed if told == {"reason"} else self.success if told == {"result_url"} else ()
        if one is None or not states or not (None in one.shown or one.is_left_out):
            return made
        none = "$absent" if one.is_left_out else "$null"
        return {STATUS: {**dict.fromkeys(states, made), OTHERWISE: none}}

    def name_of_id(self, fields: Sequence[Field]) -> str:
        """The name of the field of an answer that has the id of a task, "" for none."""
        names = [one.name for one in fields if is_called("id", one.name)]
        ranks = [_plain(word) for word in words()["fields"]["id"]]
        known = [one.name for one in fields if one.name == self.parameter]
        found = min(names, key=lambda name: ranks.index(_plain(name)), default="".join(known[:1]))
        # Where tasks have an id of their own, that of a request is none.
        return "" if found == _OF_REQUEST != self.id_name and self.id_name else found

    def _value(
        self, one: Field | None, fields: Sequence[Field], path: FieldPath, id_name: str, depth: int
    ) -> Any:
        inner = [other for other in fields if other.path[: len(path)] == path and len(other.path) > len(path)]
        type_ = one.get("type") if one is not None else "object"
        if type_ == "array" or any(other.path[len(path)] == "[]" for other in inner):
            return self._when_done(one, self._list(fields, path, inner, depth))
        if inner:
            return self._when_done(one, self.template(fields, path, depth + 1))
        if path == self.result:
            return "$item.url" if "[]" in path else self._when_done(one, "$result_url")
        held = self._held(one, depth) if one is not None and one.get("contentSchema") else None
        if held is not None:
            return held
        value = self._named(path, type_, id_name)
        return self._when_done(one, value) if value is not None else like(one, type_)

    def _held(self, one: Field, depth: int) -> Any:
        """A text that is JSON, where the results stand in it; else None."""
        inner = tuple(_in_schema(one, one.get("contentSchema"), one.path))
        made = self.template(inner, one.path, depth + 1)
        if not any(name == "result_url" or name.startswith("item.") for name in names(made)):
            return None
        self.guess(one.name, "$json", 0.8, "an example has JSON in its text, with the results in it")
        held = {JSON_TEXT: made}
        return {STATUS: {**dict.fromkeys(self.success, held), OTHERWISE: ""}} if self.success else held

    def _list(self, fields: Sequence[Field], path: FieldPath, inner: Sequence[Field], depth: int) -> Any:
        if any(is_called("url", other.name) or other.path == self.result for other in inner):
            return {EACH: self.template(fields, (*path, "[]"), depth + 1)}
        if is_called("results", path[-1]) and not any(len(other.path) > len(path) + 1 for other in inner):
            self.guess("results", ".".join(path), 0.7, "a list of this name holds the results' addresses")
            return {EACH: "$item.url"}
        return {LIKE: []}

    def _named(self, path: FieldPath, type_: Any, id_name: str) -> Any:
        """What a field of an answer stands for by its name, or None."""
        name = path[-1]
        if "[]" in path:
            return (
                "$item.url"
                if is_called("url", name)
                else f"$item.{name}"
                if name in ("id", "index", "duration")
                else None
            )
        if name == id_name:
            self.guess(f"{name}", "$id", 0.9, "its name")
            return "$id"
        for kind, value in (
            ("status", "$status"), ("reason", "$reason"), ("url", "$result_url"), ("model", "$model"),
            ("progress", "$progress"), ("external_id", "$external_id"),
        ):  # fmt: skip
            if kind == "status" and path != self.state:
                continue
            if is_called(kind, name) and type_ in ("string", None, "integer"):
                self.guess(name, value, 0.8, "its name")
                return value
        for kind in ("created", "updated"):
            if is_called(kind, name):
                return (
                    f"${kind}_at"
                    if type_ in ("integer", "number")
                    else f"${kind}_time"
                    if kind == "created"
                    else "$finished_time"
                )
        return "$request_id" if name == _OF_REQUEST else None


def _below(one: Field, above: FieldPath) -> bool:
    return len(one.path) > len(above) and one.path[: len(above)] == above


def _in_schema(holder: Field, schema: Mapping[str, Any], path: FieldPath) -> Iterator[Field]:
    """The fields that the schema of what a text holds describes, below `path`."""
    inner = {"[]": schema["items"]} if "items" in schema else schema.get("properties", {})
    for name, part in inner.items():
        type_ = [replace(holder.keywords[0], name="type", value=part["type"])] if "type" in part else []
        yield replace(holder, path=(*path, name), keywords=tuple(type_), wording="")
        yield from _in_schema(holder, part, (*path, name))


def like(one: Field | None, type_: Any) -> dict[str, Any]:
    """A value of which nothing but the type is promised: that of an example, or nothing of the type."""
    if isinstance(type_, list):
        return {LIKE: None}  # of several types, of which null is one
    nothing: Any = {"integer": 0, "number": 0.0, "boolean": False, "object": {}, "array": []}.get(type_, "")
    shown = one.shown[0] if one is not None and one.shown else nothing
    if shown is None:
        return {LIKE: None}  # an example has null: whatever the type, it may be left empty
    if type_ == "number" and type(shown) is int:
        return {LIKE: float(shown)}
    return {LIKE: shown if type(shown) is type(nothing) else nothing}
