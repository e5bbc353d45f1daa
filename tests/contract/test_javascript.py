"""The official JavaScript client and the Vercel AI SDK against the real servers; their tests are in `node/`."""

import os
import subprocess
from pathlib import Path

import pytest

from support.servers import Server
from tools.install_node import find_node

FOLDER = Path(__file__).parent / "node"
TIMEOUT_S = 90.0


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.test.mjs")), ids=lambda file: file.name)
def test_javascript_clients(
    file: Path, command_server: Server, providers_server: Server, scripted_server: Server
) -> None:
    node = find_node()
    assert node is not None, "`./task install:clients` brings Node and the clients"
    done = subprocess.run(
        [node, "--test", "--test-reporter=spec", "--test-timeout=30000", file],
        env=os.environ
        | {
            "COMMAND_URL": command_server.api,
            "PROVIDERS_URL": providers_server.api,
            "SCRIPTED_URL": scripted_server.api,
            "AI_SDK_LOG_WARNINGS": "false",
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "pass 0" not in done.stdout
