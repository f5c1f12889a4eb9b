"""Amounts on a command line."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click


def units(_: click.Context, __: click.Parameter, value: str) -> Decimal:
    """The callback of an option that takes units, whole or not; click.BadParameter for what is no amount."""
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter("units must be a number, 0 or more")
    return amount
