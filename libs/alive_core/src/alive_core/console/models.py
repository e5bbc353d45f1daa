"""`task models:list` and `task models:pull`: the models of every service that is installed here."""

import os
import sys

from alive_core.catalog.commands import list_models, pull_model
from alive_core.catalog.entry import Catalogue, load_catalogue
from alive_core.catalog.store import Store
from alive_core.console.services import installed_services
from alive_core.utils.paths import cache_dir


def list_all() -> int:
    """Write the catalogue, and what of it is on this machine."""
    list_models(_catalogues(), Store(cache_dir(os.environ)), sys.stdout)
    return 0


def pull(name: str, *, is_agreed: bool) -> int:
    """Fetch one model after its size and licence were agreed to. Returns 1 where nothing was fetched."""
    is_there = pull_model(
        name,
        _catalogues(),
        Store(cache_dir(os.environ)),
        sys.stdout,
        ask=input if sys.stdin.isatty() else None,
        is_agreed=is_agreed,
        token=os.environ.get("HF_TOKEN"),
    )
    return 0 if is_there else 1


def _catalogues() -> list[Catalogue]:
    return [load_catalogue(service.catalogue) for service in installed_services() if service.catalogue.exists()]
