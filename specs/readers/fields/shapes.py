"""The shape of a value that stands in a field's description: `[{"image": "url"}]`, `"image_list": [ … ]`.

Such a shape is an example: it shows the fields below this one where nothing else states them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from understudy.specs.model import UNTOLD_NAME, Field
from understudy.specs.readers.trees import examples

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from understudy.specs.model import FieldPath
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.text.page_text import FieldDraft
    from understudy.specs.readers.trees.nodes import Node

# What may stand around the data of an answer.
ENVELOPE = frozenset(("code", "message", "msg", "request_id", "requestId", "data", "success", "timestamp"))
MAX_SHAPES = 3
MAX_DEPTH = 12
_SHAPE = re.compile(
    r"(?:\"(?P<name>[A-Za-z_][\w-]{0,79})\"\s{0,5}[:：]\s{0,5})?(?P<json>[\[{]\s{0,40}[\[{\"“])"
)
_NAME = re.compile(r"[A-Za-z_$][\w$-]{0,79}\Z")


def below(draft: FieldDraft, log: FactLog) -> list[Field]:
    """The fields below the draft's that the first shape in its description, or else in an example of it,
    shows; [] where there is none."""
    type_ = draft.get("type")
    pieces = [*draft.pieces, *draft.samples]
    if type_ not in (None, "array", "object") or not pieces:
        return []
    text = "\n".join(piece.text for piece in pieces)
    if "{" not in text and "[" not in text:
        return []
    for count, match in enumerate(_SHAPE.finditer(text)):
        if count == MAX_SHAPES:
            break
        line = pieces[min(text.count("\n", 0, match.start("json")), len(pieces) - 1)].number
        plain = text.translate({0x201C: '"', 0x201D: '"'})
        shown = examples.shown(plain, match.start("json"), line, log, quiet=True)
        if shown is None:
            continue
        node = _own(shown.root, draft.path)
        if _fits(node, type_):
            return examples.shown_fields(node, log, draft.path)[1:]
    return []


def _own(root: Node, path: FieldPath) -> Node:
    """The value of the field itself where the shape is an object around it."""
    name = next((step for step in reversed(path) if step != "[]"), "")
    if root.kind == "map" and len(root.pairs) == 1 and root.pairs[0][0].text == name:
        return root.pairs[0][1]
    return root


def _fits(node: Node, type_: str | None) -> bool:
    kind = "seq" if type_ == "array" else "map" if type_ == "object" else node.kind
    if node.kind != kind:
        return False
    first = node.items[0] if node.kind == "seq" and node.items else node
    if first.kind == "map":
        return bool(first.pairs) and all(_NAME.match(key.text) for key, _ in first.pairs)
    # "[1, 9]" is a range; a list of texts shows that its items are texts.
    return node.kind == "seq" and type_ == "array" and first.kind == "scalar" and not first.plain


def count_down(drafts: Sequence[FieldDraft]) -> None:
    """Put the drafts that follow one with a count inside of it: as many as its type says, `object {2}`.

    A list's one child `items` is what the list holds; its path is () then. A count that the drafts do not
    reach is not believed.
    """
    index = 0
    while index < len(drafts):
        index = _counted(drafts, index, ())


def _counted(drafts: Sequence[FieldDraft], index: int, above: FieldPath) -> int:
    """Place the draft at `index` and all inside of it; the index behind them."""
    draft = drafts[index]
    draft.path = (*above, *draft.path)
    index += 1
    is_list = draft.get("type") == "array"
    of_items = is_list and draft.count is None and index < len(drafts) and drafts[index].path == ("items",)
    if of_items and drafts[index].count is not None:
        item = drafts[index]
        draft.item, draft.item_line, draft.count = item.get("type"), item.line, item.count
        item.path = ()
        index += 1
    if draft.count is None or index + draft.count > len(drafts) or len(draft.path) > MAX_DEPTH:
        return index
    base = (*draft.path, "[]") if is_list else draft.path
    for _ in range(draft.count):
        if index >= len(drafts):
            break
        index = _counted(drafts, index, base)
    return index


def inside(fields: Sequence[Field], holders: Mapping[int, Sequence[str]], log: FactLog) -> list[Field]:
    """The fields with those that a page lists as children put into their parents.

    `holders` holds the index of each field below which children stand, and the names that an example shows
    inside of it. Where no example shows any, the next field is the one child that is sure.
    """
    out = list(fields)
    taken: set[int] = set()
    for index, names in sorted(holders.items()):
        parent = out[index]
        base = (*parent.path, "[]") if parent.get("type") == "array" else parent.path
        for at in range(index + 1, len(out)):
            one = out[at]
            if one.path[-1:] == ("[]",) and one.path[:-1] == fields[at - 1].path:
                moved = fields[at - 1] is not out[at - 1]
                out[at] = replace(one, path=(*out[at - 1].path, "[]")) if moved else one
                continue
            if at in taken or (names and one.name not in names):
                break
            if one.path[: len(parent.path)] != parent.path:
                out[at] = replace(one, path=(*base, *one.path))
            taken.add(at)
            if not names:
                what = f"how many fields stand inside of {parent.name!r} is lost; no example shows it"
                log.note("problem", what, parent.line, path=parent.path)
                break
    return out


def placed(fields: Sequence[Field], shown: Sequence[Field], *, outwards: bool = True) -> list[Field]:
    """The fields with those put inside of a field above that an example shows only there, and only once.

    Several that stand together may be in an object of which the page says nothing, inside of one above.
    `outwards`: one that stands inside of another is put beside it, too, where the example has it there.
    """
    known = {one.path for one in shown}
    stated = {one.path for one in fields}
    tops = {path[0] for path in known if len(path) == 1}
    inner: dict[str, list[FieldPath]] = {}
    for one in shown:
        if len(one.path) > 1 and one.path[-1] != "[]":
            inner.setdefault(one.path[-1], []).append(one.path[:-1])
    together = Counter(
        places[0]
        for one in fields
        if len(one.path) == 1 and len(places := inner.get(one.path[0], [])) == 1 and one.path[0] not in tops
    )
    out: list[Field] = []
    moved: dict[str, FieldPath] = {}
    above: set[FieldPath] = set()
    run = _Run()
    for one in fields:
        name = one.path[0] if one.path else ""
        places = inner.get(name, [])
        above.update(other.path for other in out[-1:])
        is_alone = len(one.path) == 1 and name not in tops and len(places) == 1
        is_sure = is_alone and (
            _holder(places[0]) in above or (together[places[0]] > 1 and places[0][:1] in above)
        )
        # Where the page states that one itself, this is another of the same name.
        if is_sure and (*places[0], name) not in stated and not run.has_ended(_holder(places[0]), one):
            moved[name] = places[0]
        run.add(one, moved.get(name, ()))
        path = (*moved.get(name, ()), *one.path)
        if not outwards:
            out.append(replace(one, path=path))
            continue
        if len(path) == 2 and path not in known and path[1] in tops and path[0] in tops:
            path = path[1:]  # the example has it beside the field, not inside
        out.append(replace(one, path=path))
    return out


class _Run:
    """Fields on consecutive lines: inside of which of them the next one may stand, as the order says."""

    def __init__(self) -> None:
        self.line = 0  # of the last one
        self.seen: set[FieldPath] = set()
        self.open: set[FieldPath] = set()

    def add(self, one: Field, place: FieldPath) -> None:
        """The next field, and the place that it is put inside of, or (): all but that one have ended."""
        if one.line != self.line + 1:
            self.seen, self.open = set(), set()
        holder = _holder(place) if place else one.path[:1] if len(one.path) > 1 else ()
        self.open = {one.path, *({holder} & self.open)}
        self.seen.add(one.path)
        self.line = one.line

    def has_ended(self, holder: FieldPath, one: Field) -> bool:
        """Whether a field stands in one run with `holder`, and one between them that is not inside."""
        return one.line == self.line + 1 and holder in self.seen and holder not in self.open


def inside_unstated(stated: Sequence[Field], shown: Sequence[Field]) -> list[Field]:
    """The fields of a description that leaves out the object which an example shows around them, inside it.

    prompt, mode stated, `{"model": "m", "input": {"prompt": "…", "mode": "std"}}` shown
    → input, input.prompt, input.mode. So are those of the objects in a list that is left out.
    One that no example shows stands where all the others do.
    """
    known = {one.path[0] for one in stated if one.path}
    tops = {one.path[0] for one in shown if one.path} - _elsewhere(stated, shown)
    homes: dict[str, set[FieldPath]] = {}
    for one in shown:
        if len(one.path) > 1 and one.path[-1] != "[]":
            homes.setdefault(one.path[-1], set()).add(one.path[:-1])
    sure = {name: next(iter(homes[name])) for name in known - tops if len(homes.get(name, ())) == 1}
    counted = Counter(home for home in sure.values() if home[0] not in known and home[1:] in ((), ("[]",)))
    # One field alone says where the others stand only if there are no others.
    if not counted or (counted.most_common(1)[0][1] < 2 and sure.keys() != known):
        return list(stated)
    home = counted.most_common(1)[0][0]
    stays = bool(known & tops)
    moved = {
        name
        for name in known
        if sure.get(name) == home or (name not in homes and name not in tops and not stays)
    }
    holder = [one for one in shown if one.path in (home, home[:1])]
    first = next(n for n, one in enumerate(stated) if one.path and one.path[0] in moved)
    out = [
        replace(one, path=(*home, *one.path)) if one.path and one.path[0] in moved else one for one in stated
    ]
    return [*out[:first], *holder, *out[first:]]


def _elsewhere(stated: Sequence[Field], shown: Sequence[Field]) -> set[str]:
    """The names of fields that are not those which an example has at its top: their values are texts, and it
    has a number there, and a text inside of an object: `{"data": {"status": "done"}, "status": 0}`."""
    said = {one.path[0]: one for one in stated if len(one.path) == 1}
    out = set()
    for name, one in said.items():
        of_text = one.get("type") == "string" or isinstance(next(iter(one.get("enum") or ()), None), str)
        at_top = [other.get("type") for other in shown if other.path == (name,)]
        inner = [other.get("type") for other in shown if other.path[-1:] == (name,) and len(other.path) > 1]
        if of_text and at_top in (["integer"], ["number"]) and inner == ["string"]:
            out.add(name)
    return out


def enveloped(fields: Sequence[Field]) -> list[Field]:
    """The fields of an answer, those behind an object `data` inside of it, where no level is shown and the
    rest is what answers have around their data: code, message, data, task_id → …, data, data.task_id."""
    tops = [one.path[0] for one in fields if len(one.path) == 1]
    holder = next(
        (one for one in fields if one.path == ("data",) and one.get("type") in ("object", "array")), None
    )
    if (
        holder is None
        or len(ENVELOPE.intersection(tops)) < 3
        or any(one.path[:1] == ("data",) and len(one.path) > 1 and one.name != "[]" for one in fields)
    ):
        return list(fields)
    base = ("data", "[]") if holder.get("type") == "array" else ("data",)
    out: list[Field] = []
    is_inside = False
    for one in fields:
        is_inside = (is_inside or one is holder) and (
            one is holder or one.path[0] not in ENVELOPE or one.path[0] == "data"
        )
        moves = is_inside and one.path[0] != "data"
        out.append(replace(one, path=(*base, *one.path)) if moves else one)
    return out


def _holder(path: FieldPath) -> FieldPath:
    return path[:-1] if path[-1:] == ("[]",) else path


def with_shapes(fields: Sequence[Field], shown: Sequence[Field]) -> list[Field]:
    """The fields that are stated, and of those that shapes show the ones inside of which nothing is."""
    holders = {one.path[:n] for one in fields for n in range(len(one.path))}
    present = {one.path for one in fields}
    inner = [
        one
        for one in shown
        if one.path not in present and not any(one.path[:n] in holders for n in range(1, len(one.path)))
    ]
    return [*fields, *inner]


def tell_undescribed(stated: Sequence[Field], shown: Sequence[Field], log: FactLog) -> None:
    """Tell the fields that an example has and the description of the same body leaves out."""
    tops = {one.path[0] for one in stated if one.path}
    names = {step for one in stated for step in one.path}
    for one in shown:
        if tops and len(one.path) == 1 and one.name not in names and one.name != "[]":
            what = f"an example has {one.name!r}, and nothing describes it"
            log.note("untold", what, one.line, path=one.path, code=UNTOLD_NAME)


def undescribed(stated: Sequence[Field], shown: Sequence[Field]) -> set[FieldPath]:
    """The fields of an example that nothing describes, at its top or inside of an object that is described:
    that they exist is all that it shows.

    Of an example none of whose fields anything describes none: it is of another body.
    """
    names = {step for one in stated for step in one.path}
    present = {one.path for one in stated}
    objects = {one.path for one in stated if one.get("type") == "object"}
    named = [one for one in shown if one.name.isidentifier() and one.keywords]
    tops = {one.path for one in named if len(one.path) == 1}
    new = {path for path in tops if path[0] not in names}
    if len(new) == len(tops):
        return set()
    inner = {one.path for one in named if one.path[:-1] in objects and one.name not in names}
    return new | (inner - present)


def note_levels(fields: Sequence[Field], log: FactLog, shown: Container[str]) -> None:
    """On a page that shows no levels, what follows an object may belong inside of it.

    shown  the names in the page's examples, which tell what is inside of those
    """
    holders = {one.path[:n] for one in fields for n in range(len(one.path))}
    for one, following in pairwise(fields):
        holder = one.path[:-1] if one.name == "[]" else one.path
        is_said = not holder or holder[-1] in shown or len(holder) != len(following.path)
        if not is_said and one.get("type") == "object" and one.path not in holders:
            what = f"whether fields belong into {holder[-1]!r} is lost; no example shows it"
            log.note("problem", what, one.line, path=holder)


def of_value(path: tuple[str, ...], value: Any, log: FactLog, line: int) -> list[Field]:
    """The fields that an example value shows: types only, from its first item."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    type_ = names.get(type(value))
    keywords = (log.keyword("type", type_, line, "example"),) if type_ else ()
    out = [Field(path, keywords, line=line)]
    if isinstance(value, list) and value:
        out += of_value((*path, "[]"), value[0], log, line)
    elif isinstance(value, dict):
        for key, below in value.items():
            out += of_value((*path, key), below, log, line)
    return out
