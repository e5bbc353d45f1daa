"""Addresses of servers, as clients write them."""

from urllib.parse import urlsplit

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def http_url(host: str, port: int) -> str:
    """Where a client on this machine reaches a server on `host`; one on every address is reached on loopback."""
    reachable = _EVERYWHERE.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def host_of(url: str) -> str | None:
    """The host in an address, in lower case and without brackets; `None` where there is none."""
    try:
        return urlsplit(url).hostname or None
    except ValueError:
        return None
