"""Contract testing: verifiers for providers, clients and gateways."""
