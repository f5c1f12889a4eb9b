"""Lets the sleeps of a Python process, and the clocks that go with them, run faster: `--fast-sleep`.

Python imports a module of this name at its start when this folder is on PYTHONPATH. UNDERSTUDY_FAST_SLEEP is
"FACTOR WALL_NS MONOTONIC_NS FILE": at MONOTONIC_NS of the machine's monotonic clock the clock on the wall
shows WALL_NS, and from then on both run FACTOR times as fast; FILE is created to say that somebody read this.

time.sleep, asyncio.sleep, wait_for, wait and timeout, and waits of threading (Event, Condition, Queue) take a
FACTORth; time.time, time.monotonic and datetime.now run FACTOR times as fast, so that a deadline made of them
still stands where it stood among the sleeps. Left alone: timeouts of sockets, loop.call_later,
time.perf_counter, and what C code reads by itself. Runs in the client's process: standard library only, and
for any Python 3.
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
        shorter(module, "wait", None)
        if sys.version_info < (3, 12):
            # From then on it is made of timeouts.timeout.
            shorter(module, "wait_for", 1)

    def timeouts(module):
        shorter(module, "timeout", 0)

    def shorter(module, name, place):
        """Let the time that a function is given be shorter: its argument at `place`, or by name."""
        original = getattr(module, name)

        def fast(*args, **options):
            values = list(args)
            if place is not None and len(values) > place and values[place]:
                values[place] = values[place] / factor
            for option in ("timeout", "delay"):
                if options.get(option):
                    options[option] = options[option] / factor
            return original(*values, **options)

        fast.__name__, fast.__doc__ = name, original.__doc__
        setattr(module, name, fast)

    def dates(module):
        real = module.datetime

        class Kind(type):
            def __instancecheck__(cls, value):
                return isinstance(value, real) if cls is fast else type.__instancecheck__(cls, value)

            def __subclasscheck__(cls, kind):
                return issubclass(kind, real) if cls is fast else type.__subclasscheck__(cls, kind)

        class FastDatetime(real, metaclass=Kind):
            # What is made of it is of the real class: C code knows no other.
            def __new__(cls, *args, **options):
                return real.__new__(real if cls is fast else cls, *args, **options)

            @classmethod
            def now(cls, tz=None):
                return cls.fromtimestamp(time.time(), tz)

            @classmethod
            def today(cls):
                return cls.fromtimestamp(time.time())

            @classmethod
            def utcnow(cls):
                return cls.fromtimestamp(time.time(), module.timezone.utc).replace(tzinfo=None)

        fast = FastDatetime
        fast.__module__, fast.__name__, fast.__qualname__, fast.__doc__ = (
            "datetime", "datetime", "datetime", real.__doc__,
        )  # fmt: skip
        module.datetime = fast

    def loops(module):
        # Deadlines of a loop are those of sockets too: they stay in real time.
        module.BaseEventLoop.time = lambda self: monotonic()

    after_import(
        {
            "threading": waiting,
            "datetime": dates,
            "asyncio.tasks": tasks,
            "asyncio.timeouts": timeouts,
            "asyncio.base_events": loops,
        }
    )


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
        from importlib.util import module_from_spec  # here: it is in every program that is graded

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
