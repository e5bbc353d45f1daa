"""The audit never takes silence for safety."""

from tools.checks.audit import Dependency, Report, Vulnerability, requirements
from tools.checks.lock import Lock, Metadata, Package

CLEAN = Dependency(name="good", version="1.0")
UNKNOWN = Dependency(name="private", skip_reason="not found")
HOLED = Dependency(name="holed", version="2.0", vulns=[Vulnerability(id="CVE-1", fix_versions=["2.1", "3.0"])])


def test_service_that_skips_every_package_gave_no_answer() -> None:
    assert not Report([UNKNOWN, UNKNOWN]).is_answer()


def test_service_that_knows_nothing_bad_has_no_findings() -> None:
    report = Report([CLEAN, CLEAN])

    assert report.is_answer()
    assert list(report.findings()) == []


def test_advisory_is_named_with_the_versions_that_help() -> None:
    assert list(Report([CLEAN, HOLED]).findings()) == ["holed 2.0: CVE-1, fixed in 2.1, 3.0"]


def test_advisory_without_a_fix_says_so() -> None:
    open_one = Dependency(name="holed", version="2.0", vulns=[Vulnerability(id="CVE-2")])

    assert list(Report([open_one]).findings()) == ["holed 2.0: CVE-2, fixed in no version yet"]


def test_package_without_an_answer_is_a_finding() -> None:
    report = Report([CLEAN, UNKNOWN])

    assert report.is_answer()
    assert list(report.findings()) == ["private: the advisory service does not know this package"]


def test_requirements_are_exact_sorted_and_without_our_own_packages() -> None:
    lock = Lock(
        metadata=Metadata(targets=[]),
        package=[
            Package(name="b", version="2"),
            Package(name="a", version="1"),
            Package(name="b", version="2"),
            Package(name="alive-core", version="0.1.0", path="./libs/alive_core"),
        ],
    )

    assert requirements(lock) == "a==1\nb==2\n"
