"""The ledger counts what everybody holds, and never hands out more than there is."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.cache.book import FILE_NAME, Book, Holder, Instance
from alive_core.cache.estimate import estimated_load_s, estimated_size, model_key
from alive_core.cache.ledger import Ledger, Share, measured_gpu, room_of
from alive_core.constants import (
    GIB,
    GPU_BUDGET_SHARE,
    LOAD_START_S,
    MEMORY_RESERVE_BYTES,
    MIB,
    MODEL_OVERHEAD_BYTES,
    ROOM_AGE_S,
)
from alive_core.engines.gpu_memory import DeviceMemory
from alive_core.profiles.profile import Target
from alive_core.testing.clock import FakeClock

BUDGET = 1000 * MIB
shares = st.builds(Share, st.integers(0, 2**35), st.integers(0, 2**35))


def target(name: str = "a", **fields: object) -> Target:
    return Target(adapter="fake", name=name, **fields)  # type: ignore[arg-type]  # each test gives what it is about


# --- The decision ------------------------------------------------------------------------------------------


@given(st.integers(0, 2**36), shares, st.lists(shares), st.none() | st.integers(0, 2**36))
def test_the_room_is_never_more_than_budget_or_machine(
    budget: int, own: Share, others: list[Share], available: int | None
) -> None:
    room = room_of(budget, own, others, available)
    assert 0 <= room <= max(budget - sum(other.reserved for other in others), 0)
    if available is not None and room > own.reserved:
        pending = own.pending + sum(other.pending for other in others)
        assert room - own.reserved + pending + MEMORY_RESERVE_BYTES <= available


@given(st.integers(0, 2**30), st.integers(0, 2**30), shares)
def test_a_load_under_way_does_not_change_the_room(size: int, taken: int, other: Share) -> None:
    taken = min(taken, size)
    free = 2**33
    before = room_of(2**40, Share(size, 0), [other], free)
    assert room_of(2**40, Share(size, taken), [other], free - taken) == before


def test_what_another_program_takes_is_missing() -> None:
    free = MEMORY_RESERVE_BYTES + 500
    assert room_of(BUDGET, Share(0, 0), [], free) == 500
    assert room_of(BUDGET, Share(0, 0), [], free - 200) == 300
    assert room_of(BUDGET, Share(0, 0), [], 0) == 0


def test_files_that_are_mapped_are_in_use_though_they_count_as_available() -> None:
    free = MEMORY_RESERVE_BYTES + 500
    assert room_of(BUDGET, Share(reserved=400, held=0), [], free) == 500  # 400 for itself, 100 to spare
    assert room_of(BUDGET, Share(0, 0), [Share(reserved=400, held=100)], free) == 200


# --- What a model takes ------------------------------------------------------------------------------------


def test_the_estimate_is_the_files_and_an_engines_overhead(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "weights").write_bytes(b"x" * 70)
    (tmp_path / "sub" / "more").write_bytes(b"x" * 30)
    assert estimated_size(target(path=str(tmp_path))) == 100 + MODEL_OVERHEAD_BYTES
    assert estimated_size(target(path=str(tmp_path / "weights"))) == 70 + MODEL_OVERHEAD_BYTES
    assert estimated_size(target(path=str(tmp_path / "gone"))) == MODEL_OVERHEAD_BYTES
    assert estimated_size(target()) == 0
    assert estimated_size(target(path=str(tmp_path), memory_bytes=900)) == 900 + MODEL_OVERHEAD_BYTES


def test_the_expected_load_time_grows_with_the_files(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"x")
    (tmp_path / "large").write_bytes(b"x" * MIB)
    small, large = (estimated_load_s(target(path=str(tmp_path / name))) or 0.0 for name in ("small", "large"))
    assert LOAD_START_S < small < large
    assert estimated_load_s(target()) is None


def test_a_model_is_another_one_when_anything_it_costs_by_changes(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"x")
    path = str(file)
    shapes = [{}, {"context": 512}, {"parallel": 2}, {"engine": "child"}, {"options": {"gpu_layers": 0}}]
    keys = {model_key(target(path=path, **shape)) for shape in shapes}
    assert len(keys) == len(shapes)
    assert model_key(target("b", path=path)) in keys  # its name costs nothing
    file.write_bytes(b"xx")
    assert model_key(target(path=path)) not in keys


def test_the_second_estimate_is_a_measurement_of_memory_and_time(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"x" * 70)
    ledger, one = Ledger(BUDGET), target(path=str(tmp_path))
    first = ledger.expected_size(one)
    ledger.record(one, first * 2, 4.0)
    assert ledger.expected_size(one) == first * 2
    ledger.record(one, first, 2.0)  # half of it was shared this time
    assert ledger.expected_size(one) == first * 2
    assert ledger.expected_load_s(one) == 3.0


# --- Reservations ------------------------------------------------------------------------------------------


def test_alone_a_ledger_hands_out_its_budget_and_no_more() -> None:
    ledger = Ledger(100)
    assert ledger.reserve(target("a"), 60)
    assert not ledger.reserve(target("b"), 60)
    assert ledger.reserve(target("remote"), 0)  # what takes no memory is never refused
    assert ledger.settle(target("a"), 40).bytes == 40
    assert ledger.reserve(target("b"), 60)
    ledger.release(target("a"))
    assert [(holder.target, holder.bytes) for holder in ledger.holders()] == [("remote", 0), ("b", 60)]


def test_a_model_that_cannot_be_measured_keeps_its_estimate() -> None:
    ledger = Ledger(100)
    ledger.reserve(target("a"), 60)
    assert ledger.settle(target("a"), None, 1.0).bytes == 60
    assert ledger.holders() == [Holder("this server", 0, "a", 60, is_inside=True)]
    assert ledger.settle(target("never reserved"), None).bytes == 0


class Machine:
    """Servers on one machine whose memory the test decides; `held` is what the children of a pid keep."""

    def __init__(self, file: Path, stack: ExitStack) -> None:
        self.file, self.stack, self.clock = file, stack, FakeClock()
        self.available = MEMORY_RESERVE_BYTES + 10_000
        self.held: dict[int, int] = {}

    def server(self, pid: int, budget: int = BUDGET) -> Ledger:
        book = Book(self.file, Instance("test", pid, "it"), lambda _: "it")
        return self.stack.enter_context(
            closing(
                Ledger(
                    budget,
                    book=book,
                    available=lambda: self.available,
                    held=lambda pid: self.held.get(pid, 0),
                    clock=self.clock.now,
                )
            )
        )


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with ExitStack() as stack:
        yield Machine(tmp_path / FILE_NAME, stack)


def test_servers_share_budget_and_machine(machine: Machine) -> None:
    one, two = machine.server(1), machine.server(2)
    assert one.reserve(target("a"), 6_000)
    assert not two.reserve(target("b"), 6_000)
    assert two.room == 4_000
    assert two.holders() == [Holder("test", 1, "a", 6_000, is_loading=True)]
    machine.held[1], machine.available = 6_000, machine.available - 6_000  # loaded now
    assert not two.reserve(target("b"), 6_000)
    assert two.room == 4_000
    one.release(target("a"))
    machine.held[1], machine.available = 0, machine.available + 6_000
    assert two.reserve(target("b"), 6_000)


def test_the_room_is_looked_at_on_a_clock(machine: Machine) -> None:
    ledger = machine.server(1)
    ledger.refresh()
    assert ledger.room == 10_000
    machine.available -= 4_000
    ledger.refresh()
    assert ledger.room == 10_000  # looked a moment ago
    machine.clock._now += ROOM_AGE_S
    ledger.refresh()
    assert ledger.room == 6_000


def test_a_reservation_sees_what_happened_since_the_last_look(machine: Machine) -> None:
    ledger = machine.server(1)
    ledger.refresh()
    machine.available -= 4_000
    assert not ledger.reserve(target("a"), 7_000)
    assert ledger.room == 6_000
    assert ledger.reserve(target("a"), 6_000)


def test_a_model_inside_the_server_is_not_counted_twice(machine: Machine) -> None:
    ledger = machine.server(1)
    ledger.reserve(target("a"), 3_000)
    ledger.settle(target("a"), None)
    machine.available -= 3_000  # it is in no child, yet it is there
    assert not ledger.reserve(target("b"), 7_001)
    assert ledger.reserve(target("b"), 7_000)


def test_measurements_are_remembered_after_a_restart(machine: Machine) -> None:
    with closing(machine.server(1)) as first:
        first.reserve(target("a"), 5)
        first.settle(target("a"), 77, 1.5)
    second = machine.server(2)
    assert second.expected_size(target("a")) == 77
    assert second.expected_load_s(target("a")) == 1.5
    assert second.reserve(target("a"), second.expected_size(target("a")))


def test_the_words_of_a_shortage_name_servers_and_amounts_but_no_model(machine: Machine) -> None:
    one, two = machine.server(1), machine.server(2, budget=9_000)
    one.reserve(target("secret-model"), 2048)
    one.settle(target("secret-model"), 2048)
    two.reserve(target("b"), 8_000)
    words = two.shortage(1024)
    assert "needs 1 KiB more memory" in words
    assert "test (pid 1) 2 KiB" in words
    assert "secret" not in words
    assert "nothing" in Ledger(5).shortage(1)


def test_a_book_that_fails_leaves_the_machines_own_figures(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = machine.server(1)
    book = ledger._book
    assert book is not None
    book._connection.close()
    assert not ledger.reserve(target("a"), 10_001)
    assert ledger.reserve(target("a"), 10_000)
    assert ledger.settle(target("a"), 10_000, 1.0).bytes == 10_000
    assert len(caplog.records) == 1  # said once, not every second
    ledger.release(target("a"))


# --- GPU memory ------------------------------------------------------------------------------------------------


class Gpu:
    """A device whose memory the test decides."""

    def __init__(self, total: int = 10 * GIB) -> None:
        self.total, self.free, self.is_silent = total, total, False

    def __call__(self) -> DeviceMemory | None:
        return None if self.is_silent else DeviceMemory(self.total, self.free)


def on_gpu(name: str = "a", size: int = 4 * GIB) -> Target:
    return target(name, gpu_bytes=size)


def test_without_a_gpu_no_target_takes_any_of_it() -> None:
    ledger = Ledger(BUDGET)
    assert ledger.expected_gpu(on_gpu()) == 0
    assert ledger.reserve(on_gpu(), 0, gpu=ledger.expected_gpu(on_gpu()))
    assert ledger.settle(on_gpu(), 5).gpu_bytes == 0
    assert ledger.gpu_room == 0


def test_the_gpu_has_a_budget_of_its_own_and_is_shared_politely() -> None:
    gpu = Gpu()
    ledger = Ledger(BUDGET, gpu=gpu)
    ledger.refresh()
    assert ledger.gpu_room == ledger.gpu_budget == int(10 * GIB * GPU_BUDGET_SHARE)
    gpu.free = 5 * GIB  # somebody else draws, or trains
    assert ledger.reserve(on_gpu("a"), 0, gpu=4 * GIB)
    assert not ledger.reserve(on_gpu("b"), 0, gpu=4 * GIB)
    assert ledger.reserve(on_gpu("cpu"), 5)
    gpu.free = 1 * GIB  # loaded now
    assert ledger.settle(on_gpu("a"), 5, 1.0, gpu=4 * GIB).gpu_bytes == 4 * GIB
    assert not ledger.reserve(on_gpu("b"), 0, gpu=1 * GIB)
    assert ledger.gpu_room == 5 * GIB - MEMORY_RESERVE_BYTES
    words = ledger.gpu_shortage(GIB, pinned=4 * GIB)
    assert "needs 1 GiB more GPU memory" in words
    assert "this server 4 GiB, of which 4 GiB are pinned here" in words


def test_the_second_load_goes_by_what_the_process_took_of_the_gpu() -> None:
    ledger = Ledger(BUDGET, gpu=Gpu())
    ledger.reserve(on_gpu(), 0, gpu=ledger.expected_gpu(on_gpu()))
    assert ledger.settle(on_gpu(), 5, 1.0, gpu=3 * GIB).gpu_bytes == 3 * GIB
    assert ledger.expected_gpu(on_gpu()) == 3 * GIB
    ledger.record(on_gpu(), 5, gpu=int(3.5 * GIB))
    assert ledger.expected_gpu(on_gpu()) == int(3.5 * GIB)


def test_where_the_driver_knows_no_processes_the_device_tells_what_a_load_took() -> None:
    gpu = Gpu()
    ledger = Ledger(BUDGET, gpu=gpu)
    ledger.reserve(on_gpu(), 0, gpu=4 * GIB)
    gpu.free -= 2 * GIB
    assert ledger.settle(on_gpu(), 5, 1.0).gpu_bytes == 2 * GIB
    ledger.reserve(on_gpu("silent"), 0, gpu=GIB)
    gpu.is_silent = True
    assert ledger.settle(on_gpu("silent", GIB), 5, 1.0).gpu_bytes == GIB  # nothing tells: the estimate stays


@pytest.mark.parametrize(
    ("by_process", "before", "after", "measured"),
    [(5, 9, 1, 5), (None, 9, 1, 8), (0, 9, 1, 8), (None, 1, 9, None), (None, None, 1, None), (0, 9, None, None)],
)
def test_what_a_model_takes_of_a_gpu(
    by_process: int | None, before: int | None, after: int | None, measured: int | None
) -> None:
    assert measured_gpu(by_process, before, after) == measured


def test_servers_share_the_gpu_too(machine: Machine) -> None:
    gpu = Gpu()
    one, two = machine.server(1), machine.server(2)
    one._gpu = two._gpu = gpu
    assert one.reserve(on_gpu("a"), 0, gpu=6 * GIB)
    assert not two.reserve(on_gpu("b"), 0, gpu=4 * GIB)
    assert [(holder.target, holder.gpu_bytes) for holder in two.holders()] == [("a", 6 * GIB)]
    one.settle(on_gpu("a"), 5, 1.0, gpu=2 * GIB)
    gpu.free -= 2 * GIB
    assert two.reserve(on_gpu("b"), 0, gpu=4 * GIB)


steps = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.integers(0, 6_000), st.sampled_from(["take", "give"])),
    max_size=30,
)


@given(steps)
def test_whatever_servers_do_reservations_never_exceed_the_machine(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str, int, str]]
) -> None:
    with ExitStack() as stack:
        machine = Machine(tmp_path_factory.mktemp("state") / FILE_NAME, stack)
        servers = [machine.server(pid) for pid in range(1, 4)]
        for number, name, size, what in steps:
            ledger = servers[number]
            names = {holder.target for holder in ledger._own.values()}
            if what == "give":
                ledger.release(target(name))
            elif name not in names:
                ledger.reserve(target(name), size)
            else:
                ledger.settle(target(name), min(size, ledger._own[name].bytes))
            assert sum(ledger._used for ledger in servers) <= 10_000
