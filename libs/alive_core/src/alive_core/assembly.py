"""Puts a server together: profiles held against models, a cache that loads them, the context that requests share."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from alive_core.access.callers import Callers
from alive_core.access.keys import FILE_NAME as KEYS_FILE
from alive_core.access.keys import KeyBook
from alive_core.access.usage import FILE_NAME as USAGE_FILE
from alive_core.access.usage import Usage
from alive_core.cache.book import FILE_NAME as LEDGER_FILE
from alive_core.cache.book import Book, Instance
from alive_core.cache.cache import ModelCache, Start
from alive_core.cache.cache import OnProgress as OnLoading
from alive_core.cache.ledger import Ledger
from alive_core.catalog.entry import load_catalogue
from alive_core.catalog.identity import FILE_NAME as HASHES_FILE
from alive_core.catalog.identity import Hashes, OnProgress
from alive_core.catalog.own import load_own
from alive_core.catalog.progress import ProgressLine
from alive_core.catalog.store import Store
from alive_core.constants import HASH_SHOWN_BYTES
from alive_core.engines.engine import Engine
from alive_core.engines.gpu_memory import DeviceMemory, device_memory, find_nvml, visible_devices
from alive_core.engines.loop_watch import LoopWatch
from alive_core.engines.memory import held_by_children
from alive_core.engines.start import start_engine
from alive_core.errors import ConfigurationError
from alive_core.http.context import Context
from alive_core.observability.metrics import Metrics
from alive_core.observability.telemetry import telemetry
from alive_core.operations.gpu import find_gpu
from alive_core.operations.processes import identity
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.load import load_profiles
from alive_core.profiles.profile import Target
from alive_core.routing.roster import Locate, Roster, build_roster
from alive_core.service import Service
from alive_core.settings import Settings
from alive_core.store.sqlite import FILE_NAME, SqliteStore, check_file
from alive_core.utils.machine import available_memory_bytes
from alive_core.utils.paths import cache_dir


def assemble_roster(service: Service, profiles: Path, *, state: Path) -> Roster:
    """Read `profiles` and hold each profile against its targets; hashes of files are remembered in `state`.

    A large file of the operator's own is read whole the first time, which stderr shows. Raises ConfigurationError.
    """
    with closing(Hashes(state / HASHES_FILE, show_reading(sys.stderr))) as hashes:

        def identify(target: Target, abilities: Abilities) -> str | None:
            return abilities.fingerprint or hashes.fingerprint(target, abilities.recipe)

        book = load_profiles(profiles, service.adapters)
        return build_roster(book, service.adapters, locator(service, state), identify=identify)


def show_reading(out: TextIO) -> OnProgress:
    """Shows how far the reading of a model file is, where it takes long enough to be noticed."""
    line = ProgressLine(out)

    def show(name: str, done: int, total: int | None) -> None:
        if total is None or total >= HASH_SHOWN_BYTES:
            line(f"Reading {name}, once, to know its identity", done, total)

    return show


@asynccontextmanager
async def assemble(service: Service, roster: Roster, settings: Settings, *, state: Path) -> AsyncIterator[Context]:
    """Everything that requests share, alive while the block runs; at its end every model is unloaded.

    `state` is the folder for what must last.
    """
    with counting(service, settings, state) as ledger:
        cache = ModelCache(starter(service), ledger, asyncio.get_running_loop().time)
        name, version, metrics = service.name, service.version, metrics_of(service, roster)
        async with (
            telemetry(
                name, version, traces_endpoint=settings.traces_endpoint, sentry_dsn=settings.sentry_dsn
            ) as traces,
            cache,
            LoopWatch(service.adapters.values()),
            remembering(settings, state) as store,
            knowing(settings, state) as callers,
        ):
            cache.keep(route.target for offer in roster for route in offer.routes)
            sweeping = asyncio.ensure_future(cache.sweep())
            try:
                yield Context(name, version, roster, cache, settings, callers, metrics, store, traces=traces)
            finally:
                sweeping.cancel()


def metrics_of(service: Service, roster: Roster) -> Metrics:
    """What is counted: for each profile with each target that can answer for it."""
    answers = [(offer.profile.name, route.target) for offer in roster for route in offer.routes]
    prices = {target.name: target.cost for _, target in answers if target.cost}
    names = [(profile, target.name) for profile, target in answers]
    return Metrics(service.name, service.version, names, prices=prices)


@contextmanager
def counting(service: Service, settings: Settings, state: Path) -> Iterator[Ledger]:
    """This server's ledger, which shares the machine's memory with every other server whose state is in `state`.

    Raises ConfigurationError where its file cannot be used.
    """
    me = Instance(service.name, os.getpid(), identity(os.getpid()) or "")
    book = Book(state / LEDGER_FILE, me, identity)
    ledger = Ledger(
        settings.memory_budget,
        book=book,
        available=available_memory_bytes,
        held=held_by_children,
        gpu=gpu_meter(service, settings, os.environ),
    )
    with closing(ledger):
        yield ledger


def gpu_meter(
    service: Service, settings: Settings, environment: Mapping[str, str]
) -> Callable[[], DeviceMemory | None] | None:
    """What tells the GPUs' memory; `None` where engines use none, or nothing can tell: then it costs nothing."""
    is_off = settings.gpu == "off" or service.gpu == "never" or find_gpu(environment) != "NVIDIA"
    nvml = None if is_off else find_nvml()
    return None if nvml is None else partial(device_memory, nvml, visible_devices(environment))


@asynccontextmanager
async def knowing(settings: Settings, state: Path) -> AsyncIterator[Callers]:
    """Everyone who may ask this server. Raises ConfigurationError where the files of keys cannot be used."""
    with closing(KeyBook(state / KEYS_FILE)) as book, closing(Usage(state / USAGE_FILE)) as usage:
        if settings.oidc is None:
            yield Callers(settings, book, usage)
            return
        from alive_core.access.tokens import reading_tokens  # its libraries cost time at start

        async with reading_tokens(settings.oidc) as tokens:
            yield Callers(settings, book, usage, tokens=tokens)


@asynccontextmanager
async def remembering(settings: Settings, state: Path) -> AsyncIterator[SqliteStore | None]:
    """The store in the folder `state`, or `None` where it is off.

    Raises ConfigurationError where its file cannot be used.
    """
    if settings.store == "off":
        yield None
        return
    file = state / FILE_NAME
    check_file(file)
    store = SqliteStore(file)
    try:
        yield store
    finally:
        await store.close()


def locator(service: Service, state: Path) -> Locate:
    """Finds a target's model: its own path, else the file that the catalogue entry has on this machine.

    Entries are those of the service, and those that the user has added, which stand in `state`.
    """
    entries = {**(load_catalogue(service.catalogue) if service.catalogue.exists() else {}), **load_own(state)}
    store = Store(cache_dir(os.environ))

    def locate(target: Target) -> Path | None:
        if target.path is not None:
            path = Path(target.path).expanduser()
            return path if path.exists() else None
        if target.model is None:
            return None
        if target.model not in entries:
            known = ", ".join(sorted(entries)) or "none"
            raise ConfigurationError(
                f"The target `{target.name}` wants the model `{target.model}`, which is not in {service.catalogue} "
                "and was not added with `task models:add`. "
                f"Known: {known}."
            )
        return store.find(entries[target.model])

    return locate


def starter(service: Service) -> Start:
    """Loads a target with the adapter that its name stands for."""

    def start(target: Target, on_progress: OnLoading) -> Awaitable[Engine]:
        return start_engine(service.adapters[target.adapter], target, on_progress=on_progress)

    return start
