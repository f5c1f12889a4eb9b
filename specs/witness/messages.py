"""Proof for everything around the schemas: a whole message that one side takes and the other refuses."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from specs.witness.generate import MISSING
from specs.witness.message import Message, concrete
from specs.witness.proof import OTHER, Proof, SideName, Witness, sender_of, silence
from specs.witness.wire import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specs.diff.api import Operation
    from specs.diff.facts import Fact
    from specs.witness.message import Side, Tag
    from specs.witness.proof import Audience

NOT_SENT = Proof("none", "the side that would send it does not")
# area -> is the message in question an answer
ANSWERS = ("status", "header")


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
        mine, theirs = operations[sender], operations[OTHER[sender]]
        if mine is None:
            return NOT_SENT
        if theirs is not None and fact.action.endswith("serialisation-changed"):
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

    def _asked(self, fact: Fact, operations: dict[SideName, Operation], audience: Audience) -> Proof | None:
        """A request that asks for an answer in a media type which the other side does not offer."""
        asks = "response" if fact.direction == "request" else "request"
        sender = sender_of(asks, audience)
        mine, theirs = operations[sender], operations[OTHER[sender]]
        status, media = fact.data["status"], fact.data["media"]
        if status not in mine.responses or media not in mine.responses[status].content:
            return None
        request = self.sides[sender].request(mine, asks)
        if request is None:
            return None
        message = replace(request, accept=concrete(media))
        refused = self.sides[OTHER[sender]].refusals(theirs, message, asks)
        said = next((text for tag, text in refused if tag == ("accept",)), None)
        if said is None or self.sides[sender].refusals(mine, message, asks):
            return None
        return Proof("proven", witness=_witness(message, sender, said))

    def _messages(
        self, fact: Fact, mine: Operation, sender: SideName, direction: str
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
        media = fact.data.get("media", "")
        if media and (mine.body is None or media not in mine.body.content):
            return
        message = side.request(mine, direction, media=media)
        if message is None:
            return
        tags: dict[str, Tag] = {
            "operation": ("operation",),
            "parameter": ("parameter", *fact.data.get("key", ())),
            "body": ("body",),
            "media": ("media",),
        }
        yield message, tags.get(fact.area, ("operation",))

    def _answers(
        self, fact: Fact, mine: Operation, side: Side, direction: str
    ) -> Iterator[tuple[Message, Tag]]:
        status = fact.data["status"]
        if status not in mine.responses:
            return
        media = fact.data.get("media", "")
        if media and media not in mine.responses[status].content:
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
        self, fact: Fact, mine: Operation, theirs: Operation, sender: SideName, direction: str
    ) -> Proof:
        """A value that the other side refuses in this writing, or reads as something else."""
        if fact.area == "header":
            status, name = fact.data["status"], fact.data["header"]
            one, other = mine.responses[status].headers[name], theirs.responses[status].headers[name]
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
            if meaning is None and read != meant:
                text = f"taken, but read as {read!r}"
                meaning = Witness("meaning", said, surface, sender, OTHER[sender], text)
        if meaning is not None:
            return Proof("proven", witness=meaning)
        return Proof("none", "every value looks and reads the same in both ways")

    # --- tasks

    def _task(self, fact: Fact, sender: SideName) -> Proof:
        """A history of states, or a record, that the other side's lifecycle does not have."""
        tasks = {"base": fact.data["old"].task, "revision": fact.data["new"].task}
        mine, theirs = tasks[sender], tasks[OTHER[sender]]
        if not (isinstance(mine, dict) and isinstance(theirs, dict)):
            return NOT_SENT
        if fact.action == "task-place-changed":
            return self._place(fact, mine, theirs, sender)
        if fact.action.startswith("task-result-"):
            return self._carried(fact, mine, theirs, sender)
        for history in histories(mine):
            said = refuses_history(theirs, history)
            if said and not refuses_history(mine, history) and _about(fact, history):
                witness = Witness("history", history, fact.operation, sender, OTHER[sender], said)
                return Proof("proven", witness=witness)
        return Proof("none", "every course that a task takes is known to the other side")

    def _place(self, fact: Fact, mine: dict[str, Any], theirs: dict[str, Any], sender: SideName) -> Proof:
        here, there = mine.get(fact.subject), theirs.get(fact.subject)
        if not isinstance(here, str) or not isinstance(there, str):
            return NOT_SENT
        record: Any = "…"
        for part in reversed(here.split("/")[1:]):
            record = {part: record}
        if resolve(record, there) is not MISSING:
            return Proof("none", "both places are the same")
        text = f"looks for it at {there or 'the top'}, where nothing is"
        return Proof(
            "proven", witness=Witness("payload", record, fact.operation, sender, OTHER[sender], text)
        )

    def _carried(self, fact: Fact, mine: dict[str, Any], theirs: dict[str, Any], sender: SideName) -> Proof:
        state, pointer = fact.old, fact.new
        if pointer in (mine.get("carries") or {}).get(state, ()):
            return Proof("none", "who sends promises it")
        if pointer not in (theirs.get("carries") or {}).get(state, ()):
            return NOT_SENT
        record = {"state": state}
        text = f"expects {pointer} when a task is {state}"
        return Proof(
            "proven", witness=Witness("payload", record, fact.operation, sender, OTHER[sender], text)
        )


def _witness(message: Message, sender: SideName, said: str) -> Witness:
    surface = f"{message.method} {message.path}" + (f" {message.status}" if message.status else "")
    return Witness("message", message.shown(), surface, sender, OTHER[sender], said)


def histories(task: dict[str, Any], limit: int = 200) -> Iterator[list[str]]:
    """Courses of a task from its initial state, shortest first, no state twice except the last."""
    transitions = task.get("transitions")
    if not isinstance(transitions, dict) or not isinstance(task.get("initial"), str):
        return
    queue, made = [[task["initial"]]], 0
    while queue and made < limit:
        history = queue.pop(0)
        made += 1
        yield history
        for state in transitions.get(history[-1]) or ():
            if state not in history:
                queue += [[*history, state]]


def refuses_history(task: dict[str, Any], history: list[str]) -> str:
    """Why a lifecycle does not have `history`, or ""."""
    states, transitions = task.get("states") or [], task.get("transitions") or {}
    if history[0] != task.get("initial"):
        return f"a task starts as {task.get('initial')}, not {history[0]}"
    for state in history:
        if state not in states:
            return f"there is no state {state}"
    for before, after in pairwise(history):
        if after not in (transitions.get(before) or ()):
            return f"{before} does not go to {after}"
    return ""


def _about(fact: Fact, history: list[str]) -> bool:
    if fact.action == "task-initial-changed":
        return True
    if "state" in fact.action.split("-"):
        return fact.subject in history
    before, _, after = fact.subject.partition(" to ")
    return any(pair == (before, after) for pair in pairwise(history))


def resolve(value: Any, pointer: str) -> Any:
    """What `pointer` (RFC 6901) names in `value`, or MISSING."""
    for part in pointer.split("/")[1:]:
        if not isinstance(value, dict) or part not in value:
            return MISSING
        value = value[part]
    return value
