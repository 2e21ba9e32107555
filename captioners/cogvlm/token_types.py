"""Types of tokens, as the checkpoints' own inputs call them."""

TEXT, IMAGE = 0, 1
