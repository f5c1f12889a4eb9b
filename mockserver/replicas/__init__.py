"""Several processes that are one mock: workers of one machine, replicas on several.

What is shared, and how:

- **Tasks and external ids** are rows of one database. A replica answers from memory what cannot have
  changed, else from the database (`store.shared`); whoever changes a task tells all others before it
  answers.
- **Callbacks** are sent by the replica that took the create (`owner` in the row): nothing is asked of the
  database when one falls due, and a task's order is kept as in one process. A replica that is not seen for
  `LEASE_SECONDS` is dead: the others take over its tasks (`FOR UPDATE SKIP LOCKED`). It stops by itself
  before that.
- **Clocks** go by the database's time, which each replica follows; a clock is a straight line in it
  (`course`), so all replicas compute the same.
- **Commands** to the control plane (clock, pace, scenario, faults, limits, reset) go to all replicas, through
  one table that orders them (`bus`), and are answered when every live replica has carried them out. Moving
  a clock by hand goes in steps: all replicas stand at the time of the next delivery while it is sent.
- **What requests use up** (faults for the next N, limits, scenarios with `times`, idempotency keys) is held
  by one replica at a time, for some milliseconds, and goes to the next through the database (`counters`).
  Accounts that have none of it, which is nearly all, pay nothing.
- **The journal and the log of callbacks** stay where they arise; whoever asks gets those of all replicas,
  in order.

Not shared: what a killed replica had in its journal; the live board, which looks at one process only.

Considered and not taken: routing each account to one process (a load test has one key, so it would not get
faster); a round trip to the database for every request (half the rate); a change log that every replica
mirrors (memory and start-up grow with all tasks).
"""

LEASE_SECONDS = 4.0
BEAT_SECONDS = 1.0
# A replica that the database has not seen for so long is silent: it may be taken for dead.
FENCE_SECONDS = LEASE_SECONDS - 1.0
