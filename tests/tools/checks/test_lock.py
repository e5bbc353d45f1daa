"""What the lock check accepts and what it names."""

from pathlib import Path

import pytest

from tools.checks.lock import (
    TARGETS,
    File,
    Lock,
    LockTarget,
    Metadata,
    Package,
    address_problems,
    decode,
    target_problems,
    wheel_problems,
)

ROOT = Path(__file__).resolve().parents[3]


def package(*files: str, marker: str | None = None, path: str | None = None) -> Package:
    return Package(name="thing", version="1.0", marker=marker, path=path, files=[File(file) for file in files])


def lock(*platforms: str) -> Lock:
    return Lock(metadata=Metadata([LockTarget(platform) for platform in platforms]), package=[])


@pytest.mark.parametrize(
    "line",
    ['url = "https://example.org/simple"', '"http://10.0.0.1/x.whl"', 'path = "file:///opt/x"', "x @ file:/opt"],
)
def test_address_is_named_with_its_line(line: str) -> None:
    assert list(address_problems(f"# fine\n{line}\n")) == ["pdm.lock:2: the lock must not name an address"]


def test_file_names_and_hashes_are_no_addresses() -> None:
    assert list(address_problems('{file = "httpx-0.28.1-py3-none-any.whl", hash = "sha256:ab"}')) == []


def test_every_promised_platform_is_a_target() -> None:
    assert list(target_problems(lock(*[target.platform for target in TARGETS]))) == []


def test_missing_and_unknown_platforms_are_named() -> None:
    found = list(target_problems(lock("manylinux_2_31_x86_64", "macos_14_0_arm64", "windows_amd64")))

    assert found == [
        "pdm.lock is not made for manylinux_2_31_aarch64",
        "pdm.lock is made for windows_amd64, which nobody promised",
    ]


@pytest.mark.parametrize(
    "fitting",
    [
        package("thing-1.0-py3-none-any.whl"),
        package("thing-1.0-py2.py3-none-any.whl"),
        package(
            "thing-1.0-cp310-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            "thing-1.0-cp310-abi3-manylinux_2_31_aarch64.whl",
            "thing-1.0-cp310-abi3-macosx_11_0_universal2.whl",
        ),
        package("thing-1.0.tar.gz", marker="sys_platform == 'win32'"),
        package("thing-1.0.tar.gz", marker="python_version < '3.11'"),
        package(path="./libs/thing"),
    ],
)
def test_package_that_needs_no_compiler_is_accepted(fitting: Package) -> None:
    assert list(wheel_problems([fitting])) == []


def test_source_only_package_is_named_for_every_target_and_python() -> None:
    found = list(wheel_problems([package("thing-1.0.tar.gz")]))

    assert len(found) == 9
    assert found[0] == "thing 1.0 has no wheel for manylinux_2_31_x86_64 with Python 3.11"


@pytest.mark.parametrize(
    ("wheels", "where"),
    [
        (["cp311-cp311-manylinux_2_31_x86_64", "cp312-cp312-manylinux_2_31_x86_64"], "3.13"),
        (["cp310-abi3-manylinux_2_39_x86_64"], "3.11"),
        (["cp313-cp313t-manylinux_2_31_x86_64", "cp312-abi3-manylinux_2_31_x86_64"], "3.11"),
    ],
)
def test_wheel_for_another_python_or_a_newer_system_does_not_count(wheels: list[str], where: str) -> None:
    found = list(wheel_problems([package(*[f"thing-1.0-{tag}.whl" for tag in wheels])]))

    assert f"thing 1.0 has no wheel for manylinux_2_31_x86_64 with Python {where}" in found


def test_package_is_checked_where_its_marker_asks_for_it() -> None:
    found = list(wheel_problems([package("thing-1.0.tar.gz", marker="sys_platform == 'darwin'")]))

    assert {problem.split(" for ")[1].split(" with ")[0] for problem in found} == {"macos_14_0_arm64"}


def test_lock_of_the_repository_names_the_three_packages() -> None:
    own = {entry.name for entry in decode((ROOT / "pdm.lock").read_text()).package if entry.path}

    assert own == {"alive-core", "command-server", "providers-server"}
