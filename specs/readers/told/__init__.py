"""What stands in a document and ended up in no fact: each such line becomes a note."""
