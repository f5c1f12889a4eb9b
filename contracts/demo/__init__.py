"""`understudy demo`: a whole conversation with a mock, shown step by step."""
