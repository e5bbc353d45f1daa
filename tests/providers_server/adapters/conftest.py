"""Chat models with random weights, made once per test run."""

from pathlib import Path

import pytest

from support.random_chat_model import COMMAND, QWEN, SLOW, write_random_chat_model


@pytest.fixture(scope="session")
def command_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speaks as Command-R does."""
    return write_random_chat_model(tmp_path_factory.mktemp("models") / "command", family=COMMAND)


@pytest.fixture(scope="session")
def qwen_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speaks as Hermes and Qwen do."""
    return write_random_chat_model(tmp_path_factory.mktemp("models") / "qwen", family=QWEN)


@pytest.fixture(scope="session")
def slow_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes its time: a test can act in the middle of an answer."""
    return write_random_chat_model(tmp_path_factory.mktemp("models") / "slow", SLOW)
