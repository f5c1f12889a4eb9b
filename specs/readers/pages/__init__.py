"""Markdown pages, read from top to bottom: operations, tables, lists, examples and the lines between them."""
