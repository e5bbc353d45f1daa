"""The headline figures, each measured beside something to compare it with, in one run. Never part of the tests."""
