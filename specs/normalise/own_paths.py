"""Operations of the vendor's that a provider sells at a path of its own: another version, another prefix.

`/nimbus/v2/images/x` is the vendor's `/v1/images/x` where it ends alike behind the version and asks for the
same things; then what stands beside it is the vendor's too. The provider's own path is kept among the
conventions, so that it is played and verified there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from understudy.specs.behaviour.own_paths import PATHS
from understudy.specs.model import Note
from understudy.specs.places import operation_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.model import Field, Operation
    from understudy.specs.normalise.draft import SpecDraft

_VERSION = re.compile(r"/v\d+[a-z0-9]*(?=/)")
_PARAMETER = re.compile(r"\{[^/{}]*\}")


def own_paths(draft: SpecDraft) -> SpecDraft:
    """Operations at a path of the provider's own stand at the vendor's; each that moved is noted."""
    taken = dict(_said_by_hand(draft.spec.operations))
    strange = {key: one for key, one in draft.spec.operations.items() if key not in draft.known}
    for key, one in strange.items():
        same = _same_create(one, draft.known)
        if same and operation_key(one.method, same) not in draft.spec.operations:
            taken[same] = one.path
            strange = {**strange, key: replace(one, path=same, own_path=one.path)}
    prefixes = {
        (own.removesuffix(_rest(path)), path) for path, own in taken.items() if own.endswith(_rest(path))
    }
    for key, one in strange.items():
        beside = None if one.own_path else _beside(one, draft.known, prefixes)
        if beside and operation_key(one.method, beside) not in draft.spec.operations:
            taken[beside] = _with_names(one.path, beside)
            strange = {**strange, key: replace(one, path=beside, own_path=one.path)}
    if not taken:
        return draft
    moved = [strange.get(key, one) for key, one in draft.spec.operations.items()]
    conventions = {**draft.spec.conventions, PATHS: {**taken, **draft.spec.conventions.get(PATHS, {})}}
    return draft.with_(
        operations=MappingProxyType({operation_key(one.method, one.path): one for one in moved}),
        notes=(*draft.spec.notes, *(_note(one, draft) for one in moved if one.own_path)),
        conventions=conventions,
    )


def _said_by_hand(operations: Mapping[str, Operation]) -> Iterator[tuple[str, str]]:
    """Those that a person took for the vendor's, whatever their paths are; a path with other variables
    cannot be played."""
    for one in operations.values():
        if one.own_path and one.own_path.count("{") == one.path.count("{"):
            yield one.path, _with_names(one.own_path, one.path)


def _same_create(one: Operation, known: Mapping[str, Sequence[Field]]) -> str:
    """The path of the vendor's operation that this one is by its end and by what it asks for; "" for none."""
    names = {field.path[0] for field in one.request if field.path}
    for key, fields in known.items():
        method, _, path = key.partition(" ")
        if method != one.method.upper() or not fields or not one.path.endswith(_rest(path)):
            continue
        theirs = {field.path[0] for field in fields if len(field.path) == 1}
        required = {field.path[0] for field in fields if len(field.path) == 1 and field.get("required")}
        if required <= names and 2 * len(names & theirs) >= len(names):
            return path
    return ""


def _beside(one: Operation, known: Mapping[str, Sequence[Field]], prefixes: set[tuple[str, str]]) -> str:
    """The path of the vendor's operation at or below one that stands at this prefix; "" for none."""
    for prefix, create in prefixes:
        for key in known:
            method, _, path = key.partition(" ")
            if (
                method == one.method.upper()
                and (path == create or path.startswith(f"{create}/"))
                and _blank(one.path) == _blank(prefix + _rest(path))
            ):
                return path
    return ""


def _rest(path: str) -> str:
    """A path behind its version."""
    return _VERSION.sub("", path, count=1)


def _blank(path: str) -> str:
    return _PARAMETER.sub("{}", path)


def _with_names(path: str, other: str) -> str:
    """A path with its variables called as the other's are."""
    names = iter(_PARAMETER.findall(other))
    return _PARAMETER.sub(lambda found: next(names, found.group()), path)


def _note(one: Operation, draft: SpecDraft) -> Note:
    stated = (word.evidence.document for field in one.request for word in field.keywords)
    document = next(stated, draft.profile.documents[0].name if draft.profile.documents else draft.spec.name)
    text = (
        f"the page says {one.method.upper()} {one.own_path}: compared as {one.path}, "
        "played and verified at its own path"
    )
    return Note("contradiction", text, document, one.line)
