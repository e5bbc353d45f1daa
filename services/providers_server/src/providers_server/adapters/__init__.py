"""Engines of the providers service: each class satisfies the core's adapter contract."""
