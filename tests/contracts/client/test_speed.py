"""`--fast-sleep`: the sleeps and clocks of real processes, two hundred times as fast."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from understudy.contracts.client_verifier.speed import Speed

FACTOR = 200
NAP = 40  # seconds of the client's, 0.2 of ours
# Each way to pass time, once: prints how long it took by the clocks that follow and by the one that does not.
WAYS = """
import asyncio, json, queue, sys, threading, time
from datetime import datetime, timezone
from time import sleep

NAP = float(sys.argv[1])

def get():
    try:
        queue.Queue().get(timeout=NAP)
    except queue.Empty:
        pass

def dated():
    began = datetime.now(timezone.utc), datetime.now(), datetime.utcnow()
    sleep(NAP)
    ended = datetime.now(timezone.utc), datetime.now(), datetime.utcnow()
    told["dates"] = [(b - a).total_seconds() for a, b in zip(began, ended)]

async def late(way):
    try:
        await way()
    except TimeoutError:
        pass

async def in_timeout():
    async with asyncio.timeout(NAP):
        await asyncio.Event().wait()

async def waited():
    await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=NAP)

async def coroutine():
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(NAP)
    told["loop"] = asyncio.get_running_loop().time() - began

def took(way):
    began = time.time(), time.monotonic(), time.perf_counter()
    way()
    return [time.time() - began[0], time.monotonic() - began[1], time.perf_counter() - began[2]]

told = {}
told |= {
    "sleep": took(lambda: sleep(NAP)),
    "event": took(lambda: threading.Event().wait(NAP)),
    "queue": took(get),
    "asyncio": took(lambda: asyncio.run(coroutine())),
    "wait_for": took(lambda: asyncio.run(late(lambda: asyncio.wait_for(asyncio.Event().wait(), NAP)))),
    "timeout": took(lambda: asyncio.run(late(in_timeout))),
    "wait": took(lambda: asyncio.run(waited())),
    "dated": took(dated),
}
real = datetime(2026, 1, 2)
assert isinstance(real, datetime) and issubclass(type(real), datetime)
assert type(real) is type(real + (real - real))
assert datetime.fromisoformat("2026-01-02") == real == datetime.strptime("2026", "%Y").replace(day=2)
class Mine(datetime): pass
assert type(Mine(2026, 1, 2)) is Mine and not isinstance(real, Mine)
print(json.dumps(told))
"""


@pytest.fixture
def speed(tmp_path):
    return Speed(FACTOR, tmp_path)


def run(speed, *command, **env):
    env = os.environ | env
    done = subprocess.run(
        command, env=env | speed.environment(env, "run"), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def fast(wall, monotonic, real):
    """Whether a nap was a nap by the clocks that follow, and much shorter by ours."""
    return wall >= NAP - 1 and monotonic >= NAP - 1 and real < NAP / 4


@pytest.mark.parametrize("shape", ["script", "module", "child"])
def test_python_sleeps_are_short_and_its_clocks_agree(speed, tmp_path, shape):
    (tmp_path / "ways.py").write_text(WAYS)
    child = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'ways', sys.argv[1]], check=True)"
    words = {"script": [str(tmp_path / "ways.py")], "module": ["-m", "ways"], "child": ["-c", child]}[shape]
    told = json.loads(run(speed, sys.executable, *words, str(NAP), PYTHONPATH=str(tmp_path)))
    assert told.pop("loop") < NAP / 4
    assert min(told.pop("dates")) >= NAP - 1
    assert {way: fast(*times) for way, times in told.items()} == dict.fromkeys(told, True)
    assert speed.followed("run")
    assert not speed.followed("another")


def test_wall_clock_of_a_process_is_that_of_the_mock(speed):
    before = speed.wall()
    told = int(run(speed, sys.executable, "-c", "import time; print(time.time_ns())"))
    assert before <= told <= speed.wall()


def test_deadline_lets_as_many_sleeps_through_as_in_real_time(speed):
    code = (
        "import time; end = time.monotonic() + 100; n = 0\n"
        "while time.monotonic() < end:\n  time.sleep(20); n += 1\nprint(n)"
    )
    assert int(run(speed, sys.executable, "-c", code)) in (2, 3, 4, 5)


def test_another_sitecustomize_runs_too(speed, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import time\nwho = time.sleep.__name__\n")
    code = "import sitecustomize; print(sitecustomize.who, sitecustomize.__file__)"
    assert run(speed, sys.executable, "-c", code, PYTHONPATH=str(tmp_path)) == (
        f"fast_sleep {tmp_path / 'sitecustomize.py'}\n"
    )


def test_nothing_is_loaded_that_the_client_did_not_ask_for(speed):
    code = "import sys; print([n for n in ('threading', 'asyncio', 'ssl', 'socket') if n in sys.modules])"
    assert run(speed, sys.executable, "-c", code) == "[]\n"


def test_python_that_ignores_its_environment_does_not_follow(speed):
    run(speed, sys.executable, "-I", "-c", "pass")
    assert not speed.followed("run")


NODE = """
import { setTimeout as nap } from "node:timers/promises";
import { promisify } from "node:util";
const ms = Number(process.argv[2]) * 1000, real = process.hrtime.bigint;
const ways = {
  timer: () => new Promise((done) => setTimeout(done, ms)),
  arguments: () => new Promise((done) => setTimeout(done, ms, "x")),
  promise: () => nap(ms),
  abort: () => new Promise((done) => {
    const alive = setInterval(() => {}, ms);  // its timer keeps no process alive
    AbortSignal.timeout(ms).addEventListener("abort", () => { clearInterval(alive); done(); });
  }),
  promisified: () => promisify(setTimeout)(ms),
  interval: () => new Promise((done) => { const i = setInterval(() => { clearInterval(i); done(); }, ms); }),
};
const told = {};
for (const [name, way] of Object.entries(ways)) {
  const [now, date, began] = [Date.now(), new Date(), real()];
  await way();
  told[name] = [(Date.now() - now) / 1e3, (new Date() - date) / 1e3, Number(real() - began) / 1e9];
}
await Promise.all([new Promise((done) => setTimeout(done)), nap()]);
if (!(new Date() instanceof Date) || +new Date(7) !== 7 || typeof Date() !== "string") throw Error("Date");
console.log(JSON.stringify(told));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_node_timers_are_short_and_its_clocks_agree(speed, tmp_path):
    (tmp_path / "ways.mjs").write_text(NODE)
    told = json.loads(run(speed, "node", str(tmp_path / "ways.mjs"), str(NAP)))
    assert {way: fast(*times) for way, times in told.items()} == dict.fromkeys(told, True)
    assert speed.followed("run")
