"""The tables in the documentation are what the code says now, and leave nothing out."""

import ast
import re
from pathlib import Path

import msgspec
import pytest

from alive_core import constants
from alive_core.profiles.profile import Defaults, Profile, Promises, RequestLimits, Target
from alive_core.settings import Settings
from command_server.adapters.parameters import EngineOptions
from tools.checks.docs import pages
from tools.docs.functionalities import PORTUGUESE, SERVICES, profiles_of
from tools.docs.ports import WHO
from tools.docs.settings import SETTINGS
from tools.docs.tables import fill

ROOT = Path(__file__).parents[2]
CODE = sorted([*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")])
LOOKS_LIKE_A_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
NO_VARIABLE = {"COMMAND_R", "SC_PAGE_SIZE", "SC_PHYS_PAGES", "YOUR_KEY"}  # names of `os.sysconf`; a blank in examples
SET_FOR_OTHERS = {
    "ORT_DISABLE_TELEMETRY",
    "LC_ALL",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_NO_INPUT",
    "PIP_PROGRESS_BAR",
}  # never read
NAMED_BY_OTHERS = {"traces_endpoint": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "sentry_dsn": "SENTRY_DSN"}
FILLED_IN = {"name"}  # set by the loader, from the table's own heading


@pytest.mark.parametrize("page", pages(ROOT), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_table_is_stale(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert fill(text) == text, "python -m tools.docs.tables writes it anew"


@pytest.mark.parametrize(
    ("page", "table"),
    [
        ("README.md", "functionalities"),
        ("README.pt-BR.md", "functionalities-pt-br"),
        ("docs/api-extensions.md", "errors"),
        ("docs/demo-model.md", "bundled-models"),
        ("docs/operations.md", "ports"),
        ("docs/operations.md", "settings"),
    ],
)
def test_each_table_stands_where_readers_look_for_it(page: str, table: str) -> None:
    assert f"<!-- table: {table} -->" in (ROOT / page).read_text(encoding="utf-8")


def test_every_port_of_the_constants_has_an_owner() -> None:
    ports = {name for name in vars(constants) if name.endswith(("_PORT", "_PORTS"))}
    assert ports - {"HIGHEST_PORT"} == set(WHO)


def test_every_environment_variable_that_the_code_reads_is_a_documented_setting() -> None:
    found = {name for file in CODE for name in words_in(file) if LOOKS_LIKE_A_VARIABLE.fullmatch(name)}
    assert found - NO_VARIABLE - SET_FOR_OTHERS == set(SETTINGS)


def words_in(file: Path) -> set[str]:
    """Every text in the code of a file."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_field_of_the_settings_is_a_variable() -> None:
    variables = {NAMED_BY_OTHERS.get(name, f"ALIVE_{name.upper()}") for name in Settings.__struct_fields__}
    assert variables <= set(SETTINGS)


def test_every_description_has_a_translation_and_no_translation_is_left_over() -> None:
    profiles = [profile for service in SERVICES for profile in profiles_of(service.__name__).profiles.values()]
    assert {profile.description for profile in profiles} == set(PORTUGUESE.descriptions)


@pytest.mark.parametrize("kind", [Profile, Promises, Defaults, RequestLimits, Target])
def test_every_field_of_the_profiles_file_is_explained(kind: type[msgspec.Struct]) -> None:
    page = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    missing = [name for name in kind.__struct_fields__ if name not in FILLED_IN and f"| `{name}` |" not in page]
    assert missing == []


@pytest.mark.parametrize("option", EngineOptions.__struct_fields__)
def test_every_option_of_the_command_adapter_is_explained(option: str) -> None:
    assert f"| `llamacpp` | `{option}` |" in (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
