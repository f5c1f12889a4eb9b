"""Requests worth sending: a covering set of those that must be taken, and those that must be refused.

Both are read off the request schema; the same seed gives the same requests in the same order.
"""
