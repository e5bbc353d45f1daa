"""Settings of the property tests."""

from hypothesis import settings

# Examples are timed by the wall clock, and a busy machine is no failure.
settings.register_profile("alive", deadline=None)
settings.load_profile("alive")
