"""What providers promise: documents in, one canonical spec out, and the drift between any two of them."""
