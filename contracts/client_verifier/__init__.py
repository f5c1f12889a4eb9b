"""Hold a client to its part: run it once per scenario, judge the journal, and grade it.

trace      what one run was: exchanges, deliveries, tasks, exit code, output; no clock, no network
judges     one function per promise: a Trace and its GradedScenario in, a ClientVerdict out
promises   the table of promises;  scenarios: the table of runs
card       verdicts gathered into a grade card;  baseline: what is known to be broken already
journal    the mock's journal as a Trace;  process: one command, its output, and no process left behind
runner     a run per scenario, several at once
"""
