"""Lets the sleeps of a Python process, and the clocks that go with them, run faster: `--fast-sleep`.

Python imports a module of this name at its start when this folder is on PYTHONPATH. UNDERSTUDY_FAST_SLEEP is
"FACTOR WALL_NS MONOTONIC_NS FILE": at MONOTONIC_NS of the machine's monotonic clock the clock on the wall
shows WALL_NS, and from then on both run FACTOR times as fast; FILE is created to say that somebody read this.

time.sleep, asyncio.sleep and waits of threading (Event, Condition, Queue) take a FACTORth; time.time and
time.monotonic run FACTOR times as fast, so that a deadline made of them still stands where it stood among the
sleeps. Left alone: timeouts of sockets, timers of event loops, time.perf_counter, datetime.now, and what C
code reads by itself. Runs in the client's process: standard library only, and for any Python 3.
"""

# mypy: ignore-errors
# (a client's Python may be too old for what mypy asks for here)

import importlib.machinery
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "UNDERSTUDY_FAST_SLEEP"


def install(factor, wall_ns, began_ns):
    """Replace what tells time and what passes it; modules that are not loaded yet as soon as they are."""
    sleep, monotonic, monotonic_ns = time.sleep, time.monotonic, time.monotonic_ns

    def passed():
        return int((monotonic_ns() - began_ns) * factor)

    def fast_sleep(seconds):
        """time.sleep, FACTOR times as short."""
        sleep(seconds / factor)

    time.sleep = fast_sleep
    time.time_ns = lambda: wall_ns + passed()
    time.time = lambda: (wall_ns + passed()) / 1e9
    time.monotonic_ns = lambda: began_ns + passed()
    time.monotonic = lambda: (began_ns + passed()) / 1e9

    def waiting(module):
        wait = module.Condition.wait

        def fast_wait(self, timeout=None):
            return wait(self, timeout / factor if timeout else timeout)

        module.Condition.wait = fast_wait

    def tasks(module):
        original = module.sleep

        async def fast_sleep(delay, *args, **options):
            return await original(delay / factor if delay > 0 else delay, *args, **options)

        module.sleep = fast_sleep

    def loops(module):
        # Deadlines of a loop are those of sockets too: they stay in real time.
        module.BaseEventLoop.time = lambda self: monotonic()

    after_import({"threading": waiting, "asyncio.tasks": tasks, "asyncio.base_events": loops})


def after_import(patches):
    """Apply patches[name] to each module as soon as it has been loaded."""

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name not in patches:
                return None
            spec = importlib.machinery.PathFinder.find_spec(name, path, target)
            if spec is None or not hasattr(spec.loader, "exec_module"):
                return spec
            patch, execute = patches.pop(name), spec.loader.exec_module

            def exec_module(module):
                execute(module)
                patch(module)

            spec.loader.exec_module = exec_module
            return spec

    for name in list(patches):
        if name in sys.modules:
            patches.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, Finder)


def go_on():
    """Run the sitecustomize that this one hides, as if it had been found first."""
    places = [place for place in sys.path if os.path.abspath(place or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", places)
    if spec is not None and spec.loader is not None:
        from importlib.util import module_from_spec

        module = sys.modules["sitecustomize"] = module_from_spec(spec)
        spec.loader.exec_module(module)


told = os.environ.get(NAME, "")
if told:
    factor, wall, began, file = told.split(" ", 3)
    if not hasattr(time, "understudy"):
        time.understudy = True
        install(float(factor), int(wall), int(began))
    try:
        open(file, "a").close()
    except OSError:
        pass
go_on()
