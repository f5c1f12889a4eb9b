"""Shared by all tests: the Hypothesis profiles, and fewer garbage collections."""

from __future__ import annotations

import gc
import os

from hypothesis import HealthCheck, settings

# `ci` is the same on every run; `dev` searches anew each time.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# As the server has it: a process that keeps what thousands of tests loaded spends a sixth of its time there.
gc.set_threshold(10_000, 20, 50)
