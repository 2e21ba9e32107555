"""Scores held against a committed baseline: what fell, by how much, on which samples, and whether by chance."""
