"""The mock server: it plays the provider that you choose."""
