"""A profile, played: checks of requests, plans of tasks, records, envelopes, refusals and scenarios."""
