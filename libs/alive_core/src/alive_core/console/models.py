"""`task models:list|pull|add|remove|verify`: models of the services that are installed here, and the user's own."""

import os
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from alive_core.catalog.commands import Desk, Wished, add_model, pull_model, remove_model, verify_models
from alive_core.catalog.entry import load_catalogue
from alive_core.catalog.install import hub_url
from alive_core.catalog.listing import listed, table_of
from alive_core.catalog.own import load_own
from alive_core.catalog.store import Store
from alive_core.console.services import installed_services
from alive_core.operations.runfiles import run_folder, running_servers
from alive_core.profiles.load import load_profiles
from alive_core.utils.paths import cache_dir, state_dir


def list_all(*, as_json: bool) -> int:
    """Write the catalogues, and what of them is on this machine; with `as_json` one JSON array."""
    desk = _desk()
    models = listed(desk.catalogues, desk.store, desk.pins, _profiles())
    sys.stdout.write(msgspec.json.encode(models).decode() + "\n" if as_json else table_of(models))
    return 0


def pull(name: str, *, is_agreed: bool, repin: bool) -> int:
    """Fetch one model after its size and licence were agreed to. Returns 1 where nothing was fetched."""
    return 0 if pull_model(name, _desk(is_agreed=is_agreed), repin=repin) else 1


def add(wished: Wished) -> int:
    """Register a model of the user's own."""
    add_model(wished, _desk())
    return 0


def remove(name: str, *, is_agreed: bool) -> int:
    """Free a model's disk after asking. Returns 1 where nothing was removed."""
    return 0 if remove_model(name, _desk(is_agreed=is_agreed), users=_users()) else 1


def verify(names: Sequence[str]) -> int:
    """Read the files of models again. Returns 1 where one is changed or missing."""
    return 0 if verify_models(names, _desk()) else 1


def _desk(*, is_agreed: bool = False) -> Desk:
    state = state_dir(os.environ)
    catalogues = [load_catalogue(service.catalogue) for service in installed_services() if service.catalogue.exists()]
    return Desk(
        catalogues=[*catalogues, load_own(state)],
        store=Store(cache_dir(os.environ)),
        state=state,
        out=sys.stdout,
        ask=input if sys.stdin.isatty() else None,
        is_agreed=is_agreed,
        token=os.environ.get("HF_TOKEN"),
        hub_url=hub_url(os.environ),
    )


def _profiles() -> Mapping[str, Sequence[str]]:
    """For each model, the functionalities that the installed services' own profiles let it serve."""
    found: dict[str, list[str]] = defaultdict(list)
    for service in installed_services():
        book = load_profiles(service.profiles, service.adapters)
        for profile in book.profiles.values():
            for target in (book.targets[name] for name in profile.targets):
                if target.model is not None:
                    found[target.model].append(profile.name)
    return found


def _users() -> Mapping[str, Sequence[str]]:
    """For each model, the running servers that serve it or would load it for the next request."""
    found: dict[str, list[str]] = defaultdict(list)
    for run in running_servers(run_folder(state_dir(os.environ))):
        for model in run.models:
            found[model].append(f"{run.service} on port {run.port}")
    return found
