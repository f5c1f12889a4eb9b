"""One field: a row, a list entry or a line as its name, type, limits, values and shape."""
