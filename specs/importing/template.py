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

from understudy.specs.behaviour.templates import EACH, IF_ANY, JSON_TEXT, LIKE, OTHERWISE, STATUS, names

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from understudy.specs.model import Field, FieldPath, Operation

_OF_REQUEST = "request_id"
# What names stand where there is nothing, and those of what is there when a task has ended.
_NOTHING = frozenset(["null", "absent"])
_ENDED = frozenset(["updated_at", "updated_seconds", "finished_time"])
_OF_THE_END = tuple(f"${name}" for name in sorted(_ENDED))
# A time in milliseconds has been more than this since 1973; in seconds it will not be before the year 5138.
_FIRST_MILLISECONDS = 10**11
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:")
WORDS = Path(__file__).with_name("words.toml")
MAX_DEPTH = 8
MIN_WORD = 4  # characters of a word that is known by its ending


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
            return found or _class_by_ending(word)
        word = rest  # TASK_STATUS_SUCCEED: what it is a state of says nothing


def _class_by_ending(word: str) -> str:
    endings = words()["state_endings"].items()
    return next((name for name, ends in endings if len(word) > MIN_WORD and word.endswith(tuple(ends))), "")


def state_field(answer: Sequence[Field]) -> Field | None:
    """The field of an answer that tells the state of a task.

    Of several that are called so it is the one with the most states, then the one beside the id; a number
    without values is none, as an envelope may have it. Where none is called so it is the one whose values are
    the words of several states: `"phase": "queued"`.
    """

    def rank(one: Field) -> tuple[int, bool]:
        is_beside = any(is_called("id", other.name) and other.path[:-1] == one.path[:-1] for other in answer)
        return -len(_classes(one)), not is_beside

    texts = [one for one in answer if "[]" not in one.path and one.get("type") in ("string", None)]
    named = [one for one in answer if is_called("status", one.name) and "[]" not in one.path]
    told = [one for one in named if one.get("enum") or one in texts]
    return min(told or [one for one in texts if len(_classes(one)) > 1], key=rank, default=None)


def _classes(one: Field) -> set[str]:
    """The classes of the states whose words a field has, in its list or in examples."""
    words = [word for word in (*(one.get("enum") or ()), *one.shown) if isinstance(word, str)]
    return {kind for kind in map(class_of, words) if kind}


def good_answer(operation: Operation | None) -> tuple[Field, ...]:
    """The fields of the answer to a request that went well."""
    return () if operation is None else operation.responses.get(good_status(operation), ())


