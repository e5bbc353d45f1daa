"""Addresses that clients often get wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.http.paths import canonical_path, resources_of

RESOURCES = ("chat/completions", "completions", "embeddings", "models")

segments = st.lists(
    st.sampled_from(("", "v1", "models", "chat", "completions", "health", "tokenize", "alive", "x")), max_size=6
)
paths = segments.map(lambda parts: "/" + "/".join(parts))


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
        ("/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/embeddings", "/v1/embeddings"),
        ("/v1/v1/v1/models/", "/v1/models"),
        ("/models", "/v1/models"),
        ("/models/command-r", "/v1/models/command-r"),
        ("/v1/models/a/b", "/v1/models/a/b"),
        ("/modelsx", "/modelsx"),
        ("/chat", "/chat"),
        ("/health/live/", "/health/live"),
        ("/v1/tokenize/", "/tokenize"),
        ("/v1/v1/detokenize", "/detokenize"),
        ("/v1/tokenize/x", "/v1/tokenize/x"),
        ("/v1/alive/models/chat/load/", "/alive/models/chat/load"),
        ("/alive/status", "/alive/status"),
        ("/v1/alivex", "/v1/alivex"),
        ("/v1/", "/v1"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_what_was_meant_is_found(sent: str, meant: str) -> None:
    assert canonical_path(sent, RESOURCES) == meant


@given(paths)
def test_a_canonical_path_stays_as_it_is(path: str) -> None:
    once = canonical_path(path, RESOURCES)
    assert canonical_path(once, RESOURCES) == once


@given(paths)
def test_a_path_begins_with_one_slash_and_ends_without(path: str) -> None:
    found = canonical_path(path, RESOURCES)
    assert found.startswith("/")
    assert found == "/" or not found.endswith("/")


@given(st.sampled_from(RESOURCES), st.sampled_from(("", "/v1", "/v1/v1")), st.sampled_from(("", "/", "//")))
def test_every_way_to_write_a_resource_is_one(resource: str, before: str, after: str) -> None:
    assert canonical_path(f"{before}/{resource}{after}", RESOURCES) == f"/v1/{resource}"


def test_the_resources_are_what_the_routes_have_under_v1_up_to_the_first_name_in_braces() -> None:
    paths = ["/v1/models", "/v1/models/{model:path}", "/v1/chat/completions", "/v1/a/{b}/c", "/health/live", "/v1"]
    assert resources_of(paths) == {"models", "chat/completions", "a"}
