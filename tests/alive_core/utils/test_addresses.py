"""Addresses of servers."""

import pytest

from alive_core.utils.addresses import host_of, http_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("192.168.0.7", "http://192.168.0.7:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_an_address_can_be_pasted_into_a_client(host: str, url: str) -> None:
    assert http_url(host, 80) == url


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://App.example:8443/path", "app.example"),
        ("http://[::1]:80", "::1"),
        ("http://user@127.0.0.1:80", "127.0.0.1"),
        ("https://", None),
        ("null", None),
        ("", None),
        ("http://[::1", None),
    ],
)
def test_the_host_of_an_address_is_found_or_there_is_none(url: str, host: str | None) -> None:
    assert host_of(url) == host
