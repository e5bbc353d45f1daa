"""A server without a model whose answers the request scripts: for people who write clients."""
