"""A real Prometheus over a real server, for `task test:prometheus`."""
