"""What a key opens: an account with its clock, pace, limits, scenarios and journal."""
