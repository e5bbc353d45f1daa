"""What a model will take is known before it is loaded."""

from pathlib import Path

import pytest

from alive_core.constants import MIB, MODEL_OVERHEAD_BYTES
from alive_core.engines.start import start_engine
from alive_core.profiles.profile import Target
from command_server.adapters.gguf_header import GgufHeader
from command_server.adapters.llamacpp import LlamaCppAdapter
from command_server.adapters.memory import sequence_bytes, weights_bytes
from support.random_model import SLOW, write_random_model

KV_OF_TWO_BLOCKS = 2 * 2 * (2 * 16 + 2 * 16)  # blocks, bytes, keys and values of two heads with 16 numbers each


def target(path: Path, **fields: object) -> Target:
    return Target(adapter="llamacpp", name="test", path=str(path), engine="child", **fields)


def header(**numbers: int) -> GgufHeader:
    metadata = {f"cohere2.{key.replace('__', '.')}": number for key, number in numbers.items()}
    return GgufHeader(3, {"general.architecture": "cohere2"} | metadata, {}, 0, 0)


async def test_the_estimate_covers_what_the_engine_takes_and_little_more(tmp_path: Path) -> None:
    wanted = target(write_random_model(tmp_path / "slow.gguf", SLOW), context=2048, parallel=2)
    expected = (LlamaCppAdapter.inspect(wanted).memory_bytes or 0) + MODEL_OVERHEAD_BYTES
    engine = await start_engine(LlamaCppAdapter, wanted)
    measured = engine.memory_bytes()
    await engine.close()
    assert measured is not None
    assert measured <= expected <= measured + 64 * MIB


def test_every_sequence_and_every_token_costs_the_same(small_model: Path) -> None:
    sizes = [
        LlamaCppAdapter.inspect(target(small_model, context=context, parallel=parallel)).memory_bytes or 0
        for context, parallel in ((512, 1), (512, 2), (512, 3), (1024, 3))
    ]
    assert sizes[1] - sizes[0] == sizes[2] - sizes[1] == 512 * KV_OF_TWO_BLOCKS
    assert sizes[3] - sizes[2] > 3 * 512 * KV_OF_TWO_BLOCKS  # a longer window needs more scratch too


@pytest.mark.parametrize(
    ("window", "snapshots", "tokens_of_all_blocks"),
    [
        (8192, 0, 8192 * 1 + 4352 * 3),  # three of four blocks keep 4,096 tokens and a step, in steps of 256
        (8192, 2, 8192 * 1 + 4352 * 3 * 3),
        (2048, 0, 2048 * 4),  # shorter than the sliding window
    ],
)
def test_a_sliding_window_bounds_what_most_blocks_keep(
    window: int, snapshots: int, tokens_of_all_blocks: int
) -> None:
    shape = header(
        block_count=4,
        embedding_length=64,
        attention__head_count=4,
        attention__head_count_kv=2,
        attention__sliding_window=4096,
    )
    per_token = 2 * (2 * 16 + 2 * 16)
    assert sequence_bytes(shape, window=window, step=64, snapshots=snapshots) == per_token * tokens_of_all_blocks


def test_heads_may_have_a_length_of_their_own_and_a_bare_header_costs_nothing() -> None:
    shape = header(block_count=1, attention__head_count=2, attention__key_length=5, attention__value_length=7)
    assert sequence_bytes(shape, window=10, step=64, snapshots=0) == 2 * 2 * (5 + 7) * 10
    assert sequence_bytes(header(), window=10, step=64, snapshots=0) == 0


def test_all_parts_of_a_split_model_count(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"big-0000{number}-of-00002.gguf").write_bytes(b"x" * 100 * number)
    (tmp_path / "big-other.gguf").write_bytes(b"x" * 7)
    assert weights_bytes(tmp_path / "big-00001-of-00002.gguf") == 300
    assert weights_bytes(tmp_path / "big-other.gguf") == 7


def test_an_operators_batch_and_prompt_cache_count(small_model: Path) -> None:
    plain, batch, cache = (
        LlamaCppAdapter.inspect(target(small_model, options=options)).memory_bytes or 0
        for options in ({}, {"batch": 512}, {"prompt_cache_mib": 3})
    )
    assert batch > plain
    assert cache == plain + 3 * MIB
