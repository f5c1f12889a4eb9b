"""Formats that are rewritten, line by line, as one that is read: HTML, GitBook, reStructuredText, Redoc."""
