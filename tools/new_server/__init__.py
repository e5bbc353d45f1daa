"""`task new:server`: a server of your own, made from the echo example."""
