"""Outside conformance suites, run against our server, their results written to `docs/conformance.md`."""
