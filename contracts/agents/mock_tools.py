"""Tools that start mocks, send them requests as a client does, and control them as a test does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from understudy.contracts.agents.refusal import explain
from understudy.contracts.curl import shell_command
from understudy.specs import library

if TYPE_CHECKING:
    from understudy.contracts.agents.mocks import Mocks
    from understudy.contracts.sample import SampleAnswer

# Of a body that is no JSON, in bytes.
MOST_TEXT = 1000
MockName = Annotated[
    str, Field(description="The mock's name from start_mock; empty when only one is running.")
]
ProviderOfMock = Annotated[
    str, Field(description="Which of the providers that the mock plays; empty: the one at the root.")
]
Family = Annotated[str, Field(description="The task family, as list_providers names it; empty: the first.")]
TaskId = Annotated[str, Field(description="The task's id, as send_example gives it.")]


def _shown(answer: SampleAnswer) -> dict[str, Any]:
    """An answer as JSON; the beginning of a body that is none."""
    body = answer.body
    text = body[:MOST_TEXT].decode("utf-8", "replace") if isinstance(body, bytes) else body
    return {"status": answer.status, "body": text}


class StartingTools:
    """Tools that start and end mocks."""

    def __init__(self, mocks: Mocks) -> None:
        self._mocks = mocks

    def start_mock(
        self,
        providers: Annotated[
            list[str], Field(description="Names or folders; the first is at the root, each also below /NAME.")
        ] = [library.CANONICAL],  # noqa: B006 - a default that the schema shows
        name: Annotated[str, Field(description="A name for the other tools; empty: one is made up.")] = "",
        pace: Annotated[
            str, Field(description="How fast tasks run: instant, fast (2 s), realistic, or 'after N polls'.")
        ] = "realistic",
        clock_rate: Annotated[
            float,
            Field(ge=0, description="0: time stops until advance_clock; 1: real time; N: N times as fast."),
        ] = 0.0,
    ) -> dict[str, Any]:
        """Start a mock server of one or more providers on a free loopback port.

        Gives its URL, the API key of the account that the other tools act on, and its operations.
        """
        return self._mocks.start(providers, name, pace=pace, rate=clock_rate).shown()

    def attach_mock(
        self,
        url: Annotated[str, Field(description="Where `understudy serve` says that it plays.")],
        name: Annotated[str, Field(description="A name for the other tools; empty: one is made up.")] = "",
        api_key: Annotated[str, Field(description="The account to act on; empty: a new one.")] = "",
        control_key: Annotated[
            str, Field(description="Of `serve --control-key`; empty: UNDERSTUDY_CONTROL_KEY of this server.")
        ] = "",
    ) -> dict[str, Any]:
        """Use a mock that is running elsewhere, on this machine or another."""
        opens = control_key or os.environ.get("UNDERSTUDY_CONTROL_KEY", "")
        return self._mocks.attach(url, name, api_key=api_key, control_key=opens).shown()

    def stop_mock(self, mock: MockName = "") -> dict[str, Any]:
        """Stop a mock and drop its tasks and journal. An attached one keeps running."""
        return {"stopped": self._mocks.stop(mock)}


class SteeringTools:
    """Tools that send requests to a mock, and that control it."""

    def __init__(self, mocks: Mocks) -> None:
        self._mocks = mocks

    def send_example(
        self,
        mock: MockName = "",
        provider: ProviderOfMock = "",
        family: Family = "",
        fields: Annotated[
            dict[str, Any] | None, Field(description="Fields to set in the plainest request that is valid.")
        ] = None,
        callbacks: Annotated[bool, Field(description="Ask for callbacks; read_callbacks shows them.")] = True,
    ) -> dict[str, Any]:
        """Create a task with the simplest request that the provider's document allows.

        Gives the request, a curl command that sends it again, the answer, and the task's id and state.
        """
        held = self._mocks.get(mock)
        client = held.client(provider, family)
        request = client.request(held.listener.url if callbacks else "", **(fields or {}))
        answer = client.create(request)
        held.account.clock.advance(0)  # sends the callbacks that are due now
        return {
            "request": {"method": answer.method, "url": answer.url, "body": request.body},
            "curl": shell_command(answer.method, answer.url, request.headers, request.body),
            "answer": _shown(answer),
            "task": client.id_of(answer),
            "state": client.status_of(answer),
            **({} if client.id_of(answer) else {"next": "it was refused: explain_refusal says why"}),
        }

    def query_task(
        self, task: TaskId, mock: MockName = "", provider: ProviderOfMock = "", family: Family = ""
    ) -> dict[str, Any]:
        """Poll a task as a client does: the answer, its state, and the links of its results."""
        client = self._mocks.get(mock).client(provider, family)
        answer = client.query(task)
        return {
            "answer": _shown(answer),
            "state": client.status_of(answer),
            "results": client.links(answer),
        }

    def advance_clock(
        self,
        seconds: Annotated[
            float | None, Field(ge=0, description="How far; without it, to the next change of any task.")
        ] = None,
        mock: MockName = "",
    ) -> dict[str, Any]:
        """Advance the mock's time. Callbacks that fall due have been sent when this returns."""
        account = self._mocks.get(mock).account
        before = account.clock.now
        changed = True
        if seconds is None:
            changed = account.clock.advance_to_next()
        else:
            account.clock.advance(seconds)
        return {
            "moved_seconds": (account.clock.now - before) / 1000,
            "changed": changed,
            "tasks": [{"task": row["id"], "state": row["status"]} for row in account.tasks],
            **({} if changed else {"next": "no task has a change to come: send_example makes one"}),
        }

    def choose_scenario(
        self,
        scenario: Annotated[
            str,
            Field(description="From list_scenarios: 'fail:reason=internal+latency:ms=200'; '' for none."),
        ],
        requests: Annotated[
            int,
            Field(
                ge=0,
                description="How many requests it applies to; 0: all, until another is chosen.",
            ),
        ] = 0,
        mock: MockName = "",
    ) -> dict[str, Any]:
        """Make the mock misbehave: refusals, failures, lost or late callbacks, broken answers, time-outs."""
        account = self._mocks.get(mock).account
        if requests:
            account.fault(scenario, requests)
        else:
            account.scenario(scenario)
        return {"scenario": scenario, "requests": requests or "all"}

    def finish_task(
        self,
        task: TaskId,
        state: Annotated[str, Field(description="A terminal state; empty: success.")] = "",
        reason: Annotated[str, Field(description="Why it failed, for a failing state.")] = "",
        mock: MockName = "",
    ) -> dict[str, Any]:
        """Bring a task to a terminal state now."""
        account = self._mocks.get(mock).account
        account.finish(task, state, reason)
        return {"tasks": account.tasks}

    def reset_account(self, mock: MockName = "") -> dict[str, Any]:
        """Forget the account's tasks, journal, scenario and clock."""
        held = self._mocks.get(mock)
        held.account.reset()
        return held.shown()


