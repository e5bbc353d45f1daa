"""What differs from one deployment to the next: read once from the environment, loud on a bad value."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal, TypeVar, get_args
from urllib.parse import urlsplit

import msgspec

from alive_core.constants import DEFAULT_HOST, MEMORY_BUDGET_SHARE
from alive_core.errors import ConfigurationError
from alive_core.utils.machine import machine_memory_bytes
from alive_core.utils.sizes import parse_bytes

LogLevel = Literal["debug", "info", "warning", "error"]
GpuChoice = Literal["auto", "off"]
StoreChoice = Literal["on", "off"]
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")

Name = TypeVar("Name", bound=str)

OTLP_PROTOCOL = "http/protobuf"


class Oidc(msgspec.Struct, frozen=True):
    """Whose tokens are accepted beside keys."""

    issuer: str
    audience: str
    role_claim: str
    admin_role: str


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
    oidc_issuer: str | None = None
    """The OpenID Connect issuer whose tokens are accepted, exactly as they name it."""
    oidc_audience: str | None = None
    """What tokens must be meant for."""
    oidc_role_claim: str = "roles"
    """The claim that holds the roles of a token's subject; names within each other are joined by dots."""
    oidc_admin_role: str = "alive-admin"
    """The word there that makes an operator."""
    cors_origins: tuple[str, ...] = ()
    """Origins of web pages that may ask from a browser; `*` stands for all of them."""
    traces_endpoint: str | None = None
    """Where traces go; from OpenTelemetry's own variables. `None`: there are none."""
    sentry_dsn: str | None = None
    """Where errors are reported; from SENTRY_DSN. `None`: nowhere."""

    @property
    def oidc(self) -> Oidc | None:
        """Whose tokens are accepted; `None` where only keys are."""
        if self.oidc_issuer is None or self.oidc_audience is None:
            return None
        return Oidc(self.oidc_issuer, self.oidc_audience, self.oidc_role_claim, self.oidc_admin_role)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read every setting. One that is empty counts as not set.

    Raises ConfigurationError that names the variable, its value and what is allowed.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    settings = Settings(
        host=given.get("ALIVE_HOST", DEFAULT_HOST),
        api_keys=_list(given, "ALIVE_API_KEYS", "key"),
        memory_budget=_memory_budget(given.get("ALIVE_MEMORY_BUDGET")),
        gpu=_choice(given, "ALIVE_GPU", "auto", get_args(GpuChoice)),
        log_level=_choice(given, "ALIVE_LOG_LEVEL", "info", get_args(LogLevel)),
        store=_choice(given, "ALIVE_STORE", "on", get_args(StoreChoice)),
        admin_keys=_list(given, "ALIVE_ADMIN_KEYS", "key"),
        oidc_issuer=given.get("ALIVE_OIDC_ISSUER"),
        oidc_audience=given.get("ALIVE_OIDC_AUDIENCE"),
        oidc_role_claim=given.get("ALIVE_OIDC_ROLE_CLAIM", "roles"),
        oidc_admin_role=given.get("ALIVE_OIDC_ADMIN_ROLE", "alive-admin"),
        cors_origins=_list(given, "ALIVE_CORS_ORIGINS", "origin"),
        traces_endpoint=_traces_endpoint(given),
        sentry_dsn=given.get("SENTRY_DSN"),
    )
    _check_oidc(settings)
    _check_origins(settings)
    if set(settings.api_keys) & set(settings.admin_keys):
        raise ConfigurationError("A key stands in both ALIVE_API_KEYS and ALIVE_ADMIN_KEYS. Leave it in one of them.")
    return settings


def check_exposure(settings: Settings, *, has_stored_keys: bool = False) -> None:
    """Refuse to serve the network without keys. Raises ConfigurationError."""
    has_keys = settings.api_keys or settings.admin_keys or has_stored_keys or settings.oidc
    if has_keys or is_loopback(settings.host):
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


def _list(environment: Mapping[str, str], variable: str, noun: str) -> tuple[str, ...]:
    """A list without a single entry is a mistake: it must not open the door."""
    text = environment.get(variable)
    if text is None:
        return ()
    entries = tuple(entry.strip() for entry in text.split(",") if entry.strip())
    if not entries:
        raise ConfigurationError(
            f"{variable} holds no {noun}. Give one or more, separated by commas, or leave it out."
        )
    return entries


def _check_origins(settings: Settings) -> None:
    """A browser sends scheme, host and port, and nothing else: what is written otherwise would never match."""
    for origin in settings.cors_origins:
        if origin != "*" and _ORIGIN.fullmatch(origin) is None:
            raise ConfigurationError(
                f"ALIVE_CORS_ORIGINS: `{origin}` is no origin. Write it as https://app.example.org or "
                "http://localhost:3000, without a path, or `*` for any page."
            )


def _check_oidc(settings: Settings) -> None:
    """Tokens are worth what the way to their issuer's keys is worth, and nothing where they are not meant for us."""
    if settings.oidc_issuer is None and settings.oidc_audience is None:
        return
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        raise ConfigurationError(
            "ALIVE_OIDC_ISSUER and ALIVE_OIDC_AUDIENCE belong together: set both of them, or none."
        )
    if not is_trusted_address(settings.oidc_issuer):
        raise ConfigurationError(
            f"ALIVE_OIDC_ISSUER is `{settings.oidc_issuer}`; it must be an https address, or http on this machine."
        )


def is_trusted_address(url: str) -> bool:
    """Whether what comes from `url` cannot be changed on its way: https, or http from this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return host is not None and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


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
