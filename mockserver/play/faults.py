"""Scenarios as they are chosen, and what the chosen ones do together. All misbehaviour is opt-in.

A scenario of `play.scenario_table` is chosen by text, in the same way everywhere (header, prompt, control
plane):

    NAME[:KEY=VALUE[,KEY=VALUE]...][+NAME...]        fail:reason=internal,after_ms=500+latency:ms=200

Every refusal of the profile (a key of `x-errors`) is a scenario too: `account_in_arrears` means
`refuse:situation=account_in_arrears`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import MockError
from understudy.mockserver.play.scenario_table import NOTHING, REFUSAL, ROWS, TABLE, Effects, Scenario
from understudy.specs.behaviour import Twin
from understudy.specs.errors import known_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.behaviour import Situation

# A scenario's text, in characters: at most, and of those that are remembered (512 of them, a few megabytes).
MOST_TEXT = 2000
MOST_REMEMBERED = 200
# So many scenarios at once, and what they do together is remembered.
MOST_CHOSEN = 8
# Refusals that stand beside one of the same name.
TWINS = {
    Twin.DOCUMENTED: ", as the provider's documents have it,",
    Twin.TEXTBOOK: ", as `serve --textbook` does it,",
}
PROMPT_MARK = "#understudy:"
PROMPT_SCENARIO = re.compile(r"#understudy:(\S{1,300})")


@dataclass(frozen=True, slots=True)
class ChosenScenario:
    """One scenario with its parameters; `key` names it where it is counted."""

    row: Scenario
    values: tuple[tuple[str, Any], ...]
    key: str

    def get(self, name: str, default: Any = None) -> Any:
        return dict(self.values).get(name, default)


def read_scenarios(text: str, situations: tuple[str, ...]) -> tuple[ChosenScenario, ...]:
    """The scenarios that `text` chooses; raises MockError with the known names or parameters.

    `situations` are the profile's refusals, each of which is a scenario of its own. What is read is
    remembered, but for long texts: clients send them, and each may differ.
    """
    return (_remembered if len(text) <= MOST_REMEMBERED else _read_scenarios)(text, situations)


def _read_scenarios(text: str, situations: tuple[str, ...]) -> tuple[ChosenScenario, ...]:
    if len(text) > MOST_TEXT:
        raise MockError(f"a scenario of {len(text)} characters", advice=f"at most {MOST_TEXT}")
    return tuple(_read_one(part.strip(), situations) for part in text.split("+") if part.strip())


_remembered = functools.lru_cache(maxsize=512)(_read_scenarios)


def _read_one(text: str, situations: tuple[str, ...]) -> ChosenScenario:
    name, _, rest = text.partition(":")
    given: dict[str, str] = {}
    for pair in rest.split(",") if rest else ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise MockError(f"{pair!r} is not KEY=VALUE", where=f"scenario {name}")
        given[key.strip()] = value.strip()
    if name in situations:
        given["situation"], name = name, "refuse"
    row = TABLE.get(name)
    if row is None:
        advice = known_names(name, [*sorted(TABLE), *situations])
        raise MockError(
            f"unknown scenario {name!r}", advice=f"{advice}; verify-client has its own scenario names"
        )
    if unknown := sorted(given.keys() - row.parameters.keys()):
        takes = ", ".join(row.parameters) or "none"
        raise MockError(
            f"unknown parameter {unknown[0]!r}", where=f"scenario {name}", advice=f"it takes: {takes}"
        )
    values = {
        key: p.read(given[key], f"scenario {name}, {key}") if key in given else p.default
        for key, p in row.parameters.items()
    }
    if "situation" in values and values["situation"] not in situations:
        known = ", ".join(situations)
        raise MockError(
            f"unknown situation {values['situation']!r}", where=f"scenario {name}", advice=f"known: {known}"
        )
    return ChosenScenario(row, tuple(values.items()), text)


def effects(chosen: tuple[ChosenScenario, ...], operation: str = "") -> Effects:
    """What the chosen scenarios do to `operation`; "" leaves out what strikes answers only."""
    return (_remembered_effects if len(chosen) <= MOST_CHOSEN else _effects)(chosen, operation)


def _effects(chosen: tuple[ChosenScenario, ...], operation: str) -> Effects:
    total = NOTHING
    for one in chosen:
        at = one.get("at")
        struck = at is None or (at in ("any", operation) if operation else one.row.called_back)
        if not struck:
            continue
        change = one.row.effects(dict(one.values))
        if "mutations" in change:
            change["mutations"] = (*total.mutations, *change["mutations"])
        total = replace(total, **{name: value for name, value in change.items() if value != _DEFAULTS[name]})
    return total


_remembered_effects = functools.lru_cache(maxsize=512)(_effects)
_DEFAULTS = {f.name: f.default for f in fields(Effects)}


def refusal_sentence(situation: Situation) -> str:
    """What is answered; details that differ are in capitals: FIELD for `{field}`."""
    words = re.sub(r"\{(\w+)\}", lambda place: place[1].upper(), situation.message)
    twin = TWINS[situation.twin] if situation.twin is not None else ""
    return f"Refused{twin} with HTTP {situation.status}, code {situation.code}: {words}."


def listing(situations: Mapping[str, Situation]) -> list[dict[str, Any]]:
    """Every scenario with a sentence and its parameters, for the control plane; sorted by name."""
    rows = [
        {
            "name": row.name,
            "sentence": row.sentence,
            "parameters": {
                name: {
                    "default": None if p.default in (-1, "") else p.default,
                    "meaning": p.text,
                    **({"one_of": list(p.words)} if p.words else {}),
                }
                for name, p in row.parameters.items()
            },
        }
        for row in ROWS
    ]
    answer = {n: {"default": p.default, "meaning": p.text} for n, p in REFUSAL.items()}
    rows += [
        {
            "name": name,
            "sentence": refusal_sentence(situation),
            "parameters": answer,
        }
        for name, situation in situations.items()
    ]
    return sorted(rows, key=lambda row: str(row["name"]))
