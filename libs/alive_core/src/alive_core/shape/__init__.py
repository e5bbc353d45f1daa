"""From an engine's events to OpenAI's answer: pure functions, one file per resource."""
