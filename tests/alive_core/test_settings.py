"""Settings: read once, loud on a bad value."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.constants import DEFAULT_HOST, MEMORY_BUDGET_SHARE
from alive_core.errors import ConfigurationError
from alive_core.settings import Oidc, Settings, check_exposure, is_loopback, read_settings
from alive_core.utils.machine import machine_memory_bytes

VARIABLES = (
    "ALIVE_HOST",
    "ALIVE_API_KEYS",
    "ALIVE_ADMIN_KEYS",
    "ALIVE_MEMORY_BUDGET",
    "ALIVE_GPU",
    "ALIVE_LOG_LEVEL",
    "ALIVE_OIDC_ISSUER",
    "ALIVE_OIDC_AUDIENCE",
    "ALIVE_OIDC_ROLE_CLAIM",
    "ALIVE_OIDC_ADMIN_ROLE",
    "ALIVE_CORS_ORIGINS",
)
PLAIN = Settings(memory_budget=int(machine_memory_bytes() * MEMORY_BUDGET_SHARE))


def test_an_empty_environment_is_a_safe_one() -> None:
    assert read_settings({}) == PLAIN
    assert PLAIN.host == DEFAULT_HOST


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_counts_as_not_set(name: str, value: str) -> None:
    assert read_settings({name: value}) == PLAIN


def test_every_variable_is_read() -> None:
    environment = {
        "ALIVE_HOST": " 0.0.0.0 ",
        "ALIVE_API_KEYS": "one, two,,",
        "ALIVE_ADMIN_KEYS": "root",
        "ALIVE_MEMORY_BUDGET": "8GiB",
        "ALIVE_GPU": "OFF",
        "ALIVE_LOG_LEVEL": "Debug",
    }
    assert read_settings(environment) == Settings(
        "0.0.0.0", ("one", "two"), 8 * 1024**3, "off", "debug", admin_keys=("root",)
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ALIVE_API_KEYS", " , ", "ALIVE_API_KEYS holds no key."),
        ("ALIVE_OIDC_ISSUER", "https://id.example", "ALIVE_OIDC_ISSUER and ALIVE_OIDC_AUDIENCE belong together"),
        ("ALIVE_OIDC_AUDIENCE", "alive", "ALIVE_OIDC_ISSUER and ALIVE_OIDC_AUDIENCE belong together"),
        ("ALIVE_CORS_ORIGINS", ",", "ALIVE_CORS_ORIGINS holds no origin."),
        ("ALIVE_ADMIN_KEYS", ",", "ALIVE_ADMIN_KEYS holds no key."),
        ("ALIVE_MEMORY_BUDGET", "lots", "ALIVE_MEMORY_BUDGET is wrong: a size is a number and a unit"),
        ("ALIVE_MEMORY_BUDGET", "-1", "ALIVE_MEMORY_BUDGET is wrong: "),
        ("ALIVE_GPU", "cuda", "ALIVE_GPU is `cuda`; it must be one of auto, off."),
        ("ALIVE_LOG_LEVEL", "loud", "ALIVE_LOG_LEVEL is `loud`; it must be one of debug, info, warning, error."),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings({name: value})
    assert caught.value.message.startswith(words)


def test_a_key_is_not_of_a_user_and_of_an_operator() -> None:
    with pytest.raises(ConfigurationError, match="both ALIVE_API_KEYS and ALIVE_ADMIN_KEYS"):
        read_settings({"ALIVE_API_KEYS": "one,two", "ALIVE_ADMIN_KEYS": "two"})


@given(st.dictionaries(st.sampled_from(VARIABLES), st.text()))
def test_whatever_the_environment_says_it_is_read_or_refused(environment: dict[str, str]) -> None:
    try:
        settings = read_settings(environment)
    except ConfigurationError as error:
        assert any(name in error.message for name in environment)
    else:
        assert settings.memory_budget >= 0
        assert all(key.strip() == key != "" for key in (*settings.api_keys, *settings.admin_keys))


def test_an_issuer_is_one_setting_of_four_variables() -> None:
    settings = read_settings(
        {
            "ALIVE_OIDC_ISSUER": "https://id.example/realm",
            "ALIVE_OIDC_AUDIENCE": "alive",
            "ALIVE_OIDC_ROLE_CLAIM": "realm_access.roles",
            "ALIVE_OIDC_ADMIN_ROLE": "operator",
        }
    )
    assert settings.oidc == Oidc("https://id.example/realm", "alive", "realm_access.roles", "operator")
    assert PLAIN.oidc is None
    check_exposure(msgspec.structs.replace(settings, host="0.0.0.0"))


@pytest.mark.parametrize(
    "issuer", ["http://id.example", "id.example", "ftp://id.example", "https://", "https://[::1"]
)
def test_an_issuer_is_reached_by_https(issuer: str) -> None:
    with pytest.raises(ConfigurationError, match="must be an https address"):
        read_settings({"ALIVE_OIDC_ISSUER": issuer, "ALIVE_OIDC_AUDIENCE": "alive"})


def test_an_issuer_on_this_machine_may_do_without() -> None:
    read_settings({"ALIVE_OIDC_ISSUER": "http://127.0.0.1:8080/realm", "ALIVE_OIDC_AUDIENCE": "alive"})


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://app.example", ("https://app.example",)),
        ("https://app.example:8443, http://localhost:3000", ("https://app.example:8443", "http://localhost:3000")),
        ("*", ("*",)),
    ],
)
def test_origins_are_named_one_by_one_or_all_of_them(text: str, origins: tuple[str, ...]) -> None:
    assert read_settings({"ALIVE_CORS_ORIGINS": text}).cors_origins == origins


@pytest.mark.parametrize(
    "origin",
    ["app.example", "https://app.example/", "https://a.example/path", "https://*.example", "null", "https://[::1"],
)
def test_what_no_browser_calls_an_origin_is_refused(origin: str) -> None:
    with pytest.raises(ConfigurationError, match="is no origin"):
        read_settings({"ALIVE_CORS_ORIGINS": origin})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_without_keys_loopback_may_be_served(host: str) -> None:
    check_exposure(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org", "", "127.0.0.1.example.org"])
def test_without_keys_the_network_may_not(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ConfigurationError, match=r"task keys:add.*set ALIVE_API_KEYS"):
        check_exposure(Settings(host=host))
    check_exposure(Settings(host=host, api_keys=("key",)))
    check_exposure(Settings(host=host, admin_keys=("key",)))
    check_exposure(Settings(host=host), has_stored_keys=True)
