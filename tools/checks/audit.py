"""Look up known vulnerabilities of every package in `pdm.lock`, by exact version, with pip-audit.

Asks the package index's own advisory service first, OSV after that. Exits 0 only when a service has answered for
every package and knows of nothing; a service that can't be reached is a failure with a sentence, never a silent
pass. Run from the root.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tools.checks.lock import Lock, decode

SERVICES = ["pypi", "osv"]


class Vulnerability(msgspec.Struct, frozen=True):
    """An advisory about a package."""

    id: str
    fix_versions: list[str] = []


class Dependency(msgspec.Struct, frozen=True):
    """pip-audit's word on one package; `skip_reason` is set when the service did not answer for it."""

    name: str
    version: str | None = None
    skip_reason: str | None = None
    vulns: list[Vulnerability] = []


class Report(msgspec.Struct, frozen=True):
    """What pip-audit prints with `--format json`, as far as it is used here."""

    dependencies: list[Dependency]

    def unanswered(self) -> list[str]:
        """The packages that no advisory service knows."""
        return [dependency.name for dependency in self.dependencies if dependency.skip_reason is not None]

    def is_answer(self) -> bool:
        """Whether the service answered at all: a mirror without advisories skips every package."""
        return len(self.unanswered()) < len(self.dependencies)

    def findings(self) -> Iterator[str]:
        """A sentence per advisory and per package without an answer."""
        for dependency in self.dependencies:
            for vulnerability in dependency.vulns:
                fixes = ", ".join(vulnerability.fix_versions) or "no version yet"
                yield f"{dependency.name} {dependency.version}: {vulnerability.id}, fixed in {fixes}"
        yield from (f"{name}: the advisory service does not know this package" for name in self.unanswered())


def requirements(lock: Lock) -> str:
    """Every package of the lock that comes from outside, as exact requirements."""
    pins = {f"{package.name}=={package.version}" for package in lock.package if package.path is None}
    return "".join(f"{pin}\n" for pin in sorted(pins))


def ask(service: str, requirements_file: Path) -> Report | None:
    """Ask one advisory service; None when it gave no answer."""
    call = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(requirements_file), "--no-deps", "--disable-pip"),
        *("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"),
    ]
    run = subprocess.run(call, capture_output=True, check=False)
    try:
        report = msgspec.json.decode(run.stdout, type=Report)
    except msgspec.DecodeError:
        return None
    return report if report.is_answer() else None


def main() -> int:
    """Print what is known; returns the exit status."""
    pins = requirements(decode(Path("pdm.lock").read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as scratch:
        requirements_file = Path(scratch) / "requirements.txt"
        requirements_file.write_text(pins)
        report = next((found for service in SERVICES if (found := ask(service, requirements_file))), None)
    if report is None:
        print(
            "No vulnerability database could be reached (neither the package index's nor osv.dev); "
            "nothing was checked. Run it again with a direct network connection.",
            file=sys.stderr,
        )
        return 1
    findings = list(report.findings())
    for finding in findings:
        print(finding, file=sys.stderr)
    if not findings:
        print(f"{len(report.dependencies)} packages, no known vulnerability.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
