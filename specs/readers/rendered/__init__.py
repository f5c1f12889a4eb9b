"""Pages of documentation tools, as rendered text (Apifox, Mintlify) or as written (MDX)."""
