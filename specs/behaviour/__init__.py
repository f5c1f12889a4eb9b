"""What a provider does, read once: `x-task`, `x-errors`, `x-conventions` and templates as typed records.

An OpenAPI schema says which shape a body has; these extensions say what happens: which states a task goes
through, what they mean, where results stand, how requests are refused, what is called back. Everything that
plays, checks, grades or compares works on the records here; nothing else reads the extensions.

What a provider is known to forgive in requests stands in `request` of its `x-conventions`:

    content_type: checked             # it refuses media types that its document does not declare
    numbers_for_texts: taken          # `duration: 5` for "5": taken, refused, or (the default) unknown

>>> from understudy.specs.library import effective
>>> behaviour = read(effective("canonical"), "canonical")
>>> family = behaviour.families[0]
>>> family.lifecycle.route(family.lifecycle.success)
('submitted', 'processing', 'succeed')
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.answers import Answers, read_answers
from understudy.specs.behaviour.family import TaskFamily, read_family
from understudy.specs.behaviour.family_parts import Amount, Cost, Places, ResultRule
from understudy.specs.behaviour.immediate import ImmediateOperation, read_immediate
from understudy.specs.behaviour.lifecycle import Lifecycle, State, StateClass
from understudy.specs.behaviour.operations import (
    BEHAVIOUR,
    TASK,
    FamilyOperations,
    OperationPlace,
    all_operations,
    creates,
    operations_by_id,
    operations_of,
    query_link,
)
from understudy.specs.behaviour.own_paths import at_own_paths
from understudy.specs.behaviour.situations import (
    RefusalForm,
    Situation,
    SituationKind,
    Twin,
    read_refusals,
)
from understudy.specs.behaviour.told_headers import read_limit_headers
from understudy.specs.errors import UnderstudyError, known_names

if TYPE_CHECKING:
    from collections.abc import Mapping

ERRORS = "x-errors"
CONVENTIONS = "x-conventions"
# The mark of what a provider's documents do not mention: nobody promised anything about it.
UNDOCUMENTED = "x-undocumented"


class NumbersForTexts(StrEnum):
    """What a provider does with a number where its document has a text."""

    TAKEN = "taken"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """All that one document says about behaviour; `document` is the OpenAPI document."""

    name: str
    title: str
    families: tuple[TaskFamily, ...]
    refusals: RefusalForm
    answers: Answers
    # Whether the provider is known to refuse a body of a media type that its document does not declare.
    checks_content_type: bool
    # What the provider does with a number where its document has a text (`duration: 5`).
    numbers_for_texts: NumbersForTexts
    # Headers of answers that tell an account's limits, in the words of `told_headers`.
    limit_headers: Mapping[str, str]
    document: Mapping[str, Any] = field(repr=False)
    # Operations that start no task.
    immediate: tuple[ImmediateOperation, ...] = ()

    def family(self, name: str) -> TaskFamily:
        """The family of that name; raises UnderstudyError with the known ones."""
        for one in self.families:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.families)
        raise UnderstudyError(f"unknown task family {name!r} of {self.name}", advice=f"known: {known}")


def read(document: Mapping[str, Any], name: str = "") -> Behaviour:
    """The behaviour that an OpenAPI document describes; `name` is the provider's, for messages.

    Raises UnderstudyError when no operation has x-task, or an extension cannot be understood.
    """
    called = name or str(document.get("info", {}).get("title", ""))
    document = at_own_paths(document)
    conventions = document.get(CONVENTIONS, {})
    answers = read_answers(conventions, f"{called}: {CONVENTIONS}")
    if BEHAVIOUR in document:
        # Here: `serve` of an API that an OpenAPI document describes starts 15 ms sooner without it.
        from understudy.specs.behaviour.described import families_of

        families = families_of(document[BEHAVIOUR], document, answers)
    else:
        by_id = operations_by_id(document)
        families = tuple(
            read_family(
                create.raw[TASK],
                operations_of(create, document, by_id),
                answers,
                documented=not create.raw.get(UNDOCUMENTED),
            )
            for create in creates(document)
        )
    if not families:
        raise UnderstudyError(
            f"{called}: no operation has {TASK}",
            advice="a create needs it to be served and checked",
        )
    return Behaviour(
        name=called,
        title=str(document.get("info", {}).get("title", called)),
        families=families,
        refusals=read_refusals(document.get(ERRORS, {}), conventions, f"{called}: {CONVENTIONS}.error"),
        answers=answers,
        checks_content_type=conventions.get("request", {}).get("content_type") == "checked",
        numbers_for_texts=_numbers_for_texts(conventions, called),
        limit_headers=read_limit_headers(
            conventions.get("limits", {}).get("headers", {}), f"{called}: {CONVENTIONS}.limits.headers"
        ),
        document=document,
        immediate=tuple(read_immediate(document, called)),
    )


def _numbers_for_texts(conventions: Mapping[str, Any], called: str) -> NumbersForTexts:
    stated = conventions.get("request", {}).get("numbers_for_texts", NumbersForTexts.UNKNOWN)
    try:
        return NumbersForTexts(stated)
    except ValueError:
        raise UnderstudyError(
            f"unknown numbers_for_texts {stated!r}",
            where=f"{called}: {CONVENTIONS}.request",
            advice=known_names(str(stated), [str(one) for one in NumbersForTexts]),
        ) from None


__all__ = [
    "TASK",
    "UNDOCUMENTED",
    "Amount",
    "Answers",
    "Behaviour",
    "Cost",
    "FamilyOperations",
    "ImmediateOperation",
    "Lifecycle",
    "NumbersForTexts",
    "OperationPlace",
    "Places",
    "RefusalForm",
    "ResultRule",
    "Situation",
    "SituationKind",
    "State",
    "StateClass",
    "TaskFamily",
    "Twin",
    "all_operations",
    "creates",
    "operations_of",
    "query_link",
    "read",
]
