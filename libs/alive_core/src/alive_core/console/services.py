"""Which services are installed in this environment.

Each names itself in its package's metadata (https://packaging.python.org/en/latest/specifications/entry-points/), so
the library knows them without importing any by name.
"""

from importlib.metadata import entry_points

from alive_core.errors import ConfigurationError
from alive_core.service import Service

GROUP = "alive_core.services"


def installed_services() -> list[Service]:
    """Every installed service, by name. Raises ConfigurationError where a package names something else."""
    services = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        service = point.load()
        if not isinstance(service, Service):
            raise ConfigurationError(
                f"The entry point {point.name} of {GROUP} is {point.value}, which is no Service."
            )
        services.append(service)
    return services
