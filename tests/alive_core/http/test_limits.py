"""What the headers and the counts of a limited key say."""

import pytest

from alive_core.http.limits import reset_words, used_tokens
from alive_core.http.record import RequestRecord


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0s"),
        (0.0001, "1ms"),
        (0.25, "250ms"),
        (1.0, "1s"),
        (8.64, "8.64s"),
        (59.999, "1m0s"),
        (360.0, "6m0s"),
        (86399.0, "1439m59s"),
    ],
)
def test_a_span_is_written_as_openai_writes_it(seconds: float, words: str) -> None:
    assert reset_words(seconds) == words


@pytest.mark.parametrize(
    ("prompt", "completion", "status", "used"),
    [
        (7, 5, 200, 12),
        (7, None, 200, 7),
        (7, 5, 503, 12),
        (None, None, 503, 0),
        (None, None, 400, 0),
        (None, None, 200, None),
        (None, None, None, None),
    ],
)
def test_what_was_used_is_known_from_the_engine_or_because_nothing_was_answered(
    prompt: int | None, completion: int | None, status: int | None, used: int | None
) -> None:
    record = RequestRecord("POST", "/v1/embeddings", "req_1", 499, prompt_tokens=prompt, completion_tokens=completion)
    assert used_tokens(record, status) == used
