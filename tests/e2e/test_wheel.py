"""The library as other teams get it: a wheel in an empty environment, far from this repository."""

import json
import os
import shutil
import subprocess
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from support.examples import EXAMPLES, running_script
from support.random_model import write_random_model

ROOT = Path(__file__).parents[2]
PDM = ROOT / ".tools" / "base" / "bin" / "python"
CONTRACT = """
from pathlib import Path

from alive_core import Target
from alive_core.testing import AdapterContract
from gguf_adapter import GgufAdapter


class TestGgufAdapter(AdapterContract):
    adapter = GgufAdapter

    def target(self, folder: Path) -> Target:
        return Target("gguf", name="random", path=str(Path(__file__).parent / "model.gguf"), context=512, parallel=2)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT / "libs" / "alive_core", tmp_path_factory.mktemp("build"))


def built(project: Path, folder: Path) -> Path:
    """The wheel of a copy of `project`, made in `folder`."""
    copy = shutil.copytree(project, folder / project.name)
    command = [PDM, "-m", "pdm", "build", "--quiet", "--no-sdist", "--project", copy, "--dest", folder / "dist"]
    subprocess.run(command, check=True, env=os.environ | {"PDM_CHECK_UPDATE": "0"}, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """A folder with an environment in which only the wheel was installed, and the example beside it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "empty", with_pip=True)
    pip = [folder / "empty/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.copytree(EXAMPLES / "third_server", folder / "third_server", ignore=shutil.ignore_patterns("__pycache__"))
    write_random_model(folder / "third_server" / "model.gguf")
    return folder


def python(elsewhere: Path, program: str) -> str:
    command = [elsewhere / "empty/bin/python", "-I", "-c", program]
    return subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=True).stdout


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = [archive.read(name).decode() for name in names if name.endswith("METADATA")]
    assert "alive_core/py.typed" in names
    assert "# alive_core" in metadata
    assert "Description-Content-Type: text/markdown" in metadata
    assert not [name for name in names if not name.startswith(("alive_core/", "alive_core-"))]


@pytest.mark.parametrize("service", ["command_server", "providers_server"])
def test_a_services_wheel_brings_its_demo_model_whole(service: str, tmp_path: Path) -> None:
    models = ROOT / "services" / service / "src" / service / "models"
    expected = {f"{service}/models/{file.relative_to(models)}" for file in models.rglob("*") if file.is_file()}
    with zipfile.ZipFile(built(ROOT / "services" / service, tmp_path)) as archive:
        carried = {name for name in archive.namelist() if name.startswith(f"{service}/models/")}
    assert carried == expected != set()


def test_every_public_name_is_there_without_this_repository(elsewhere: Path) -> None:
    program = """
import alive_core, alive_core.testing, importlib.util, json, pathlib
missing = [name for face in (alive_core, alive_core.testing) for name in face.__all__ if not hasattr(face, name)]
others = [name for name in ("pytest", "openai", "numpy", "command_server", "gguf") if importlib.util.find_spec(name)]
print(json.dumps([missing, others, alive_core.__file__]))
"""
    missing, others, file = json.loads(python(elsewhere, program))
    assert (missing, others) == ([], [])
    assert Path(file).is_relative_to(elsewhere)


def test_the_echo_server_runs_in_it(elsewhere: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "echo_server", tmp_path / "echo")
    with (
        running_script(tmp_path / "echo/main.py", tmp_path / "home", python=elsewhere / "empty/bin/python") as server,
        OpenAI(base_url=server.api, api_key="any", max_retries=0) as client,
    ):
        answer = client.chat.completions.create(model="chat", messages=[{"role": "user", "content": "Hello you"}])
    assert answer.choices[0].message.content == "Hello you"


@pytest.fixture(scope="module")
def with_engine(elsewhere: Path) -> Iterator[Path]:
    """The same environment, with the packages that the example and its tests need, taken from the one we run in."""
    site = next((elsewhere / "empty/lib").glob("python*/site-packages"))
    own = Path(pytest.__file__).parents[1]
    for package in ("xllamacpp", "pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py.py"):
        (site / package).symlink_to(own / package)
    for library in own.glob("xllamacpp*.libs"):
        (site / library.name).symlink_to(library)
    yield elsewhere


def test_the_third_server_answers_the_official_client_from_there(with_engine: Path, tmp_path: Path) -> None:
    script, interpreter = with_engine / "third_server/main.py", with_engine / "empty/bin/python"
    with (
        running_script(script, tmp_path, "--cpu", python=interpreter) as server,
        OpenAI(base_url=server.api, api_key="any", max_retries=0) as client,
    ):
        question = [{"role": "user", "content": "hello"}]
        chunks = list(client.chat.completions.create(model="chat", messages=question, max_tokens=5, stream=True))  # type: ignore[call-overload]
        assert server.children(), "the engine runs in a child"
    assert chunks[-1].choices[0].finish_reason == "length"


def test_its_adapter_keeps_the_contract_there(with_engine: Path) -> None:
    folder = with_engine / "third_server"
    (folder / "test_contract.py").write_text(CONTRACT)
    command = [with_engine / "empty/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_contract.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
