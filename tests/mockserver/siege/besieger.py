"""A test process of somebody's: one key, one clock of its own, its own scenarios, callbacks and journal.

    python besieger.py URL NUMBER ROUNDS

Exits with 1 and says why when it sees anything that is not its own.
"""

from __future__ import annotations

import http.client
import http.server
import json
import random
import sys
import threading
from typing import Any
from urllib.parse import urlsplit

IMAGE = "/v1/images/multi-image2image"
CHANGES = ["submitted", "processing", "succeed"]


class Besieger:
    def __init__(self, url: str, number: int) -> None:
        place = urlsplit(url)
        self.number = number
        self.key = f"besieger-{number}"
        self.chance = random.Random(number)
        self.connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        self.clients_requests = 0
        self.called: dict[str, list[str]] = {}
        besieger = self

        class Hook(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                record = json.loads(self.rfile.read(int(self.headers["content-length"])))
                besieger.called.setdefault(record["task_id"], []).append(record["task_status"])
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        self.hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.hook.daemon_threads = True
        threading.Thread(target=self.hook.serve_forever, args=(0.05,), daemon=True).start()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        sent = None if body is None else json.dumps(body)
        self.connection.request(method, path, sent, {"Authorization": f"Bearer {self.key}"})
        answer = json.loads(self.connection.getresponse().read())
        if not path.startswith("/__"):
            self.clients_requests += 1
        return answer

    def order(self, name: str, **body: Any) -> Any:
        return self.ask("POST", f"/__understudy__/{name}", body)

    def round(self, number: int) -> None:
        """Some tasks by this process's own clock; every answer must follow from its own orders alone."""
        self.order("reset")
        self.clients_requests = 0
        self.called.clear()
        self.order("clock", rate=0)
        start = self.ask("GET", "/__understudy__/clock")["now"]
        fails = self.chance.random() < 0.5
        self.order("scenario", scenario="fail:reason=internal" if fails else "")
        count = self.chance.randrange(1, 6)
        hook = f"http://127.0.0.1:{self.hook.server_port}/"
        ids = []
        for i in range(count):
            body = {
                "subject_image_list": [{"subject_image": "http://a"}],
                "external_task_id": f"task-{i}",  # the same in every process
                "callback_url": hook,
                "n": self.number % 9 + 1,
            }
            made = self.ask("POST", IMAGE, body)
            same(made["code"], 0, made)
            same(made["data"]["created_at"], start, "created by another clock")
            ids.append(made["data"]["task_id"])
        passed = 0
        while passed < 2000:
            step = self.chance.choice((100, 300, 700))
            self.order("clock/advance", seconds=step / 1000)
            passed += step
            last = "failed" if fails else "succeed"
            wanted = CHANGES[0] if passed < 500 else CHANGES[1] if passed < 2000 else last
            for i, task in enumerate(ids):
                record = self.ask("GET", f"{IMAGE}/task-{i}")["data"]
                same((record["task_id"], record["task_status"]), (task, wanted), f"after {passed} ms")
        same(self.ask("GET", "/__understudy__/clock")["now"], start + passed, "the clock")
        listed = self.ask("GET", IMAGE)["data"]
        same([record["task_id"] for record in listed], ids[::-1], "the list")
        if not fails:
            same({len(r["task_result"]["images"]) for r in listed}, {self.number % 9 + 1}, "the results")
        same(self.called, {task: [*CHANGES[:2], last] for task in ids}, "the callbacks")
        counted = self.ask("GET", "/__understudy__/journal/count")["count"]
        same(counted, self.clients_requests, "the journal")
        same({d["task"] for d in self.ask("GET", "/__understudy__/deliveries")}, set(ids), "the deliveries")


def same(got: object, wanted: object, what: object) -> None:
    if got != wanted:
        raise SystemExit(f"{what}: got {got!r}, wanted {wanted!r}")


if __name__ == "__main__":
    url, number, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    besieger = Besieger(url, number)
    for each in range(rounds):
        besieger.round(each)
