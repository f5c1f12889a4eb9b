"""Which field of an answer holds the address of what was made, where its name is the API's own word.

| loop_url | string | where the loop is |        | loop | string | the address, filled when done |

It is a text whose name ends as addresses do, and says nothing of another thing (`cover_url`, `status_url`);
or one of which the page says that it is there when the task is done, or that an example shows as a file's
address: `"video": "https://x.example/a.mp4"`. Of several it is the one of which the
page says so, or the one that is called as the path of the create is: `loop_url` of `/v1/loops`. Else none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.importing.template import is_called, words
from understudy.specs.readers.trees.examples import is_media

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from understudy.specs.model import Field, FieldPath, Reading

MAX_WORDING = 400
# The kinds of fields that an answer has beside its result, whose words may say that the task is done, too.
KINDS = ("id", "status", "reason", "created", "updated", "progress", "model", "prompt", "external_id")


@dataclass(frozen=True, slots=True)
class ResultField:
    """The field that is taken for the result's, how sure that is, and why; or those that may be it."""

    path: FieldPath = ()
    confidence: float = 0.0
    why: str = ""
    several: tuple[str, ...] = ()


def wordings(readings: Iterable[Reading]) -> dict[FieldPath, str]:
    """What documents say in words of each field of their answers."""
    out: dict[FieldPath, str] = {}
    for operation in (one for reading in readings for one in reading.operations):
        for field in (one for fields in operation.responses.values() for one in fields):
            if field.wording:
                out[field.path] = f"{out.get(field.path, '')} {field.wording[:MAX_WORDING]}".lower()
    return out


def result_field(
    answer: Sequence[Field], created_at: str, said: Mapping[FieldPath, str] = MappingProxyType({})
) -> ResultField:
    """The field of the answer that holds the result's address.

    `created_at` is the path of the create, `said` what the page says in words of each field.
    """
    holders = {one.path[:n] for one in answer for n in range(1, len(one.path))}
    texts = [one for one in answer if one.path not in holders and _may_be_result(one)]
    named = [one for one in texts if _is_of_address(one.name)]
    done = [one for one in texts if says("done", said.get(one.path, ""))]
    filled = [one for one in done if says("filled", said[one.path]) or says("address", said[one.path])]
    shown = [one for one in texts if any(map(_is_file, one.shown))]
    alike = [one for one in named if _stems(one.name) & _stems(created_at)]
    for among, confidence, why in (
        ([one for one in named if one in done], 0.7, "the page says that it is there when the task is done"),
        (alike, 0.6, "its name ends as that of an address does, and has a word of the path"),
        (named, 0.5, "its name ends as that of an address does"),
        ([] if named else filled, 0.5, "the page says that it is there when the task is done"),
        ([] if named or filled else shown, 0.5, "an example shows the address of a file"),
    ):
        if len(among) == 1:
            return ResultField(among[0].path, confidence, why)
    return ResultField(several=tuple(".".join(one.path) for one in named or filled or shown))


def _may_be_result(one: Field) -> bool:
    """Whether a field is a text, and its name says nothing else: not its state, nor a cover."""
    is_text = one.get("type") in ("string", None) and one.get("enum") is None and one.name != "[]"
    is_known = any(is_called(kind, one.name) for kind in KINDS)
    return is_text and not is_known and not set(_words(one.name)) & set(words()["result"]["others"])


def _is_file(value: Any) -> bool:
    """Whether a value of an example is the address of a picture, a film or a sound."""
    is_address = isinstance(value, str) and value.startswith(("https://", "http://"))
    return is_address and is_media(value.partition("?")[0])


def _is_of_address(name: str) -> bool:
    parts = _words(name)
    return len(parts) > 1 and parts[-1] in words()["result"]["endings"]


def says(kind: str, text: str) -> bool:
    """Whether what is said of a field has one of the words of a kind: "done", "filled", "address"."""
    return any(
        re.search(rf"\b{re.escape(word)}\b", text) is not None if word.isascii() else word in text
        for word in words()["result"][kind]
    )


def _words(name: str) -> list[str]:
    """The words of a name or a path: `loopUrl` → loop, url."""
    return re.findall(r"[a-z]{2,}", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())


def _stems(name: str) -> set[str]:
    """The same, each as of one thing: `/v1/loops` → loop."""
    return {part.removesuffix("s") for part in _words(name) if len(part) > 2}
