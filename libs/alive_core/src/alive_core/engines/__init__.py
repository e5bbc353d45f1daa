"""Where an adapter runs: in this process, or in a child of its own."""
