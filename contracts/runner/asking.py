"""The part of a run that asks: addresses, names and bodies of requests, and the way out to the provider."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from understudy.contracts import trace
from understudy.contracts.calls import Call
from understudy.contracts.client import OWN, Outgoing
from understudy.contracts.fetching import origin
from understudy.contracts.strategies import values
from understudy.contracts.strategies.covering import PlannedKind
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from understudy.contracts.client import Client
    from understudy.contracts.receiver import Receiver
    from understudy.contracts.runner.options import Options
    from understudy.contracts.strategies.covering import Planned
    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily


# The longest external id that is sent.
LONGEST_ID = 64


@dataclass
class Asking:
    """`token` makes names fresh in each run; `deadline` is Unix seconds."""

    options: Options
    target: Target
    families: list[TargetFamily]
    promises: frozenset[str]
    client: Client
    receiver: Receiver | None
    token: str
    deadline: float
    # Family -> what its example names, and a result of this account that is named in its place.
    named: dict[str, tuple[str, str]] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)

    def wants(self, *promises: str) -> bool:
        return any(p in self.promises for p in promises)

    def url(self, path: str) -> str:
        return self.options.url + path

    def fresh(self, what: str) -> str:
        """A name that no run used before: external ids are unique for as long as the account lives."""
        self._used[what] = self._used.get(what, 0) + 1
        return f"u{self.options.seed}-{self.token}-{what}-{self._used[what]}"

    def time_left(self) -> float:
        return self.deadline - self.client.now()

    def body(self, family: TargetFamily, planned: Planned, external: str = "") -> dict[str, Any]:
        """The planned body with a callback URL, and an external id: `external`, or a fresh one of the look
        that its choices name.
        """
        body: dict[str, Any] = json.loads(json.dumps(planned.body))
        names = family.sent
        if planned.kind is PlannedKind.BARE:
            return body
        empty = planned.kind is PlannedKind.EMPTY
        look = next((c for c in planned.choices if c.kind == values.IDENTIFIER), None)
        part = planned.kind is PlannedKind.PART
        if names.get("external_id") and (look is not None or external or not part):
            name = external or self.fresh("task")
            shown = self.looking(str(look.value)) if look and not external else name
            put(body, names["external_id"], "" if empty else shown)
        called = not part or any(c.kind == values.CALLBACK for c in planned.choices)
        if names.get("callback_url") and called:
            address = self.receiver.url(family.name, planned.label) if self.receiver and not empty else ""
            if address or empty:
                put(body, names["callback_url"], address)
            if address and names.get("callback_secret"):
                put(body, names["callback_secret"], self.fresh("secret"))
        return body

    def looking(self, look: str) -> str:
        """A fresh external id of a look: "Order-{}-AbC"; one that is nothing but fresh is filled to 64."""
        name = self.fresh("t")
        return name.ljust(LONGEST_ID, "x") if look == "{}" else look.replace("{}", name)

    def called_at(self, family: TargetFamily, planned: Planned) -> str:
        """The callback URL of a planned create that names it beside its body, "" for none."""
        bare = planned.kind in (PlannedKind.BARE, PlannedKind.EMPTY)
        if family.callback_outside is None or self.receiver is None or bare:
            return ""
        return self.receiver.url(family.name, planned.label)

    async def post(
        self, family: TargetFamily, role: str, data: bytes, called: str = "", **more: Any
    ) -> trace.Exchange:
        """Send a create; `called`: its callback URL, named beside the body; `more` as in `Outgoing`."""
        url = self.url(family.create_path)
        place, name = family.callback_outside or ("", "")
        if called and place == "query":
            url += f"?{urlencode({name: called})}"
        elif called and place == "header":
            more["headers"] = ((name, called), *more.get("headers", ()))
        if family.name in self.named:
            example, own = self.named[family.name]
            data = data.replace(json.dumps(example).encode(), json.dumps(own).encode())
        method = family.create_method
        return await self.client.send(Outgoing(method, url, family.name, role, body=data, **more))

    async def query(self, family: TargetFamily, name: str, role: str, **more: Any) -> trace.Exchange:
        """Ask for one task by either id; `more` as in `Outgoing`."""
        return await self.call(family, family.query(name), role, **more)

    async def call(self, family: TargetFamily, call: Call, role: str, **more: Any) -> trace.Exchange:
        """Send a request about one task; `more` as in `Outgoing`."""
        url = self.url(call.path)
        return await self.client.send(Outgoing(call.method, url, family.name, role, body=call.body, **more))

    def has_private(self, family: TargetFamily, url: str) -> bool:
        """Whether the result at a URL needs the key: the documents say so, and it is at the provider's."""
        axes, reply = family.behaviour.axes, family.behaviour.results_reply
        is_file = reply is not None and (reply.bytes or reply.redirect)
        return axes is not None and (axes.needs_key or is_file) and origin(url) == origin(self.url(""))

    async def listing(
        self, family: TargetFamily, parameters: dict[str, str], role: str = trace.LIST, **more: Any
    ) -> trace.Exchange:
        """Ask for a list; `more` as in `Outgoing`."""
        call = family.list_call(parameters)
        url = self.url(call.path)
        return await self.client.send(Outgoing(call.method, url, family.name, role, body=call.body, **more))

    async def download(
        self, family: TargetFamily, url: str, task: str, call: Call | None = None, **more: Any
    ) -> trace.Exchange:
        """Fetch a result, with the key where it needs one; `call`: a second request that answers with it."""
        account = OWN if self.has_private(family, url) else "none"
        call = call or Call("GET", url)
        out = Outgoing(call.method, url, family.name, trace.DOWNLOAD, account, body=call.body, task=task)
        return await self.client.send(replace(out, **more))

    async def each(self, steps: Iterable[Callable[[], Awaitable[object]]]) -> None:
        """Run the steps, a bounded number at once; the first Stopped ends them all."""
        gate = asyncio.Semaphore(self.options.concurrency)

        async def one(step: Callable[[], Awaitable[object]]) -> None:
            async with gate:
                await step()

        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(one(step))
