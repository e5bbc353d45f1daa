"""The real servers, started once, for every test that talks to them."""

from collections.abc import Iterator

import pytest

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
def scripted_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("alive_core.testing.scripted_server", tmp_path_factory.mktemp("scripted")) as server:
        yield server
