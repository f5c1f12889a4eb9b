"""Hold a gateway to its part: it stands between our clients below and our mock of the provider above.

scenarios  what is played upstream, and what has to come out below
ledger     how it is read what the gateway billed
driver     orders placed below, followed to their end
matching   which task upstream belongs to which order
judges     one function for each promise
promises   the table of promises
plan       what the user said
watching   both sides of one run
runner     the gateway started, once for each scenario, and driven
card       every promise over all runs, and the ledger, as a report
"""
