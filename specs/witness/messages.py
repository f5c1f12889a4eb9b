"""Proof for everything around the schemas: a whole message that one side takes and the other refuses."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.http import find_media, find_status, is_range, is_success, overlap
from understudy.specs.witness.generate import MISSING
from understudy.specs.witness.proof import OTHER, Proof, SideName, Witness, sender_of, silence
from understudy.specs.witness.wire import same_text, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.behaviour.stated import StatedTask
    from understudy.specs.diff.facts import Fact
    from understudy.specs.diff.records import ApiOperation
    from understudy.specs.witness.message import Message, Side, Tag
    from understudy.specs.witness.proof import Audience

NOT_SENT = Proof("none", "the side that would send it does not")
# area -> is the message in question an answer
ANSWERS = ("status", "header")
SERIALISATION = ("parameter-serialisation-changed", "header-serialisation-changed")
RESULTS = ("task-result-added", "task-result-removed")
EMPTY_VALUES = ("parameter-empty-value-refused", "parameter-empty-value-allowed")


class MessageProver:
    """Proves facts about operations, parameters, bodies, statuses, headers, security and tasks."""

    def __init__(self, sides: dict[SideName, Side]) -> None:
        self.sides = sides

    def prove(self, fact: Fact, audience: Audience) -> Proof:
        """Whether a message shows the difference for those who stay behind."""
        direction = "request" if fact.direction == "none" else fact.direction
        sender = sender_of(direction, audience)
        silent = silence(fact.action)
        if silent is not None:
            return silent  # it changes no message
        if fact.area == "task":
            return self._task(fact, sender)
        operations: dict[SideName, Any] = {"base": fact.data.get("old"), "revision": fact.data.get("new")}
        if fact.area == "media" and fact.data["status"]:
            asked = self._asked(fact, operations, audience)
            if asked is not None:
                return asked
            other = self._other_refusal(fact, operations, sender)
            if other is not None:
                return other
        mine, theirs = operations[sender], operations[OTHER[sender]]
        if mine is None:
            return NOT_SENT
        if theirs is not None and fact.action in SERIALISATION:
            return self._serialisation(fact, mine, theirs, sender, direction)
        made = 0
        for message, tag in self._messages(fact, mine, sender, direction):
            made += 1
            if self.sides[sender].refusals(mine, message, direction):
                continue
            refused = self.sides[OTHER[sender]].refusals(theirs, message, direction)
            said = next((text for its, text in refused if its[: len(tag)] == tag), None)
            if said is not None:
                return Proof("proven", witness=_witness(message, sender, said))
        if made:
            return Proof("none", "the message that the other side sends is taken")
        return NOT_SENT

    def _asked(
        self, fact: Fact, operations: dict[SideName, ApiOperation], audience: Audience
    ) -> Proof | None:
        """A request that asks for an answer in a media type which the other side does not offer."""
        asks = "response" if fact.direction == "request" else "request"
        sender = sender_of(asks, audience)
        mine, theirs = operations[sender], operations[OTHER[sender]]
        status, media = fact.data["status"], fact.data["media"]
        response = find_status(mine.responses, status)
        if response is None or find_media(response.content, fact.data["type"]) is None:
            return None
        request = self.sides[sender].request(mine, asks)
        if request is None:
            return None
        # Who can read a whole range is content with anything in it.
        message = replace(request, accept=media if is_range(media) else fact.data["type"])
        refused = self.sides[OTHER[sender]].refusals(theirs, message, asks)
        said = next((text for tag, text in refused if tag == ("accept",)), None)
        if said is None or self.sides[sender].refusals(mine, message, asks):
            return None
        return Proof("proven", witness=_witness(message, sender, said))

    def _other_refusal(
        self, fact: Fact, operations: dict[SideName, ApiOperation], sender: SideName
    ) -> Proof | None:
        """A refusal (4XX, 5XX) that came in one media type, and comes only in others now: nobody asks for the
        type of a refusal, so that who knows the old one meets what he cannot read."""
        status = fact.data["status"]
        if (fact.action, fact.direction) != ("media-type-removed", "response") or is_success(status):
            return None
        answers = [find_status(operations[side].responses, status) for side in (sender, OTHER[sender])]
        mine, theirs = (answer.content if answer else {} for answer in answers)
        if any(overlap(one, other) for one in mine for other in theirs):
            return None
        for media in mine:
            message = self.sides[sender].answer(operations[sender], status, fact.direction, media=media)
            refused = message and self.sides[OTHER[sender]].refusals(
                operations[OTHER[sender]], message, fact.direction
            )
            for tag, said in refused or ():
                if message and tag == ("media",):
                    return Proof("proven", witness=_witness(message, sender, said))
        return None

    def _messages(
        self, fact: Fact, mine: ApiOperation, sender: SideName, direction: str
    ) -> Iterator[tuple[Message, Tag]]:
        """Messages that could show `fact`, with the tag of the refusal that would."""
        side = self.sides[sender]
        if fact.area in ANSWERS or (fact.area == "media" and fact.data["status"]):
            yield from self._answers(fact, mine, side, direction)
            return
        if fact.area == "security":
            for n in range(max(1, len(mine.security))):
                message = side.request(mine, direction)
                if message is not None:
                    yield replace(message, credentials=side.credentials(mine, n)), ("security",)
            return
        media = fact.data.get("type", "")
        if media and (mine.body is None or find_media(mine.body.content, media) is None):
            return
        message = side.request(mine, direction, media=media)
        if message is None:
            return
        if fact.action in EMPTY_VALUES:
            message.parameters[fact.data["key"]] = ((fact.data["key"][1], ""),)
        tags: dict[str, Tag] = {
            "operation": ("operation",),
            "parameter": ("parameter", *fact.data.get("key", ())),
            "body": ("body",),
            "media": ("media",),
        }
        yield message, tags.get(fact.area, ("operation",))

    def _answers(
        self, fact: Fact, mine: ApiOperation, side: Side, direction: str
    ) -> Iterator[tuple[Message, Tag]]:
        status, media = fact.data["status"], fact.data.get("type", "")
        response = find_status(mine.responses, status)
        if response is None or (media and find_media(response.content, media) is None):
            return
        message = side.answer(mine, status, direction, media=media)
        if message is None:
            return
        tag: Tag = ("status",)
        if fact.area == "header":
            tag = ("header", fact.data["header"])
            message.parameters.pop(("header", fact.data["header"]), None)
        yield message, ("media",) if media else tag

    # --- serialisation

    def _serialisation(
        self, fact: Fact, mine: ApiOperation, theirs: ApiOperation, sender: SideName, direction: str
    ) -> Proof:
        """A value that the other side refuses in this writing, or reads as something else."""
        if fact.area == "header":
            status, name = fact.data["status"], fact.data["header"]
            answers = find_status(mine.responses, status), find_status(theirs.responses, status)
            one, other = (answer.headers[name] for answer in answers if answer is not None)
        else:
            one, other = mine.parameters[fact.data["key"]], theirs.parameters[fact.data["key"]]
        reader = self.sides[OTHER[sender]]
        meaning: Witness | None = None
        for wire in sorted(self.sides[sender].wires(one, direction), key=lambda w: not all(t for _, t in w)):
            meant = self.sides[sender].reads(one, wire, direction)
            if meant is MISSING:
                continue
            said = {"value": meant, "on the wire": "&".join(f"{k}={t}" for k, t in wire)}
            surface = f"{fact.operation} {one.location} {one.name}"
            if not reader.takes_wire(other, wire, direction):
                refusal = f"{other.location} {other.name} cannot be {spelled(other, wire)}"
                witness = Witness("payload", said, surface, sender, OTHER[sender], refusal)
                return Proof("proven", witness=witness)
            read = reader.reads(other, wire, direction)
            if meaning is None and not same_text(read, meant):
                text = f"taken, but read as {read!r}"
                meaning = Witness("meaning", said, surface, sender, OTHER[sender], text)
        if meaning is not None:
            return Proof("proven", witness=meaning)
        return Proof("none", "every value looks and reads the same in both ways")

    # --- tasks

    def _task(self, fact: Fact, sender: SideName) -> Proof:
        """A history of states, or a record, that the other side's lifecycle does not have."""
        tasks: dict[SideName, StatedTask | None] = {
            "base": fact.data["old"].task,
            "revision": fact.data["new"].task,
        }
        mine, theirs = tasks[sender], tasks[OTHER[sender]]
        if mine is None or theirs is None:
            return NOT_SENT
        if fact.action == "task-place-changed":
            return self._place(fact, mine, theirs, sender)
        if fact.action in RESULTS:
            return self._carried(fact, mine, theirs, sender)
        for history in mine.courses():
            said = theirs.refuses(history)
            if said and not mine.refuses(history) and _about(fact, history):
                witness = Witness("history", history, fact.operation, sender, OTHER[sender], said)
                return Proof("proven", witness=witness)
        return Proof("none", "the other side knows every path that a task can take")

    def _place(self, fact: Fact, mine: StatedTask, theirs: StatedTask, sender: SideName) -> Proof:
        here, there = mine.places[fact.subject], theirs.places[fact.subject]
        if not isinstance(here, str) or not isinstance(there, str):
            return NOT_SENT
        record: Any = "…"
        for part in reversed(here.split("/")[1:]):
            record = {part: record}
        if resolve(record, there) is not MISSING:
            return Proof("none", "both places are the same")
        text = f"looks for it at {there or 'the top'}, where there is nothing"
        return Proof(
            "proven", witness=Witness("payload", record, fact.operation, sender, OTHER[sender], text)
        )

    def _carried(self, fact: Fact, mine: StatedTask, theirs: StatedTask, sender: SideName) -> Proof:
        state, pointer = fact.old, fact.new
        if pointer in mine.carries.get(state, ()):
            return Proof("none", "the sender promises it")
        if pointer not in theirs.carries.get(state, ()):
            return NOT_SENT
        record = {"state": state}
        text = f"expects {pointer} when a task is {state}"
        return Proof(
            "proven", witness=Witness("payload", record, fact.operation, sender, OTHER[sender], text)
        )


def _witness(message: Message, sender: SideName, said: str) -> Witness:
    surface = f"{message.method} {message.path}" + (f" {message.status}" if message.status else "")
    return Witness("message", message.shown(), surface, sender, OTHER[sender], said)


def _about(fact: Fact, history: list[str]) -> bool:
    """Whether a course goes through the state or the transition that a fact is about."""
    if "move" in fact.data:
        return fact.data["move"] in pairwise(history)
    return fact.data.get("state", history[0]) in history


def resolve(value: Any, pointer: str) -> Any:
    """What `pointer` (RFC 6901) names in `value`, or MISSING."""
    for part in pointer.split("/")[1:]:
        if not isinstance(value, dict) or part not in value:
            return MISSING
        value = value[part]
    return value
