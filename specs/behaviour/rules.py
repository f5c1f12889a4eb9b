"""Rules across the fields of a request, which no schema of one field can say.

They stand in `rules` of an `x-task`, a list of

    id: R10                          # by which reports and tests name it
    field: /prompt                   # the field at fault
    says: must not be empty          # our words for it, behind the field's name
    text: Image tail is not …        # the provider's own words in full, where they are known
    when: {…}                        # JSON Schema (2020-12): the requests that it is about; all, without it
    must: {…}                        # JSON Schema that such a request must match; or one of KINDS by name
    sum: {of: /multi_prompt/[]/duration, equals: /duration}
    apart: {of: [/start, /end], least: 2000}
    pictures: {of: [/image, /mask], same: ratio}
    fails: invalid_pixel             # such a request is taken, and its task fails so
    unknown: true                    # what the provider does is not known: it is taken, and no promise
    breaks: {…}                      # a request that breaks it
    passes: {…}                      # one as near as can be that does not

`capabilities` beside them is a table by model, judged as one rule more:

    id: R3

    model: /model_name               # where a request names the model; `default` where it does not
    default: kling-v1
    values: {mode: std, duration: '5'}                # fields, and what is meant when they are left out
    unless: {duration: {required: [video]}}           # requests that have no use for such a field
    features: {image_tail: {required: [image_tail]}}  # when a request uses a feature, as JSON Schema
    models:
      kling-v1: {duration: ['5', '10'], image_tail: {duration: ['5']}, sound: false}

A provider with names of its own has `aliases` beside them (`specs.behaviour.own_names`).

A row says which values of a field a model takes, and of a feature: whether it has it at all, or with which
values. A model without a row may do anything. Absent fields, null, "" and [] are all the same here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.own_names import OwnNames
from understudy.specs.behaviour.rule_kinds import KINDS, FieldRule, RuleBreach, compiled, without_empty
from understudy.specs.errors import UnderstudyError
from understudy.specs.pointers import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from understudy.specs.behaviour.rule_kinds import Judge

# What of a request is broken, where it is no keyword of a schema.
RULE = "rule"
LISTED, CAPABILITIES = "rules", "capabilities"


class FieldRules:
    """The rules of one create operation. Their schemas are compiled when the first request is judged."""

    __slots__ = ("_compiled", "_names", "rules")

    def __init__(self, rules: tuple[FieldRule, ...], names: OwnNames | None = None) -> None:
        self.rules = rules
        self._names = names or None
        self._compiled: list[tuple[FieldRule, Callable[[Any], bool] | None, Judge]] | None = None

    def breaches(self, request: Any) -> Iterator[RuleBreach]:
        """Every rule that a request breaks; a request that is no object breaks none."""
        if not isinstance(request, dict):
            return
        if self._compiled is None:
            self._compiled = [(rule, *compiled(rule)) for rule in self.rules]
        names = self._names
        plain = without_empty(request if names is None else names.vendors(request))
        for rule, about, judge in self._compiled:
            if about is None or about(plain):
                for breach in judge(rule, plain):
                    yield breach if names is None else replace(breach, place=names.own_place(breach.place))

    def refusal(self, request: Any) -> RuleBreach | None:
        """The first breach for which a request is refused at create."""
        return next((one for one in self.breaches(request) if one.rule.refuses), None)

    def outcome(self, request: Any) -> RuleBreach | None:
        """The first breach for which a request is refused, else the first for which its task fails."""
        failing = None
        for one in self.breaches(request):
            if one.rule.refuses:
                return one
            if failing is None and one.rule.fails:
                failing = one
        return failing

    @property
    def lenient(self) -> bool:
        """Whether any rule lets requests be taken that break it."""
        return any(not rule.refuses for rule in self.rules)

    def fits(self, request: Any) -> bool:
        """Whether a request breaks no rule of any kind: what such a one does is known."""
        return next(self.breaches(request), None) is None


def read_rules(task: Mapping[str, Any], where: str) -> FieldRules | None:
    """The rules in an `x-task`, None where it has none.

    Raises UnderstudyError for a rule that says nothing known.
    """
    names = OwnNames.of(task)
    rules = [_read(one, where) for one in task.get(LISTED, ())]
    table = task.get(CAPABILITIES)
    if table is not None:
        rules += [
            FieldRule(
                str(table.get("id", "capabilities")), path_of(table["model"]), "", "", "", False,
                table.get("breaks"), table.get("passes"), "capabilities", table,
            )
        ]  # fmt: skip
    if names:
        rules = [replace(one, breaks=names.own(one.breaks), passes=names.own(one.passes)) for one in rules]
    return FieldRules(tuple(rules), names) if rules else None


def _read(one: Mapping[str, Any], where: str) -> FieldRule:
    kinds = [kind for kind in KINDS if kind in one]
    if len(kinds) != 1:
        raise UnderstudyError(
            f"rule {one.get('id', '?')} says {' and '.join(kinds) or 'nothing that can be judged'}",
            where=f"{where}: {LISTED}",
            advice=f"one of {', '.join(KINDS)}",
        )
    [kind] = kinds
    return FieldRule(
        id=str(one["id"]),
        place=path_of(one.get("field", "")),
        says=str(one.get("says", "does not go with the other fields")),
        text=str(one.get("text", "")),
        fails=str(one.get("fails", "")),
        unknown=one.get("unknown") is True,
        breaks=one.get("breaks"),
        passes=one.get("passes"),
        kind=kind,
        given=one[kind],
        when=one.get("when"),
    )
