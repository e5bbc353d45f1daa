"""Pure functions on the standard library alone."""
