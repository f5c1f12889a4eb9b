"""Who keeps the promise: verifiers for providers and for clients."""
