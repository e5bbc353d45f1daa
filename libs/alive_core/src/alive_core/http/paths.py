"""Forgives what clients often get wrong in an address: a trailing slash, a missing `/v1`."""

RESOURCES = (
    "chat/completions",
    "completions",
    "embeddings",
    "models",
    "responses",
    "conversations",
    "rerank",
    "classify",
)
"""What lives under `/v1`."""

BESIDE = ("tokenize", "detokenize")
"""What other servers have beside `/v1`, so it lives there; with the prefix it is found as well."""


def canonical_path(path: str) -> str:
    """`path` as the routes know it: no trailing slash, one `/v1` in front of a resource; others unchanged."""
    bare = path.strip("/")
    while bare.startswith("v1/v1/"):
        bare = bare.removeprefix("v1/")
    if any(bare == resource or bare.startswith(f"{resource}/") for resource in RESOURCES):
        return f"/v1/{bare}"
    if bare.removeprefix("v1/") in BESIDE:
        bare = bare.removeprefix("v1/")
    return f"/{bare}"
