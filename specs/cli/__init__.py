"""Commands of the specs package; `understudy.contracts.cli` mounts them."""
