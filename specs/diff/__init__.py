"""Facts: what two API documents say differently, with the place on both sides. No judgement here."""
