"""How far pictures agree: one backend's with another's, or with the references of a conformance suite."""
