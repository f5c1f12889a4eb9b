"""Commands of the specs package; `contracts.cli` mounts them."""
