"""The `/__understudy__/` plane: what a test says to the mock, beside what its client says to the provider."""
