"""Serves every model but Command-R with the OpenAI API, on CPU only."""

__version__ = "0.1.0"
