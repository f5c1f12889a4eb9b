"""How a provider wraps records: the answers of `x-conventions`, as templates.

success:  {code: 0, message: SUCCEED}
answers:                      # each optional; default {code, message, request_id, data: RECORD}
  create: TEMPLATE
  query: TEMPLATE
  list: TEMPLATE
  callback: TEMPLATE          # default: the bare record
record: {platform_id: $id}    # members added to every record: name -> TEMPLATE
next_generation:              # how a newer API of the same vendor words it, which clients may meet
  callback: TEMPLATE
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.template_reading import place_of
from understudy.specs.behaviour.templates import check_template
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.pointers import Path

ANSWERS = ("create", "query", "list", "callback")


@dataclass(frozen=True, slots=True)
class Answers:
    """The wrappers of one provider. `templates` maps an answer of ANSWERS -> TEMPLATE, where it does not do
    as the vendor does; `extra` is name -> TEMPLATE, added to every record; `next_callback` is the TEMPLATE of
    a newer API's callback, None where none is known."""

    success_code: Any = 0
    success_message: str = ""
    templates: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    next_callback: Any = None

    def record_place(self, answer: str, record: Path) -> Path | None:
        """Where the vendor's record stands in the body of `answer`; `record` is its place in `$body`.

        None when the wrapper holds no record as the vendor writes it.
        """
        template = self._template(answer)
        whole = place_of(template, "body")
        return (*whole, *record) if whole is not None else place_of(template, "record")

    def id_place(self, answer: str, record: Path, ident: Path) -> Path | None:
        """Where the task's id stands in the body of `answer`, None when it does not.

        `record` is the record's place in `$body`, `ident` the id's place in the record.
        """
        own = place_of(self._template(answer), "id")
        whole = self.record_place(answer, record)
        inside = None if whole is None else (*whole, *ident)
        return min((place for place in (own, inside) if place is not None), key=len, default=None)

    def _template(self, answer: str) -> Any:
        return self.templates.get(answer, "$record" if answer == "callback" else "$body")


def read_answers(conventions: Mapping[str, Any], where: str = "x-conventions") -> Answers:
    """The wrappers of a document's `x-conventions`; raises UnderstudyError for what is not known."""
    templates: Mapping[str, Any] = conventions.get("answers", {})
    if unknown := sorted(templates.keys() - set(ANSWERS)):
        raise UnderstudyError(
            f"unknown answer {unknown[0]!r}", where=where, advice=f"known: {', '.join(ANSWERS)}"
        )
    extra: Mapping[str, Any] = conventions.get("record", {})
    newer = conventions.get("next_generation", {}).get("callback")
    check_template([*templates.values(), *extra.values(), newer], where)
    success: Mapping[str, Any] = conventions.get("success", {})
    return Answers(success.get("code", 0), success.get("message", ""), dict(templates), dict(extra), newer)
