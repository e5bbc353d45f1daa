"""What the scripted server is: a name, a port and the scripted adapter. The rest is what every server is made of."""

from importlib.metadata import version
from pathlib import Path

from alive_core.constants import SCRIPTED_PORT
from alive_core.service import Service
from alive_core.testing.scripted import ScriptedAdapter

SERVICE = Service(
    name="scripted_server",
    version=version("alive-core"),
    port=SCRIPTED_PORT,
    adapters={"scripted": ScriptedAdapter},
    folder=Path(__file__).parent,
)
