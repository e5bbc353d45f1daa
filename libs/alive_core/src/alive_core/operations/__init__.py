"""What lets an operator find, stop, back up and restore what the servers keep."""
