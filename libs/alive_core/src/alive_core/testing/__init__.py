"""Public fakes for tests: of this library, and of servers built on it."""
