"""Every other model and remote provider behind an OpenAI-compatible API, on CPU only."""