def good_status(operation: Operation) -> str:
    """The status of that answer: "201"; "default" where no answer has one."""
    good = [status for status, fields in sorted(operation.responses.items()) if status[0] == "2" and fields]
    return good[0] if good else "default"


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
        self.state_name = ""  # what the answer before it calls that
        self.id_name = ""  # of the field in which the answer to a create has the id
        self.result: FieldPath = ()  # where the result's address stands, if no name says so
        self.at_the_end: Container[FieldPath] = ()  # what pages say to be there when the task is done
        self.parameter = ""  # what the path of the query calls the id

    def template(self, fields: Sequence[Field], above: FieldPath, depth: int = 0) -> dict[str, Any]:
        """The fields below a place as a template: each name that says what it is stands for that value."""
        if not depth:
            again = (one for one in fields if one.name == self.state_name and one.get("type") == "string")
            found = state_field(fields) or next(again, None)
            self.state = found.path if found is not None else ()
            self.state_name = self.state[-1] if self.state else self.state_name
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
        """What tells the result, why a task failed or when it ended, as examples have it while there is none:
        null, or left out. What tells another thing may be left out where an example lacks it."""
        if one is None or not (None in one.shown or one.is_left_out):
            return made
        states = self._states_of(one, made)
        if not states:
            is_named = isinstance(made, str) and made not in ("$id", "$status")
            return {IF_ANY: made} if is_named and one.is_left_out else made
        none = "$absent" if one.is_left_out else "$null"
        return {STATUS: {**dict.fromkeys(states, made), OTHERWISE: none}}

    def _states_of(self, one: Field, made: Any) -> Sequence[str]:
        """The states in which there is what a template tells, or () for any."""
        told = {"result_url" if name.startswith("item.") else name for name in names(made)} - _NOTHING
        # An object of which no member says why a task failed may still have a code for it.
        if told == {"reason"} or (not told and is_called("reason", one.name)):
            return self.failed
        if told == {"result_url"}:
            return self.success
        return (*self.success, *self.failed) if told and told <= _ENDED else ()

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
        value = self._named(path, one, id_name)
        made = self._when_done(one, value) if value is not None else like(one, type_)
        is_of_end = made in _OF_THE_END or (isinstance(made, dict) and made.keys() == {LIKE})
        if path in self.at_the_end and self.success and is_of_end:
            return {STATUS: {**dict.fromkeys(self.success, made), OTHERWISE: {LIKE: None}}}
        return made

    def _held(self, one: Field, depth: int) -> Any:
        """A text that is JSON, where the results stand in it; else None."""
        inner = tuple(_in_schema(one, one.get("contentSchema"), one.path))
        made = self.template(inner, one.path, depth + 1)
        if not any(name == "result_url" or name.startswith("item.") for name in names(made)):
            return None
        self.guess(one.name, "$json", 0.8, "an example has JSON in its text, with the results in it")
        held = {JSON_TEXT: made}
        none: Any = "$absent" if one.is_left_out else "" if "" in one.shown else {LIKE: None}
        return {STATUS: {**dict.fromkeys(self.success, held), OTHERWISE: none}} if self.success else held

    def _list(self, fields: Sequence[Field], path: FieldPath, inner: Sequence[Field], depth: int) -> Any:
        if any(is_called("url", other.name) or other.path == self.result for other in inner):
            return {EACH: self.template(fields, (*path, "[]"), depth + 1)}
        if is_called("results", path[-1]) and not any(len(other.path) > len(path) + 1 for other in inner):
            self.guess("results", ".".join(path), 0.7, "a list of this name holds the results' addresses")
            return {EACH: "$item.url"}
        return {LIKE: []}

    def _named(self, path: FieldPath, one: Field | None, id_name: str) -> Any:
        """What a field of an answer stands for by its name, or None."""
        name, type_ = path[-1], one.get("type") if one is not None else None
        if "[]" in path:
            of_item = name if name in ("id", "index", "duration") else ""
            return "$item.url" if is_called("url", name) else f"$item.{of_item}" if of_item else None
        if name == id_name:
            self.guess(name, "$id", 0.9, "its name")
            return "$id"
        if path == self.state:
            is_named = is_called("status", name)
            self.guess(name, "$status", *((0.8, "its name") if is_named else (0.6, "its values are states")))
            return "$status"
        may_be_null = one is not None and None in one.shown
        for kind, value in (
            ("reason", "$reason"), ("url", "$result_url"), ("model", "$model"),
            ("progress", _progress(one)), ("external_id", "$external_id"),
        ):  # fmt: skip
            if value and is_called(kind, name) and type_ in ("string", None, "integer", "number"):
                if may_be_null and kind not in ("reason", "url"):
                    return None
                self.guess(name, value, 0.8, "its name")
                return value
        if len(path) > 1 and is_called("reason", path[-2]) and is_called("wording", name):
            self.guess(".".join(path), "$reason", 0.8, "its name")
            return "$reason" if type_ in ("string", None) else None
        return _time(name, one) or ("$request_id" if _plain(name) == _plain(_OF_REQUEST) else None)


def _progress(one: Field | None) -> str:
    """How much of a task is done, as examples have it: 35, "35%" or 0.35; "" for a text of another form."""
    shown = [value for value in one.shown if value is not None] if one is not None else []
    if any(isinstance(value, str) for value in shown):
        is_percent = all(isinstance(value, str) and value.endswith("%") for value in shown)
        return "$progress_percent" if is_percent else ""
    is_share = any(isinstance(value, float) for value in shown) and all(value <= 1 for value in shown)
    return "$progress_share" if is_share else "$progress"


def _time(name: str, one: Field | None) -> str | None:
    """When a task was made or changed, in milliseconds, in seconds or as a text; None for another thing."""
    kind = next((kind for kind in ("created", "updated") if is_called(kind, name)), None)
    if kind is None:
        return None
    shown = [value for value in one.shown if value is not None] if one is not None else []
    if one is not None and one.get("type") in ("integer", "number"):
        if kind == "created" and None in one.shown:
            return None
        in_seconds = bool(shown) and all(0 < value < _FIRST_MILLISECONDS for value in shown)
        return f"${kind}_seconds" if in_seconds else f"${kind}_at"
    if any(not isinstance(value, str) or not _ISO_TIME.match(value) for value in shown):
        return None
    return "$created_time" if kind == "created" else "$finished_time"


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
    if one is not None and None in one.shown:
        return {LIKE: None}  # an example has null: whatever the type, it may be left empty
    shown = one.shown[0] if one is not None and one.shown else nothing
    if type_ == "number" and type(shown) is int:
        return {LIKE: float(shown)}
    return {LIKE: shown if type(shown) is type(nothing) else nothing}
