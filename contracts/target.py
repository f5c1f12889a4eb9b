"""What a provider promises, as the engine reads it: one TargetFamily per create operation with `x-task`.

Everything comes from the provider's effective OpenAPI document; no field, path or status stands in Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from understudy.contracts.failures import TargetError
from understudy.contracts.target_family import TargetFamily, read_family, with_source
from understudy.specs.behaviour import UNDOCUMENTED, Behaviour, read
from understudy.specs.behaviour.axes import AccountRule
from understudy.specs.library import CANONICAL, effective, providers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from understudy.contracts.trace import Exchange, Response
    from understudy.specs.behaviour import RefusalForm, Situation, SituationKind

OK, TIMED_OUT = 200, 504
# The situation of an account that runs as many tasks as it may; waiting for one to end helps.
TOO_MANY_TASKS = "too_many_tasks"


@dataclass(frozen=True, slots=True)
class Target:
    """A provider's promises: its families, its refusals, its way to write errors."""

    provider: str
    document: Mapping[str, Any] = field(repr=False)
    behaviour: Behaviour = field(repr=False)
    families: tuple[TargetFamily, ...]
    # Whose promises hold where no page of a reseller describes an operation; None for an API of its own.
    vendor: Target | None = field(default=None, repr=False)
    # What is worked out from the document once and used by many runs.
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def family(self, name: str) -> TargetFamily:
        for one in self.families:
            if one.name == name:
                return one
        known = ", ".join(f.name for f in self.families)
        raise TargetError(f"{self.provider} has no family {name!r}", advice=f"known: {known}")

    def asked(self, names: Collection[str] = ()) -> list[TargetFamily]:
        """The families of those names; without names, those that the provider's documents describe.

        Nobody promised the others, unless there are no documents of its own: then it is held to what it
        passes on, all of it. Raises TargetError for an unknown name.
        """
        named = [self.family(name) for name in names]
        return named or [f for f in self.families if f.documented] or list(self.families)

    def left_out(self, asked: Collection[TargetFamily]) -> list[str]:
        """The names of families that nobody promised and that are not among `asked`."""
        return [f.name for f in self.families if not f.documented and f not in asked]

    @property
    def challenges(self) -> list[tuple[Any, Any]]:
        """What the provider may ask of a callback's address at create, and the answer: (body, answer)."""
        callbacks = [f.behaviour.axes.callback for f in self.families if f.behaviour.axes is not None]
        rules = [one.challenge for one in callbacks if one is not None and one.challenge is not None]
        return [(rule.body, rule.answer) for rule in rules]

    @property
    def servers(self) -> list[str]:
        """The URLs or path prefixes below which the API may be, the provider's own first.

        A mock or a gateway may have it below the prefix of any that sell the same API.
        """
        own = [str(s.get("url", "")) for s in self.document.get("servers", ())]
        others = effective(CANONICAL).get("servers", ()) if self.provider in providers() else ()
        return list(dict.fromkeys([*own, *(str(s.get("url", "")) for s in others)]))

    @property
    def account(self) -> AccountRule:
        """Where requests carry the key."""
        axes = self.families[0].behaviour.axes
        return axes.service.account if axes is not None else AccountRule()

    @property
    def bearer(self) -> bool:
        """Whether a key is a bearer token (RFC 6750) and an account, and nothing else is needed."""
        return self.behaviour.families[0].axes is None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that requests must carry, beside the key."""
        axes = self.families[0].behaviour.axes
        wanted = {**axes.service.headers, **axes.create.headers} if axes is not None else {}
        return {name: value or "any" for name, value in wanted.items()}

    @property
    def refusals(self) -> RefusalForm:
        return self.behaviour.refusals

    def expected(self, situations: Iterable[str], *, silent: bool = False) -> list[tuple[int, str]]:
        """(HTTP status, code) of refusals for these situations; codes as text.

        `silent`: of an operation that no page describes, where the vendor's are as good.
        """
        names = list(situations)
        known = [self.refusals.situations[s] for s in names if s in self.refusals.situations]
        found = [(self.refusals.status_of(s), str(self.refusals.code_of(s))) for s in known]
        return found + (self.vendor.expected(names) if silent and self.vendor else [])

    def recognised(self, response: Response | None) -> tuple[Situation, ...]:
        """The situations that an answer may mean by its status and code; () for none, and for a success."""
        if response is None:
            return ()
        body = response.json()
        code = self.refusals.code_in(body)
        if code is None or str(code) == str(self.refusals.success_code):
            return ()
        return self.refusals.recognised(response.status, body)

    def of_kind(self, response: Response | None, *kinds: SituationKind) -> bool:
        """Whether an answer can only mean situations of these kinds."""
        found = self.recognised(response)
        return bool(found) and all(one.kind in kinds for one in found)

    def accepted(self, family: TargetFamily, response: Any) -> bool:
        """Whether an answer to a create took the request: 2xx, no error code, a task record inside."""
        if response is None or not OK <= response.status < 300:
            return False
        body = response.json()
        return not self.is_error(body) and family.record(body) is not None

    def may_have_taken(self, family: TargetFamily, exchange: Exchange) -> bool:
        """Whether a task may exist after a create: accepted, or its answer was lost or cannot be read."""
        if exchange.response is None:
            return not exchange.case.get("unsent")
        code = self.refusals.code_in(exchange.response.json())
        refused = code is not None and str(code) != str(self.refusals.success_code)
        unreadable = OK <= exchange.status < 300 and not refused
        return unreadable or exchange.status == TIMED_OUT or self.accepted(family, exchange.response)

    def is_error(self, body: Any) -> bool:
        """Whether a body's code says refused, whatever the HTTP status."""
        return self.refusals.is_error(body)

    def permanent(self, response: Response | None) -> bool:
        """Whether a refusal stays one however often it is asked: no money, an address that is not let in."""
        found = self.recognised(response)
        return bool(found) and all(one.permanent for one in found)

    def crowded(self, response: Response | None) -> bool:
        """Whether a create was refused because the account runs as many tasks as it may."""
        return any(one.name == TOO_MANY_TASKS for one in self.recognised(response))


