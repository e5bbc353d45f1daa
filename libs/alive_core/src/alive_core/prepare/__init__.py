"""From OpenAI's request to a job: pure functions, one file per resource."""
