"""How things stood on a day in the past, and what the rules say of it."""
