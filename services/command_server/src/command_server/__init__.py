"""Cohere Command-R behind an OpenAI-compatible API."""
