"""Check that `pdm.lock` installs wherever the project promises to run, and says nothing of any package index.

Rules: every promised platform is a target; every package has a wheel for each target and Python version it is needed
on, so that nobody needs a compiler; no address stands in the file. Run from the root.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

PYTHONS = [(3, 11), (3, 12), (3, 13)]
MACOS = (14, 0)
GLIBC_MINORS = range(31, 4, -1)  # a wheel for an older glibc runs on a newer one; 2.5 is the oldest there is
LEGACY = ["manylinux2014", "manylinux2010", "manylinux1"]
ADDRESS = re.compile(r"\b(?:https?|file)://|\bfile:/")


class Target(msgspec.Struct, frozen=True):
    """A platform that the lock is made for, in PDM's words, and what markers see there."""

    platform: str
    sys_platform: str
    machine: str

    def platforms(self) -> list[str]:
        """The wheel platform tags that install here."""
        if self.sys_platform == "darwin":
            return list(mac_platforms(MACOS, self.machine))
        versions = [f"manylinux_2_{minor}" for minor in GLIBC_MINORS] + LEGACY
        return [f"{version}_{self.machine}" for version in versions] + [f"linux_{self.machine}"]

    def tags(self, python: tuple[int, int]) -> set[Tag]:
        """Every wheel tag that installs here under this Python."""
        interpreter = f"cp{python[0]}{python[1]}"
        platforms = self.platforms()
        own = cpython_tags(python, abis=[interpreter], platforms=platforms)
        return {*own, *compatible_tags(python, interpreter=interpreter, platforms=platforms)}

    def needs(self, marker: str | None, python: tuple[int, int]) -> bool:
        """Whether a package with this marker is installed here."""
        version = f"{python[0]}.{python[1]}"
        environment = {
            "sys_platform": self.sys_platform,
            "platform_machine": self.machine,
            "platform_system": {"linux": "Linux", "darwin": "Darwin"}[self.sys_platform],
            "os_name": "posix",
            "python_version": version,
            "python_full_version": f"{version}.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }
        return marker is None or Marker(marker).evaluate(environment)


TARGETS = [
    Target(platform="manylinux_2_31_x86_64", sys_platform="linux", machine="x86_64"),
    Target(platform="manylinux_2_31_aarch64", sys_platform="linux", machine="aarch64"),
    Target(platform="macos_14_0_arm64", sys_platform="darwin", machine="arm64"),
]


class File(msgspec.Struct, frozen=True):
    """A file of a package."""

    file: str


class Package(msgspec.Struct, frozen=True):
    """A package of the lock, as far as it is used here. `path` is set for the workspace's own."""

    name: str
    version: str
    marker: str | None = None
    path: str | None = None
    files: list[File] = []


class LockTarget(msgspec.Struct, frozen=True):
    """A target of the lock, as far as it is used here."""

    platform: str = "any"


class Metadata(msgspec.Struct, frozen=True):
    """The head of the lock."""

    targets: list[LockTarget]


class Lock(msgspec.Struct, frozen=True):
    """`pdm.lock`, as far as it is used here."""

    metadata: Metadata
    package: list[Package]


def decode(text: str) -> Lock:
    """The lock's text as a Struct."""
    return msgspec.convert(tomllib.loads(text), type=Lock)


def has_wheel(package: Package, tags: set[Tag]) -> bool:
    """Whether one of the package's wheels carries one of the tags."""
    wheels = (entry.file for entry in package.files if entry.file.endswith(".whl"))
    return any(tags & parse_wheel_filename(wheel)[3] for wheel in wheels)


def address_problems(text: str) -> Iterator[str]:
    """Every line that names an address. What a package says of itself may name its home."""
    for number, line in enumerate(text.splitlines(), start=1):
        if ADDRESS.search(line) and not line.startswith("summary = "):
            yield f"pdm.lock:{number}: the lock must not name an address"


def target_problems(lock: Lock) -> Iterator[str]:
    """Every difference between the promised platforms and those of the lock."""
    promised = {target.platform for target in TARGETS}
    locked = {target.platform for target in lock.metadata.targets}
    yield from (f"pdm.lock is not made for {platform}" for platform in sorted(promised - locked))
    yield from (f"pdm.lock is made for {platform}, which nobody promised" for platform in sorted(locked - promised))


def wheel_problems(packages: Iterable[Package]) -> Iterator[str]:
    """Every package that would have to be compiled somewhere."""
    theirs = [package for package in packages if package.path is None]
    for target in TARGETS:
        for python in PYTHONS:
            tags = target.tags(python)
            for package in theirs:
                if target.needs(package.marker, python) and not has_wheel(package, tags):
                    where = f"{target.platform} with Python {python[0]}.{python[1]}"
                    yield f"{package.name} {package.version} has no wheel for {where}"


def main() -> int:
    """Print what is wrong; returns the exit status."""
    text = Path("pdm.lock").read_text(encoding="utf-8")
    lock = decode(text)
    found = [*address_problems(text), *target_problems(lock), *wheel_problems(lock.package)]
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
