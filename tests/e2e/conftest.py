"""The official client of each real server."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from support.servers import Server


@pytest.fixture(scope="session")
def command(command_server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=command_server.api, api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def providers(providers_server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=providers_server.api, api_key="any", max_retries=0) as client:
        yield client
