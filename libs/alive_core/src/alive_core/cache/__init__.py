"""Many models, one memory: loads, leases, eviction."""
