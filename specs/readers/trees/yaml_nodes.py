"""YAML text to nodes, through libyaml's events: the C scanner's speed, and no recursion of its composer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from understudy.specs.readers.trees.nodes import MAX_DEPTH, MAX_NODES, BrokenError, Node, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:merge")


def parse_yaml(text: str) -> Node | None:
    """The first YAML document in `text`, or None when there is none. Raises BrokenError and TooLargeError
    with the place."""
    builder = _Builder()
    for event in _events(text):
        builder.take(event)
        if builder.root is not None and not builder.stack:
            break
    return builder.root


def _events(text: str) -> Iterator[Any]:
    try:
        loader = _LOADER(text)
    except yaml.YAMLError as error:
        raise _broken(error) from error
    except UnicodeError as error:
        raise BrokenError("the text holds characters that cannot be encoded", 1) from error
    try:
        while True:
            event = loader.get_event()
            if event is None or isinstance(event, yaml.StreamEndEvent):
                return
            yield event
    except yaml.YAMLError as error:
        raise _broken(error) from error
    finally:
        loader.dispose()


def _broken(error: yaml.YAMLError) -> BrokenError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    if mark is None:
        return BrokenError(str(what), 1, 1)
    return BrokenError(str(what), mark.line + 1, mark.column + 1)


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self.stack: list[Node] = []
        self.keys: list[Node | None] = []
        self.anchors: dict[str, Node] = {}
        self.count = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._add(_scalar(event), event.anchor)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            mark: Any = event.start_mark
            is_map = isinstance(event, yaml.MappingStartEvent)
            node = Node.collection("map" if is_map else "seq", mark.line + 1, mark.column + 1)
            self._add(node, event.anchor)
            self.stack.append(node)
            self.keys.append(None)
            if len(self.stack) > MAX_DEPTH:
                raise TooLargeError(f"nested more than {MAX_DEPTH} levels deep", node.line, node.column)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            node = self.stack.pop()
            self.keys.pop()
            if node.kind == "map":
                self._merge(node)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)

    def _merge(self, node: Node) -> None:
        """Take the pairs of what stands under `<<` into the mapping, where it has no such key itself (the
        type `!!merge` of YAML 1.1)."""
        if not any(key.text == "<<" and key.plain for key, _ in node.pairs):
            return
        own = [pair for pair in node.pairs if not (pair[0].text == "<<" and pair[0].plain)]
        present = {key.text for key, _ in own}
        for key, value in node.pairs:
            if key.text != "<<" or not key.plain:
                continue
            for source in value.items if value.kind == "seq" else [value]:
                if source is node or source.kind != "map":
                    raise BrokenError("a merge of what is no mapping before it", key.line, key.column)
                for pair in source.pairs:
                    if pair[0].text not in present:
                        present.add(pair[0].text)
                        own.append(pair)
                        self._count(pair[0])
        node.pairs[:] = own

    def _count(self, node: Node) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise TooLargeError(f"more than {MAX_NODES:,} values", node.line, node.column)

    def _alias(self, event: Any) -> None:
        node = self.anchors.get(event.anchor)
        if node is None:
            place = event.start_mark
            raise BrokenError(f"no anchor named {event.anchor!r}", place.line + 1, place.column + 1)
        self._attach(node)

    def _add(self, node: Node, anchor: str | None) -> None:
        self._count(node)
        if anchor:
            self.anchors[anchor] = node
        self._attach(node)

    def _attach(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if parent.kind == "seq":
            parent.items.append(node)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = node
        else:
            parent.pairs.append((key, node))
            self.keys[-1] = None


def _scalar(event: Any) -> Node:
    start, end = event.start_mark, event.end_mark
    # A block scalar's end mark stands at the beginning of the line after it.
    last = end.line if end.column == 0 and end.line > start.line else end.line + 1
    return Node(
        "scalar", start.line + 1, start.column + 1, event.value, not event.style and event.tag in _PLAIN_TAGS,
        last,
    )  # fmt: skip
