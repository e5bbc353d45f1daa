"""The log line of a request, made at almost no cost: it is put together where lines are written, by a thread."""

import logging
from typing import Final

from alive_core.http.record import RequestRecord
from alive_core.observability.off_loop import SettledRecord

access_log: Final = logging.getLogger("alive_core.access")


def log_request(request: RequestRecord) -> None:
    """A request is over."""
    if access_log.isEnabledFor(logging.INFO):
        words = (request.method, request.path, request.status)
        access_log.handle(SettledRecord(access_log.name, "%s %s %d", words, request.known()))
