"""Proof: a payload that one side takes and the other refuses, judged by the real validators."""
