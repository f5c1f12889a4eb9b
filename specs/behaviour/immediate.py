"""Operations that start no task and are answered at once: a balance, a session, a list of presets, a removal.

`x-immediate` of an operation:

    answer: {session_id: $id}        # a template of what stands where records stand (`data`)
    opens: {valid_seconds: 86400, clip_ms: 5000}    # `$id` is a session's, which later requests name; 0 for
                                     # no limit; and how long its clip is, where that matters
    removes: {field: /voice_id, families: [custom-voices]}   # the task is forgotten whose result is named
    names: […]                       # what requests name (`specs.behaviour.source`)
    rules: […]                       # across the request's fields (`specs.behaviour.rules`)

In the template `$id` is a new id, `$now` the time in milliseconds and `$later` a year after it,
`$request.a.b` what the request says in its body or its query string (null where it says nothing), and
`$image.0`, `$video.0`, `$audio.0` are addresses of sample files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.operations import OperationPlace, all_operations
from understudy.specs.behaviour.rules import read_rules
from understudy.specs.behaviour.source import read_names
from understudy.specs.behaviour.templates import names
from understudy.specs.errors import UnderstudyError
from understudy.specs.pointers import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.behaviour.rules import FieldRules
    from understudy.specs.behaviour.source import NameRule
    from understudy.specs.pointers import Path

IMMEDIATE = "x-immediate"
KNOWN = ("id", "now", "later", "null", "absent")
WITH_MEMBERS = ("request", "image", "video", "audio")


@dataclass(frozen=True, slots=True)
class Removal:
    """Where a request names the result whose task is forgotten, and of which families that may be."""

    field: Path
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImmediateOperation:
    """One operation. `answer` is a template; `valid_ms` is how long the session works that it opens (0: for
    ever), None where it opens none; `clip_ms` how long the clip of that session is, 0 where nobody asks."""

    operation: OperationPlace
    answer: Any = field(repr=False)
    valid_ms: int | None = None
    clip_ms: int = 0
    removes: Removal | None = None
    names: tuple[NameRule, ...] = ()
    rules: FieldRules | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The operation's id with hyphens, as families are named."""
        return self.operation.id.replace("_", "-")


def read_immediate(document: Mapping[str, Any], where: str) -> Iterator[ImmediateOperation]:
    """The operations of a document that have `x-immediate`, in its order.

    Raises UnderstudyError for a template that names an unknown value.
    """
    for operation in all_operations(document):
        data = operation.raw.get(IMMEDIATE)
        if data is None:
            continue
        place = f"{where}: {operation.key}"
        _check(data["answer"], place)
        opens, removes = data.get("opens"), data.get("removes")
        yield ImmediateOperation(
            operation,
            data["answer"],
            None if opens is None else int(opens.get("valid_seconds", 0)) * 1000,
            0 if opens is None else int(opens.get("clip_ms", 0)),
            None if removes is None else Removal(path_of(removes["field"]), tuple(removes["families"])),
            read_names(data),
            read_rules(data, place),
        )


def _check(template: Any, where: str) -> None:
    for name in names(template):
        base, dot, rest = name.partition(".")
        if name not in KNOWN and not (dot and rest and base in WITH_MEMBERS):
            known = ", ".join(f"${one}" for one in [*KNOWN, *(f"{one}.…" for one in WITH_MEMBERS)])
            raise UnderstudyError(f"unknown value '${name}'", where=where, advice=f"known: {known}")
