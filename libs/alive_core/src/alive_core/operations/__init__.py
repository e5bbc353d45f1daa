"""What lets an operator find and stop the servers that run."""
