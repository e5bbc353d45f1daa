"""Forgives what clients often get wrong in an address: a slash too many, a missing `/v1`."""

from collections.abc import Collection, Iterable
from typing import Final

_VERSION: Final = "v1/"

BESIDE: Final = ("tokenize", "detokenize")
"""What other servers have beside `/v1`, so it lives there; with the prefix it is found as well."""

_OPERATORS: Final = "alive/"  # what is no part of the API that clients know; likewise


def resources_of(paths: Iterable[str]) -> frozenset[str]:
    """What lives under `/v1` of these routes, up to the first part in braces: `/v1/models/{model}` is `models`."""
    bare = (path.partition("{")[0].strip("/") for path in paths)
    return frozenset(path.removeprefix(_VERSION) for path in bare if path.startswith(_VERSION))


def canonical_path(path: str, resources: Collection[str]) -> str:
    """`path` as the routes know it: single slashes, none at the end, one `/v1` in front of a resource."""
    bare = "/".join(part for part in path.split("/") if part)
    while bare.startswith(_VERSION * 2):
        bare = bare.removeprefix(_VERSION)
    if any(bare == resource or bare.startswith(f"{resource}/") for resource in resources):
        return f"/{_VERSION}{bare}"
    beside = bare.removeprefix(_VERSION)
    return f"/{beside if beside in BESIDE or beside.startswith(_OPERATORS) else bare}"
