"""Callbacks: what a task owes, when it leaves, how it is signed, and the HTTP client that sends it."""