def read_target(provider: str) -> Target:
    """The target for a profile name of `specs.library.profiles()`; raises UnderstudyError for others."""
    return _with_vendor(target_from(provider, effective(provider)))


def _with_vendor(target: Target) -> Target:
    """A reseller's target that takes the vendor's form, too, of answers that none of its pages describes.

    What passes a gateway untouched keeps the vendor's statuses and codes, whatever the pages about another
    operation say.
    """
    silent = {f.name: _silent(f) for f in target.families}
    if not any(silent.values()) or target.provider not in providers():
        return target
    vendor = target_from(CANONICAL, effective(CANONICAL))
    others = {f.name: f for f in vendor.families}
    families = [_also(one, others.get(one.name), silent[one.name]) for one in target.families]
    return replace(target, families=tuple(families), vendor=vendor)


def _also(family: TargetFamily, own: TargetFamily | None, silent: frozenset[str]) -> TargetFamily:
    """The family, with the vendor's shapes beside its own for the operations that are `silent`."""
    if not silent or own is None:
        return family
    queried, listed = family.queried, family.listed
    if "query" in silent:
        queried = replace(queried, other=own.queried)
    if "list" in silent and listed is not None:
        listed = replace(listed, other=own.listed)
    there = replace(family.refused, other=own.refused)
    return replace(family, silent=silent, queried=queried, listed=listed, refused_there=there)


def _silent(family: TargetFamily) -> frozenset[str]:
    operations = family.behaviour.operations
    found = {"query": operations.query, "list": operations.list}
    return frozenset(name for name, one in found.items() if one is not None and one.raw.get(UNDOCUMENTED))


def target_from(provider: str, document: Mapping[str, Any]) -> Target:
    """The target that an OpenAPI document with `x-task` describes; raises UnderstudyError for others."""
    behaviour = read(document, provider)
    # With the provider's own paths, where it has others.
    document = behaviour.document
    families = tuple(with_source(read_family(document, one), behaviour) for one in behaviour.families)
    return Target(provider, document, behaviour, families)
