"""What the mock is measured against, on the same uvicorn: `python -m tests.benchmarks.apps bare|checked`.

`bare` reads nothing and answers bytes made beforehand: the most that an application on ASGI gets out of this
server. `checked` reads the body, parses it (orjson) and validates it against the very schema that the mock
plays (jsonschema-rs), and encodes its answer: the least that a validating mock can do. Neither keeps a thing.
"""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

import jsonschema_rs
import orjson
import uvicorn

from understudy.mockserver.play.profile import read_profile

TASK = {
    "task_id": "173272000000000001",
    "task_status": "succeed",
    "task_status_msg": "",
    "task_info": {},
    "created_at": 1732720000000,
    "updated_at": 1732720002000,
    "task_result": {
        "images": [{"index": 0, "url": "http://127.0.0.1:8585/results/173272000000000001/0.png?expires=17"}]
    },
    "final_unit_deduction": "8",
}
CREATED = {name: TASK[name] for name in ("task_id", "task_status", "task_info", "created_at", "updated_at")}
PAGE = 30


def body_of(data: Any) -> dict[str, Any]:
    """An answer of the size that the mock's answers have."""
    return {"code": 0, "message": "SUCCEED", "request_id": "d82ff5c924b9ba10000000000001", "data": data}


async def say(send: Any, body: bytes, status: int = 200) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def kind_of(scope: Any) -> str:
    if scope["method"] == "POST":
        return "create"
    return "query" if scope["raw_path"][-1:].isdigit() else "list"


def bare() -> Any:
    ready = {
        "create": orjson.dumps(body_of(CREATED)),
        "query": orjson.dumps(body_of(TASK)),
        "list": orjson.dumps(body_of([TASK] * PAGE)),
    }

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await lifespan(receive, send)
            return
        await say(send, ready[kind_of(scope)])

    return app


def checked() -> Any:
    family = read_profile("canonical").families[0]
    is_valid = jsonschema_rs.validator_for(family.check.schema).is_valid
    values = {"create": body_of(CREATED), "query": body_of(TASK), "list": body_of([TASK] * PAGE)}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await lifespan(receive, send)
            return
        kind = kind_of(scope)
        if kind == "create":
            parts = []
            more = True
            while more:
                message = await receive()
                parts.append(message.get("body", b""))
                more = message.get("more_body", False)
            if not is_valid(orjson.loads(b"".join(parts))):
                await say(send, b"{}", 400)
                return
        await say(send, orjson.dumps(values[kind]))

    return app


APPS = {"bare": bare, "checked": checked}


def main() -> None:
    """Serve one of the apps on a free port, and print its URL as a line of JSON."""
    place = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(
        APPS[sys.argv[1]](),
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        # What neither the mock nor these need, so that none of them pays for it.
        proxy_headers=False,
        server_header=False,
    )
    sys.stdout.write(json.dumps({"url": "http://{}:{}".format(*place.getsockname())}) + "\n")
    sys.stdout.flush()
    uvicorn.Server(config).run([place])


if __name__ == "__main__":
    main()
