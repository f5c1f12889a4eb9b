"""What clients of the provider talk to. Create, query and list are raw ASGI: they are the hot path."""
