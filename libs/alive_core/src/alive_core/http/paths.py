"""Forgives what clients often get wrong in an address: a trailing slash, a missing `/v1`."""

from collections.abc import Collection, Iterable
from typing import Final

_VERSION: Final = "v1/"

BESIDE = ("tokenize", "detokenize")
"""What other servers have beside `/v1`, so it lives there; with the prefix it is found as well."""


def resources_of(paths: Iterable[str]) -> frozenset[str]:
    """What lives under `/v1` of these routes, up to the first part in braces: `/v1/models/{model}` is `models`."""
    bare = (path.partition("{")[0].strip("/") for path in paths)
    return frozenset(path.removeprefix(_VERSION) for path in bare if path.startswith(_VERSION))


def canonical_path(path: str, resources: Collection[str]) -> str:
    """`path` as the routes know it: no trailing slash, one `/v1` in front of a resource; others unchanged."""
    bare = path.strip("/")
    while bare.startswith(_VERSION * 2):
        bare = bare.removeprefix(_VERSION)
    if any(bare == resource or bare.startswith(f"{resource}/") for resource in resources):
        return f"/{_VERSION}{bare}"
    if bare.removeprefix(_VERSION) in BESIDE:
        bare = bare.removeprefix(_VERSION)
    return f"/{bare}"
