"""Addresses of servers."""

import pytest

from alive_core.utils.addresses import http_url


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
