"""A provider's own names of fields, in what `x-task` and `x-immediate` say of requests.

Pointers and templates get the provider's names. Rules keep the vendor's, and `aliases` beside them says which
differ: {/model_name: model}, the vendor's place and the provider's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.pointers import path_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.pointers import Path

ITEMS = "[]"
RULES = ("rules", "capabilities")
TEMPLATE = "$request."


class OwnNames:
    """What fields are called by the vendor and by a provider."""

    __slots__ = ("_own", "_vendors")

    def __init__(self, aliases: Mapping[Path, str]) -> None:
        """aliases: the vendor's place -> the provider's name there."""
        # Holder's place, by the vendor's names -> name -> name.
        self._own: dict[Path, dict[str, str]] = {}
        self._vendors: dict[Path, dict[str, str]] = {}
        for place, name in aliases.items():
            self._own.setdefault(place[:-1], {})[place[-1]] = name
            self._vendors.setdefault(place[:-1], {})[name] = place[-1]

    @classmethod
    def of(cls, task: Mapping[str, Any]) -> OwnNames:
        return cls({path_of(pointer): name for pointer, name in task.get("aliases", {}).items()})

    def __bool__(self) -> bool:
        return bool(self._own)

    def vendors(self, request: Any, place: Path = ()) -> Any:
        """A request of the provider's with the vendor's names."""
        if isinstance(request, list):
            return [self.vendors(item, (*place, ITEMS)) for item in request]
        if not isinstance(request, dict):
            return request
        names = self._vendors.get(place, {})
        named = [(names.get(name) or name, value) for name, value in request.items()]
        return {name: self.vendors(value, (*place, name)) for name, value in named}

    def own(self, request: Any, place: Path = ()) -> Any:
        """A request with the vendor's names as the provider has it."""
        if isinstance(request, list):
            return [self.own(item, (*place, ITEMS)) for item in request]
        if not isinstance(request, dict):
            return request
        names = self._own.get(place, {})
        return {names.get(name) or name: self.own(value, (*place, name)) for name, value in request.items()}

    def own_place(self, place: Path) -> Path:
        """A place with the provider's names; items of lists are counted, or []."""
        steps = tuple(ITEMS if name.isdigit() else name for name in place)
        return tuple(self._own.get(steps[:depth], {}).get(name) or name for depth, name in enumerate(place))

    def retarget(self, behaviour: dict[str, Any]) -> None:
        """Point an `x-task` or `x-immediate` at the provider's names.

        Those are the members of `request`, every `field` ({field: /n, default: 1}), and `$request.a.b`.
        """
        if not self:
            return
        pointers = [behaviour.get("request", {})]
        for node in list(_nodes(behaviour, RULES)):
            if isinstance(node, dict) and isinstance(node.get("field"), str):
                pointers.append(node)
            for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
                if isinstance(value, str) and value.startswith(TEMPLATE):
                    named = self.own_place(tuple(value.removeprefix(TEMPLATE).split(".")))
                    node[key] = TEMPLATE + ".".join(named)
        for holder in pointers:
            for key, value in holder.items():
                if isinstance(value, str) and value.startswith("/"):
                    holder[key] = text_of(self.own_place(path_of(value)))
        if not behaviour.keys().isdisjoint(RULES):
            places = [(*holder, old) for holder, names in self._own.items() for old in names]
            behaviour["aliases"] = {text_of(place): self._own[place[:-1]][place[-1]] for place in places}


def _nodes(node: Any, but: tuple[str, ...] = ()) -> Iterator[Any]:
    """Every object and list inside a value, itself first, but for some of its members."""
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key not in but:
                yield from _nodes(value)
    elif isinstance(node, list):
        yield node
        for value in node:
            yield from _nodes(value)
