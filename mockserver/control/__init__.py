"""The `/__understudy__/` plane: how a test configures and inspects the mock."""
