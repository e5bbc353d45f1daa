"""From a profile to the target that serves it now."""
