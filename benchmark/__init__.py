"""svg-caption-bench: which captioner of SVG drawings is best, measured on the same samples."""

__version__ = "0.1.0"
