"""The behaviour of an API that a description describes, as the same records as every other."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.axes_reading import read_axes, read_service
from understudy.specs.behaviour.family import TaskFamily
from understudy.specs.behaviour.family_parts import Cost, Places, ResultRule, read_amount
from understudy.specs.behaviour.lifecycle import Lifecycle, State, StateClass
from understudy.specs.behaviour.openapi import id_place, result_place, status_place
from understudy.specs.behaviour.operations import TASK, FamilyOperations, OperationPlace, operations_by_id
from understudy.specs.behaviour.rules import read_rules
from understudy.specs.behaviour.shared_paths import first_with
from understudy.specs.behaviour.template_reading import place_of
from understudy.specs.behaviour.templates import chosen, is_json_text, names, of_state
from understudy.specs.pointers import at, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.behaviour.answers import Answers
    from understudy.specs.behaviour.axes import Axes, ServiceRule


def families_of(
    data: Mapping[str, Any], document: Mapping[str, Any], answers: Answers
) -> tuple[TaskFamily, ...]:
    """The families of a complete description; `document` is the OpenAPI document made of it."""
    service = read_service(data)
    by_id = operations_by_id(document)
    return tuple(
        _family(name, family, service, _places_of(name, data["families"], by_id), answers)
        for name, family in data["families"].items()
    )


def _places_of(
    name: str, families: Mapping[str, Any], by_id: Mapping[str, OperationPlace]
) -> FamilyOperations:
    def place(kind: str) -> OperationPlace:
        return by_id[f"{kind}_{first_with(families, kind, name)}".replace("-", "_")]

    return FamilyOperations(
        create=next(o for o in by_id.values() if o.raw.get(TASK, {}).get("family") == name),
        query=place("query"),
        id_parameter=families[name]["query"].get("id", {"name": "id"})["name"],
        list=place("list") if "list" in families[name] else None,
    )


def _lifecycle(family: Mapping[str, Any]) -> Lifecycle:
    states = tuple(State(name, StateClass(one["class"])) for name, one in family["states"].items())
    first = {kind: next((s.name for s in states if s.kind is kind), "") for kind in StateClass}
    return Lifecycle(
        states=states,
        initial=family.get("initial", states[0].name),
        transitions={name: tuple(one.get("next", ())) for name, one in family["states"].items()},
        success=first[StateClass.SUCCESS],
        failure=first[StateClass.FAILED] or first[StateClass.MODERATED] or first[StateClass.EXPIRED],
        carries={},
    )


def _family(
    name: str,
    family: Mapping[str, Any],
    service: ServiceRule,
    operations: FamilyOperations,
    answers: Answers,
) -> TaskFamily:
    life, record = _lifecycle(family), family["record"]
    open_states = tuple(state.name for state in life.states if not state.kind.terminal)
    axes = read_axes(family, service, open_states)
    observed, failures = family.get("observed_seconds", {}), axes.failures
    return TaskFamily(
        name=name,
        operations=operations,
        places=Places(
            record=(),
            id=place_of(record, "id") or id_place(family),
            external_id=place_of(record, "external_id") or (),
            status=status_place(record) or (),
            reason=place_of(record, "reason") or (),
            created_at=place_of(record, "created_at") or (),
            updated_at=place_of(record, "updated_at") or (),
        ),
        request={what: path_of(pointer) for what, pointer in family.get("request", {}).items()},
        query_parameters=(),
        page_number=axes.listing.position if axes.listing and axes.listing.by == "page" else "",
        page_size=axes.listing.size if axes.listing else "",
        lifecycle=life,
        result=_result(family["result"], None if _hands_over(axes, life) else record, life.success),
        cost=_cost(family, life.success),
        pool=name,
        slots=read_amount(None, 1),
        median_ms=int(float(observed.get("median", 2)) * 1000),
        spread=float(observed.get("spread", 0)),
        answers=answers,
        failures={key: failure.reason for key, failure in failures.items()},
        bad_picture=family.get("bad_picture", ""),
        usual_failure=family.get("usual_failure", next(iter(failures), "")),
        rules=read_rules(family, f"family {name}"),
        axes=axes,
    )


def _hands_over(axes: Axes, life: Lifecycle) -> bool:
    """Whether a query for a task that has succeeded is answered with the result itself."""
    return axes.query.replies.of(life.success).is_file


def _cost(family: Mapping[str, Any], success: str) -> Cost:
    """What a task costs; where a record tells it counts only where the description says how much it is."""
    told = family.get("cost", {})
    record = of_state(family["record"], success)
    text, number = (place_of(record, name) if told else None for name in ("units_text", "units"))
    return Cost(text or number or (), Decimal(str(told.get("units_each", 1))), as_text=number is None)


def _result(data: Mapping[str, Any], record: Any, success: str) -> ResultRule:
    """`record`: the template that tells results in state `success`; None where an answer is the result."""
    duration = data.get("duration_seconds")
    told = {name for name in names(record) if name.startswith("item.")}
    place = result_place(record) or ()
    return ResultRule(
        at=place,
        kind=data["kind"],
        media_type=data["media_type"],
        count=read_amount(data.get("count"), 1),
        aspect_ratio=read_amount(data.get("aspect_ratio"), "16:9"),
        duration=read_amount(duration, "5") if duration or data["kind"] != "image" else None,
        duration_spread=0.0,
        item={name.removeprefix("item."): name.removeprefix("item.") for name in sorted(told)}
        or {"url": "url"},
        valid_ms=int(data.get("valid_seconds", 0)) * 1000,
        is_json_text=is_json_text(chosen(at(record, place), success)),
    )
