from datetime import UTC, datetime

import pytest

from alive_core.catalog.remote import is_encrypted_or_local, retry_after_s

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17.0),
        (" 0 ", 0.0),
        ("Thu, 01 Jan 2026 12:01:30 GMT", 90.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("", 0.0),
    ],
)
def test_a_pause_is_read_as_seconds_or_as_a_date(value: str, seconds: float) -> None:
    assert retry_after_s({"Retry-After": value}, NOW) == seconds


def test_no_pause_is_none() -> None:
    assert retry_after_s({}, NOW) == 0.0


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("https://h.example/a", True),
        ("http://127.0.0.1:8000/a", True),
        ("http://localhost/a", True),
        ("http://h.example/a", False),
        ("http://127.0.0.1.h.example/a", False),
        ("ftp://127.0.0.1/a", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_what_nobody_can_change_on_its_way_is_accepted(url: str, is_fine: bool) -> None:
    assert is_encrypted_or_local(url) is is_fine
