"""Names of fields in rules: rules speak of the vendor's, requests of a provider have the provider's own.

`aliases` of an `x-task` says which differ: {/model_name: model}, the vendor's place and the provider's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.pointers import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.pointers import Path

ITEMS = "[]"


class RuleNames:
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
    def of(cls, task: Mapping[str, Any]) -> RuleNames:
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
