"""Pure functions and small value classes on the standard library alone. Nothing here knows the rest of the core."""
