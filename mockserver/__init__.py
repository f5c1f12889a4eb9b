"""The promise, alive: a server that plays the provider you pick."""
