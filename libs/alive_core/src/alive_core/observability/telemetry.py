"""Traces and error reports, where they are configured. Their packages are optional, and imported only then."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from alive_core.constants import TELEMETRY_FLUSH_S
from alive_core.errors import ConfigurationError
from alive_core.observability.traces import Traces

if TYPE_CHECKING:
    from alive_core.observability.otlp import OtlpTraces

_Call = Callable[[], None]


@asynccontextmanager
async def telemetry(
    service: str, version: str, *, traces_endpoint: str | None, sentry_dsn: str | None
) -> AsyncIterator[Traces | None]:
    """What makes spans, or `None` where traces are off; errors are reported while the block runs.

    At its end what is pending is sent, for TELEMETRY_FLUSH_S at most. Raises ConfigurationError where something is
    configured whose packages are missing, or that cannot be understood.
    """
    closing: list[tuple[_Call, _Call]] = []
    traces = None
    if sentry_dsn is not None:
        handler = _sentry(service, version, sentry_dsn)
        logging.getLogger().addHandler(handler)
        closing.append((handler.close, _nothing))  # gives up by itself
    if traces_endpoint is not None:
        traces = _traces(service, version, traces_endpoint)
        closing.append((traces.close, traces.give_up))
    try:
        yield traces
    finally:
        if sentry_dsn is not None:
            logging.getLogger().removeHandler(handler)
        await asyncio.gather(*(_close(close, give_up) for close, give_up in closing))


def _traces(service: str, version: str, endpoint: str) -> "OtlpTraces":
    try:
        from alive_core.observability.otlp import OtlpTraces
    except ImportError as error:
        raise _missing("Traces are", "OTEL_EXPORTER_OTLP_ENDPOINT", error) from error
    return OtlpTraces(service, version, endpoint)


def _sentry(service: str, version: str, dsn: str) -> logging.Handler:
    try:
        from alive_core.observability.sentry import SentryHandler
    except ImportError as error:
        raise _missing("Error reports are", "SENTRY_DSN", error) from error
    try:
        return SentryHandler(service, version, dsn)
    except ValueError as error:  # its words may hold the address, and with it the key
        raise ConfigurationError("SENTRY_DSN is no address of a Sentry project. Correct it, or unset it.") from error


def _missing(what: str, variable: str, error: ImportError) -> ConfigurationError:
    return ConfigurationError(
        f"{what} configured ({variable}), but the package `{error.name}` is not installed. "
        f"Install it with `pip install 'alive-core[telemetry]'`, or unset {variable}."
    )


def _nothing() -> None:
    """What need not be told to give up."""


async def _close(close: _Call, give_up: _Call) -> None:
    """Run `close` in a thread that nobody waits for longer than it is worth."""
    thread = threading.Thread(target=close, name="telemetry", daemon=True)
    thread.start()
    await asyncio.to_thread(thread.join, TELEMETRY_FLUSH_S)
    if thread.is_alive():
        give_up()
