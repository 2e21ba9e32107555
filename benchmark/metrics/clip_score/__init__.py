"""CLIP Score: how well a caption fits the picture, by a model that saw pairs of both."""
