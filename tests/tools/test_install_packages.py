"""Installing: once, in turns, and again only when something has changed. PDM is replaced by a recorder."""

import threading
from pathlib import Path

import pytest

from tools import install_packages


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    member = tmp_path / "libs" / "core"
    member.mkdir(parents=True)
    (member / "pyproject.toml").write_text("name = 'core'")
    (tmp_path / "pdm.lock").write_text("lock")
    venv = tmp_path / ".venv"
    monkeypatch.setattr(install_packages, "ROOT", tmp_path)
    monkeypatch.setattr(install_packages, "VENV", venv)
    monkeypatch.setattr(install_packages, "VENV_PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(install_packages, "STAMP", venv / "installed")
    monkeypatch.setattr(install_packages, "LOG", tmp_path / ".tools" / "install.log")
    monkeypatch.setattr(install_packages, "LOCK", tmp_path / ".tools" / "install.lock")
    return tmp_path


class Recorder:
    """Stands for PDM: counts its runs and ends with the chosen status."""

    def __init__(self, status: int = 0) -> None:
        self.status = status
        self.runs = 0

    def __call__(self) -> int:
        self.runs += 1
        install_packages.LOG.write_text("what pdm said\n")
        return self.status


@pytest.fixture
def pdm(root: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(install_packages, "sync", recorder)
    return recorder


def test_first_run_makes_the_environment_and_installs(pdm: Recorder) -> None:
    assert install_packages.main(["--check"]) == 1
    assert install_packages.main([]) == 0
    assert install_packages.main(["--check"]) == 0
    assert install_packages.VENV_PYTHON.exists()


def test_second_run_does_nothing_and_says_nothing(pdm: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    install_packages.main([])
    capsys.readouterr()

    assert install_packages.main([]) == 0
    assert pdm.runs == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("changed", ["pdm.lock", "libs/core/pyproject.toml"])
def test_changed_lock_or_member_installs_again(root: Path, pdm: Recorder, changed: str) -> None:
    install_packages.main([])
    (root / changed).write_text("changed")

    assert install_packages.main(["--check"]) == 1
    install_packages.main([])
    assert pdm.runs == 2


def test_moved_clone_installs_again(root: Path, pdm: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    install_packages.main([])
    moved = root.with_name("moved")
    moved.symlink_to(root)
    monkeypatch.setattr(install_packages, "ROOT", moved)

    assert install_packages.main(["--check"]) == 1


def test_removed_environment_is_made_again(pdm: Recorder) -> None:
    install_packages.main([])
    install_packages.VENV_PYTHON.unlink()

    assert install_packages.main([]) == 0
    assert install_packages.VENV_PYTHON.exists()
    assert pdm.runs == 2


def test_failure_shows_the_log_and_is_tried_again(pdm: Recorder, capsys: pytest.CaptureFixture[str]) -> None:
    pdm.status = 1

    assert install_packages.main([]) == 1
    said = capsys.readouterr().err
    assert "what pdm said" in said
    assert "could not be installed" in said

    pdm.status = 0
    assert install_packages.main([]) == 0


def test_two_runs_at_once_install_once(pdm: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = threading.Event()
    say = install_packages.say

    def overheard(sentence: str) -> None:
        say(sentence)
        if "waiting" in sentence:
            waits.set()

    statuses: list[int] = []
    neighbour = threading.Thread(target=lambda: statuses.append(install_packages.main([])))

    def sync_while_the_neighbour_waits() -> int:
        neighbour.start()
        assert waits.wait(timeout=30)
        return pdm()

    monkeypatch.setattr(install_packages, "say", overheard)
    monkeypatch.setattr(install_packages, "sync", sync_while_the_neighbour_waits)
    statuses.append(install_packages.main([]))
    neighbour.join(timeout=30)

    assert statuses == [0, 0]
    assert pdm.runs == 1
