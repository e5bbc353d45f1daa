"""What command_server is: a name, a port and one adapter. The rest is the shared library."""

from pathlib import Path

from alive_core import Service
from alive_core.constants import COMMAND_INSTANCE_PORTS, COMMAND_PORT
from command_server import __version__
from command_server.adapters.llamacpp import LlamaCppAdapter

SERVICE = Service(
    name="command_server",
    version=__version__,
    port=COMMAND_PORT,
    instance_ports=COMMAND_INSTANCE_PORTS,
    adapters={"llamacpp": LlamaCppAdapter},
    folder=Path(__file__).parent,
)
