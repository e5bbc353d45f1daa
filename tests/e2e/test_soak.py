"""A short life of two servers under everything that wears them out, and the verdict that a long one ends with."""

import pytest

from support.server_soak import FILES_LIMIT, MIB, Sample, complaints, growth, resident_bytes, soak

SHORT_S = 20.0


async def test_p25_servers_that_swap_crash_and_are_left_do_not_grow(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = await soak(SHORT_S, seed=7)
    assert not wrong, capsys.readouterr().out


def samples(memory: list[int], files: list[int] | None = None) -> list[Sample]:
    return [Sample(float(at_s), size * MIB, files[at_s] if files else 20) for at_s, size in enumerate(memory)]


def test_a_flat_life_has_no_complaint_whatever_the_warm_up_took() -> None:
    assert complaints(samples([*range(20, 50), *[50, 51, 52, 51] * 30])) == []


def test_a_server_that_grows_is_told() -> None:
    leaking = samples([100 + second // 4 for second in range(120)])
    assert growth(leaking) > 0.1
    assert "memory grew" in complaints(leaking)[0]


def test_a_peak_in_the_middle_is_no_growth() -> None:
    assert complaints(samples([50] * 60 + [90] * 10 + [50] * 60)) == []


def test_files_that_stay_open_are_told() -> None:
    leaking = samples([50] * 120, files=[20 + second // 2 for second in range(120)])
    assert f"{20 + 119 // 2} open files" in complaints(leaking)[0]
    assert complaints(samples([50] * 120, files=[20] * 60 + [20 + FILES_LIMIT] * 60)) == []


def test_resident_memory_is_read_as_the_kernel_writes_it() -> None:
    assert resident_bytes("VmPeak:\t  9 kB\nVmRSS:\t    42 kB\n") == 42 * 1024
