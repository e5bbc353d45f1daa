"""The public face of the library: these names and no others. Who removes one here breaks servers of other people.

The rule for changes stands in `docs/decisions/0010-public-names-and-versions.md`.
"""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import alive_core
import alive_core.testing

FACES: list[ModuleType] = [alive_core, alive_core.testing]
IMPORT_LIMIT_S = 0.1
HEAVY = {"starlette", "hypercorn", "msgspec", "httpx", "uvloop", "openai", "pytest"}

CORE = [
    "Abilities",
    "Adapter",
    "AliveError",
    "Busy",
    "ChatJob",
    "ChoiceFinished",
    "Citation",
    "CitedDocument",
    "ClassifyJob",
    "CompleteJob",
    "ConfigurationError",
    "ContextLengthExceeded",
    "DeadlineExceeded",
    "DetokenizeJob",
    "Document",
    "EmbedJob",
    "EngineCrashed",
    "Event",
    "FinishReason",
    "Finished",
    "Forbidden",
    "InvalidRequest",
    "Job",
    "JsonOutput",
    "LabelScore",
    "Labels",
    "LoadFailed",
    "Message",
    "ModelUnavailable",
    "NotFound",
    "OutOfMemory",
    "PayloadTooLarge",
    "Progress",
    "PromptRead",
    "RateLimited",
    "ReasoningDelta",
    "RerankJob",
    "Sampling",
    "Scores",
    "Service",
    "Target",
    "TextDelta",
    "TokenLogprob",
    "TokenizeJob",
    "Tokens",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "TopLogprob",
    "Unauthorized",
    "UnsupportedParameter",
    "UpstreamFailed",
    "Usage",
    "Vectors",
    "adapter_errors",
    "find_gpu",
    "install_model",
    "load_reporter",
    "run",
    "tool_call_id",
    "trail_headers",
]
TESTING = ["AdapterContract", "FakeClock", "ScriptedAdapter", "Served", "client", "serving"]


def test_the_names_of_the_core_are_these() -> None:
    assert alive_core.__all__ == CORE


def test_the_names_for_tests_are_these() -> None:
    assert alive_core.testing.__all__ == TESTING


@pytest.mark.parametrize("face", FACES)
def test_the_names_are_sorted_and_every_one_leads_home(face: ModuleType) -> None:
    assert face.__all__ == sorted(face.__all__) == sorted(face._HOME)
    for name in face.__all__:
        home = import_module(f"{face.__name__}.{face._HOME[name]}")
        assert getattr(face, name) is getattr(home, name)
        assert name in dir(face)


@pytest.mark.parametrize("face", FACES)
def test_type_checkers_see_the_same_names(face: ModuleType) -> None:
    assert face.__file__ is not None
    tree = ast.parse(Path(face.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module != "importlib"]
    seen = {alias.name: node.module for node in imports for alias in node.names if node.module != "typing"}
    assert seen == {name: f"{face.__name__}.{home}" for name, home in face._HOME.items()}


@pytest.mark.parametrize("face", FACES)
def test_a_name_that_is_not_public_is_an_attribute_error(face: ModuleType) -> None:
    with pytest.raises(AttributeError, match="no attribute 'ModelCache'"):
        _ = face.ModelCache


def test_importing_the_core_is_fast_and_brings_nothing_else() -> None:
    program = (
        "import time, sys; begun = time.perf_counter(); import alive_core, alive_core.testing; "
        "print(time.perf_counter() - begun, *sys.modules)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(3)
    ]
    assert min(float(seconds) for seconds, *_ in runs) < IMPORT_LIMIT_S
    assert not HEAVY & set(runs[0][1:])


def test_every_error_class_that_the_face_shows_is_of_the_tree() -> None:
    errors = {kind.__name__ for kind in alive_core.AliveError.tree()}
    shown = {name for name in CORE if isinstance(getattr(alive_core, name), type) and name in errors}
    assert shown >= {"AliveError", "LoadFailed", "UpstreamFailed", "ConfigurationError"}
    assert all(issubclass(getattr(alive_core, name), alive_core.AliveError) for name in shown)
