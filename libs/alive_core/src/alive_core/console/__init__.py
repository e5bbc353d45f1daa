"""The command line: starting a server, and asking about the servers that run."""
