"""Fields found by their names and types alone, in whatever arrangement a page states them."""