class LookingTools:
    """Tools that change nothing."""

    def __init__(self, mocks: Mocks) -> None:
        self._mocks = mocks

    def list_mocks(self) -> dict[str, Any]:
        """The mocks of this session, with their URLs, keys and clocks."""
        return {"mocks": [held.shown() for held in self._mocks]}

    def list_scenarios(
        self,
        search: Annotated[str, Field(description="Only those with this text in name or sentence.")] = "",
        mock: MockName = "",
    ) -> dict[str, Any]:
        """The scenarios that a mock can play: names, descriptions, parameters."""
        rows = self._mocks.get(mock).server.scenarios()
        wanted = search.lower()
        return {"scenarios": [row for row in rows if wanted in f"{row['name']} {row['sentence']}".lower()]}

    def list_tasks(self, mock: MockName = "") -> dict[str, Any]:
        """The account's tasks: state, what is still to come, callback URL, scenario."""
        return {"tasks": self._mocks.get(mock).account.tasks}

    def read_journal(
        self,
        mock: MockName = "",
        operation: Annotated[str, Field(description="create, query, list or result; empty: all.")] = "",
        verdict: Annotated[
            str, Field(description="accepted, refused, or a situation such as invalid_parameter; empty: all.")
        ] = "",
        task: Annotated[str, Field(description="Only about this task.")] = "",
        last: Annotated[int, Field(ge=1, le=1000, description="At most the last so many.")] = 20,
    ) -> dict[str, Any]:
        """What clients sent to the account, how it was answered, and the verdict on each request."""
        filters = {"verdict": verdict, "task": task}
        rows = self._mocks.get(mock).account.requests_to(operation, **filters)
        return {"count": len(rows), "requests": rows[-last:]}

    def read_callbacks(
        self, mock: MockName = "", task: Annotated[str, Field(description="Only about this task.")] = ""
    ) -> dict[str, Any]:
        """The callbacks that the account was owed: state, body, headers, attempts."""
        rows = [row for row in self._mocks.get(mock).account.callbacks if task in ("", row["task"])]
        return {"callbacks": [{key: value for key, value in row.items() if key != "raw"} for row in rows]}

    def explain_refusal(
        self,
        which: Annotated[
            int, Field(description="Its place among the refused requests: -1 the last, -2 the one before.")
        ] = -1,
        mock: MockName = "",
    ) -> dict[str, Any]:
        """Why a request was refused: the situation, the limit that was broken, and where it is stated."""
        return explain(self._mocks.get(mock), which)
