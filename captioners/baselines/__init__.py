"""Captioners that need no weights: the floor, the ceiling, and honest cheap ones."""
