"""A training before it starts: parameters, lengths, steps, memory, and what of its data gives way."""
