"""What differs from one deployment to the next: read once from the environment, loud on a bad value."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal, TypeVar, get_args

import msgspec

from alive_core.constants import DEFAULT_HOST, MEMORY_BUDGET_SHARE
from alive_core.errors import ConfigurationError
from alive_core.utils.machine import machine_memory_bytes
from alive_core.utils.sizes import parse_bytes

LogLevel = Literal["debug", "info", "warning", "error"]
GpuChoice = Literal["auto", "off"]
StoreChoice = Literal["on", "off"]
Name = TypeVar("Name", bound=str)

OTLP_PROTOCOL = "http/protobuf"


class Settings(msgspec.Struct, frozen=True):
    """The deployment's choices. Each field is one environment variable: `ALIVE_` and its name."""

    host: str = DEFAULT_HOST
    api_keys: tuple[str, ...] = ()
    """Keys that may use the API. None: any key passes, and only loopback may be bound."""
    memory_budget: int = 0
    """Bytes that loaded models may take together."""
    gpu: GpuChoice = "auto"
    log_level: LogLevel = "info"
    store: StoreChoice = "on"
    """Whether responses and conversations are remembered."""
    admin_keys: tuple[str, ...] = ()
    """Keys of operators; they may use the API as well."""
    traces_endpoint: str | None = None
    """Where traces go; from OpenTelemetry's own variables. `None`: there are none."""
    sentry_dsn: str | None = None
    """Where errors are reported; from SENTRY_DSN. `None`: nowhere."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read every setting. One that is empty counts as not set.

    Raises ConfigurationError that names the variable, its value and what is allowed.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    settings = Settings(
        host=given.get("ALIVE_HOST", DEFAULT_HOST),
        api_keys=_keys(given, "ALIVE_API_KEYS"),
        memory_budget=_memory_budget(given.get("ALIVE_MEMORY_BUDGET")),
        gpu=_choice(given, "ALIVE_GPU", "auto", get_args(GpuChoice)),
        log_level=_choice(given, "ALIVE_LOG_LEVEL", "info", get_args(LogLevel)),
        store=_choice(given, "ALIVE_STORE", "on", get_args(StoreChoice)),
        admin_keys=_keys(given, "ALIVE_ADMIN_KEYS"),
        traces_endpoint=_traces_endpoint(given),
        sentry_dsn=given.get("SENTRY_DSN"),
    )
    if set(settings.api_keys) & set(settings.admin_keys):
        raise ConfigurationError("A key stands in both ALIVE_API_KEYS and ALIVE_ADMIN_KEYS. Leave it in one of them.")
    return settings


def check_exposure(settings: Settings, *, has_stored_keys: bool = False) -> None:
    """Refuse to serve the network without keys. Raises ConfigurationError."""
    if settings.api_keys or settings.admin_keys or has_stored_keys or is_loopback(settings.host):
        return
    raise ConfigurationError(
        f"Serving on {settings.host} lets other machines in, so API keys are needed: "
        "make one with `task keys:add -- NAME`, set ALIVE_API_KEYS to one or more, separated by commas, or serve on "
        "127.0.0.1."
    )


def is_loopback(host: str) -> bool:
    """Whether `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _keys(environment: Mapping[str, str], variable: str) -> tuple[str, ...]:
    """A list without a single key is a mistake: it must not open the door."""
    text = environment.get(variable)
    if text is None:
        return ()
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not keys:
        raise ConfigurationError(f"{variable} holds no key. Give one or more, separated by commas, or leave it out.")
    return keys


def _traces_endpoint(environment: Mapping[str, str]) -> str | None:
    """Where OpenTelemetry's standard variables say that traces go.

    Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/.
    """
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if is_off or environment.get("OTEL_TRACES_EXPORTER", "otlp").lower() != "otlp":
        return None
    base = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    endpoint = environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", base and f"{base.rstrip('/')}/v1/traces")
    if endpoint is None:
        return None
    for variable in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        protocol = environment.get(variable, OTLP_PROTOCOL)
        if protocol != OTLP_PROTOCOL:
            raise ConfigurationError(
                f"{variable} is `{protocol}`; this server sends `{OTLP_PROTOCOL}` only, often at port 4318."
            )
    if not endpoint.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is `{endpoint}`; it must be an address such as http://127.0.0.1:4318."
        )
    return endpoint


def _memory_budget(text: str | None) -> int:
    if text is None:
        return int(machine_memory_bytes() * MEMORY_BUDGET_SHARE)
    try:
        return parse_bytes(text)
    except ValueError as error:
        raise ConfigurationError(f"ALIVE_MEMORY_BUDGET is wrong: {error}") from None


def _choice(environment: Mapping[str, str], variable: str, default: Name, known: tuple[Name, ...]) -> Name:
    value = environment.get(variable, default).lower()
    for name in known:
        if value == name:
            return name
    raise ConfigurationError(f"{variable} is `{value}`; it must be one of {', '.join(known)}.")
