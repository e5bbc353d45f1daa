"""The contract with an engine: jobs in, events out."""
