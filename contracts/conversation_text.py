"""The mock's journal and callbacks as lines for a person to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def conversation(entries: Iterable[Mapping[str, Any]], deliveries: Iterable[Mapping[str, Any]]) -> str:
    """One line for each request and each attempt of a callback, by time; times in seconds since the first."""
    said = [(entry["at"], _request_line(entry)) for entry in entries]
    said += [
        (attempt["at"], _callback_line(one, attempt)) for one in deliveries for attempt in one["attempts"]
    ]
    said.sort(key=lambda line: line[0])
    if not said:
        return "nothing was said"
    first = said[0][0]
    return "\n".join(f"{(at - first) / 1000:8.3f} s  {line}" for at, line in said)


def _request_line(entry: Mapping[str, Any]) -> str:
    answer = entry["answer"] if isinstance(entry["answer"], dict) else {}
    parts = [f"{entry['method']} {entry['target']} → {entry['status'] or 'no answer'}"]
    if entry["verdict"] != "accepted":
        parts.append(f"{entry['verdict']}: {answer.get('message', '')}".rstrip(": "))
    record = answer.get("data")
    if isinstance(record, dict):
        parts += [str(value) for name, value in record.items() if name.endswith("status")]
    if entry["scenario"]:
        parts.append(f"[{entry['scenario']}]")
    return "  ".join(parts)


def _callback_line(delivery: Mapping[str, Any], attempt: Mapping[str, Any]) -> str:
    answer = attempt["status"] or attempt["error"] or "no answer"
    return f"callback {delivery['status']} of {delivery['task']} to {delivery['url']} → {answer}"
