"""Holds the conversation: what to send, within the budget, and in which order. It judges nothing."""
