"""What drawings say that is not SVG, and what it stands for: the rules of :mod:`renderers.repair`."""
