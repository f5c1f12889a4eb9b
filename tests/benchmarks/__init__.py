"""How fast the mock is, and what it weighs: `python -m tests.benchmarks` (see `__main__`)."""
