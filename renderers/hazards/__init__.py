"""What a drawing can do to the machine that draws it: the tests of :mod:`renderers.safety`."""
