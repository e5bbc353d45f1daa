"""Options of a target are checked, and become the engine's parameters."""

import os

import pytest
from xllamacpp import CommonParams

from alive_core.errors import LoadFailed
from alive_core.profiles.profile import Target
from command_server.adapters.parameters import default_threads, engine_parameters, read_options
from command_server.constants import CPU_BATCH_TOKENS

LARGE = 4_000_000_000


def target(**options: str | int | float | bool) -> Target:
    return Target(adapter="llamacpp", name="test", parallel=3, options=options)


def parameters_of(wanted: Target) -> CommonParams:
    return engine_parameters(
        wanted,
        options=read_options(wanted),
        model="m.gguf",
        weights=LARGE,
        window=512,
        socket="/run/engine.sock",
        key="secret",
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"colour": 1}, "colour"),
        ({"threads": "many"}, "threads"),
        ({"threads": 0}, "lowest value is 1"),
        ({"threads": 100_000}, "over"),
        ({"batch": 0}, "lowest value is 1"),
        ({"gpu_layers": -2}, "lowest value is -1"),
        ({"prompt_cache_mib": -1}, "lowest value is 0"),
        ({"context_checkpoints": 1.5}, "context_checkpoints"),
    ],
)
def test_wrong_options_are_named(options: dict[str, str | int | float | bool], words: str) -> None:
    with pytest.raises(LoadFailed, match=words):
        read_options(target(**options))


def test_every_sequence_gets_a_window_of_its_own() -> None:
    wanted = target(threads=2, gpu_layers=0, prompt_cache_mib=64)
    parameters = engine_parameters(
        wanted,
        options=read_options(wanted),
        model="m.gguf",
        weights=LARGE,
        window=512,
        socket="/run/engine.sock",
        key="secret",
    )
    assert parameters.n_ctx == 3 * 512
    assert parameters.n_parallel == 3
    assert not parameters.kv_unified
    assert parameters.n_batch == parameters.n_ubatch == CPU_BATCH_TOKENS
    assert parameters.cpuparams.n_threads == 2
    assert parameters.cache_ram_mib == 64
    assert parameters.n_gpu_layers == 0
    assert parameters.hostnames == ["/run/engine.sock"]
    assert parameters.api_keys == ["secret"]


def test_a_larger_batch_is_computed_in_pieces() -> None:
    wanted = target(batch=1024)
    parameters = engine_parameters(
        wanted,
        options=read_options(wanted),
        model="m.gguf",
        weights=LARGE,
        window=512,
        socket="/run/engine.sock",
        key="secret",
    )
    assert (parameters.n_batch, parameters.n_ubatch) == (1024, 512)


@pytest.mark.parametrize(("allowed", "threads"), [(8, -1), (3, 3)])
def test_threads_follow_the_cores_this_process_may_use(
    monkeypatch: pytest.MonkeyPatch, allowed: int, threads: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(allowed)), raising=False)
    assert default_threads(LARGE) == threads


def test_where_cores_cannot_be_asked_the_engine_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert default_threads(LARGE) == -1


def test_one_core_reads_a_small_model_best() -> None:
    assert default_threads(5_000_000) == 1
