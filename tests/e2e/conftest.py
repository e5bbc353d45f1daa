"""Both real servers, started once, for every end-to-end test."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from support.servers import Server, running


@pytest.fixture(scope="session")
def command_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("command_server", tmp_path_factory.mktemp("command")) as server:
        yield server


@pytest.fixture(scope="session")
def providers_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("providers_server", tmp_path_factory.mktemp("providers")) as server:
        yield server


@pytest.fixture(scope="session")
def command(command_server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=command_server.api, api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def providers(providers_server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=providers_server.api, api_key="any", max_retries=0) as client:
        yield client
