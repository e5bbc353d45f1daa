"""Errors to Sentry, or to anything that takes its events: what the log says at `error`, and where it happened.

Imported only where it is on. An event holds what the log line holds and the places of the traceback: no request, no
variables, no words of an exception, nothing that was logged before. Nothing global is set and nothing is patched.
"""

import logging
from collections.abc import Iterator

from sentry_sdk import Client
from sentry_sdk.types import Event
from sentry_sdk.utils import event_from_exception

from alive_core.constants import TELEMETRY_FLUSH_S
from alive_core.observability.logs import extra_of, message_of
from alive_core.utils.trail import current_trail

logger = logging.getLogger(__name__)


class SentryHandler(logging.Handler):
    """Sends each record of level `error` and above as an event; a thread of the package does the sending.

    Raises ValueError where `dsn` is none.
    """

    def __init__(self, service: str, version: str, dsn: str) -> None:
        self._service = service
        self._client = Client(
            dsn=dsn,
            release=f"{service}@{version}",
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            shutdown_timeout=TELEMETRY_FLUSH_S,
        )  # personal data is off where nothing says otherwise
        super().__init__(logging.ERROR)  # only now: what exists is closed at Python's end

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record. Never raises."""
        if record.name.startswith("sentry_sdk"):
            return  # it speaks of its own troubles, which would go round
        try:
            self._client.capture_event(self._event(record))
        except Exception as error:  # noqa: BLE001 - a report that cannot be made must not break what it tells of
            logger.warning("an error could not be reported: %s", type(error).__name__)

    def close(self) -> None:
        """Send what is pending and stop. Blocks for TELEMETRY_FLUSH_S at most."""
        self._client.close()
        super().close()

    def _event(self, record: logging.LogRecord) -> Event:
        trail = current_trail()
        event: Event = {}
        if record.exc_info and record.exc_info[1] is not None:
            event, _ = event_from_exception(record.exc_info[1], client_options=self._client.options)
            for value in _values(event):
                value["value"] = ""
        tags = {"service": self._service} | ({"request_id": trail.request_id} if trail else {})
        event["level"] = "fatal" if record.levelno >= logging.CRITICAL else "error"
        event["logger"] = record.name
        event["logentry"] = {"message": message_of(record), "params": []}
        event["tags"] = tags
        event["extra"] = {name: str(value) for name, value in extra_of(record).items()}
        return event


def _values(event: Event) -> Iterator[dict[str, object]]:
    """Each exception of an event: the one that was logged and those that led to it."""
    yield from event.get("exception", {}).get("values", [])
