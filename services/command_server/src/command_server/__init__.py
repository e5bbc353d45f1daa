"""Serves Cohere Command-R with the OpenAI API."""

__version__ = "0.1.0"
