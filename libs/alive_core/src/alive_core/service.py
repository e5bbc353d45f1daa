"""A service: its name, its port, its adapters and the folder with its profiles. Everything else is the core's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from alive_core.adapters.protocols import Adapter

GpuUse = Literal["optional", "required", "never"]


@dataclass(frozen=True, slots=True)
class Service:
    """What makes one server different from another."""

    name: str
    """The Python package, also the name in `task ps`."""
    version: str
    port: int
    adapters: Mapping[str, type[Adapter]]
    """Names in `profiles.toml` to classes."""
    folder: Path
    """Holds `profiles.toml` and, where models come as files, `catalogue.toml`."""
    gpu: GpuUse = "optional"
    """`required` refuses to start without one, `never` hides it from every engine."""
    instance_ports: tuple[int, ...] = ()
    """Ports of the instances 1, 2, … behind a balancer; none where the service runs alone."""

    @property
    def profiles(self) -> Path:
        """What it serves, unless the operator names another file."""
        return self.folder / "profiles.toml"

    @property
    def catalogue(self) -> Path:
        """The models it knows."""
        return self.folder / "catalogue.toml"
