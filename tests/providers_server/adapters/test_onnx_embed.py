import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from alive_core.adapters.events import Event, Finished, Progress, Vectors
from alive_core.adapters.jobs import EmbedJob
from alive_core.adapters.protocols import EmbedAdapter, InspectingAdapter
from alive_core.errors import (
    ContextLengthExceeded,
    EngineCrashed,
    InvalidRequest,
    LoadFailed,
    UnsupportedParameter,
)
from alive_core.profiles.profile import Target
from providers_server.adapters.onnx_embed import OnnxEmbedAdapter
from support.embed_model import real_model, write_model_folder

REFERENCE = Path(__file__).parents[1] / "data" / "reference_vectors.json"
TOLERANCE = 1e-5
CLS, SEP = 101, 102


@pytest.fixture
def target() -> Target:
    return Target(adapter="onnx-embed", name="minilm", path=str(real_model()))


@pytest.fixture
async def adapter(target: Target) -> AsyncIterator[OnnxEmbedAdapter]:
    adapter = await OnnxEmbedAdapter.load(target)
    yield adapter
    await adapter.close()


def job(*inputs: str | tuple[int, ...], dimensions: int | None = None) -> EmbedJob:
    return EmbedJob(id="job", inputs=inputs, dimensions=dimensions)


async def events_of(adapter: OnnxEmbedAdapter, wanted: EmbedJob) -> list[Event]:
    return [event async for event in adapter.embed(wanted)]


async def embed(adapter: OnnxEmbedAdapter, *inputs: str | tuple[int, ...]) -> NDArray[np.float32]:
    rows = [event for event in await events_of(adapter, job(*inputs)) if isinstance(event, Vectors)]
    assert [row.start for row in rows] == [0]
    return np.frombuffer(rows[0].data, "<f4").reshape(len(inputs), rows[0].dimensions)


async def usage(adapter: OnnxEmbedAdapter, *inputs: str | tuple[int, ...]) -> int:
    last = (await events_of(adapter, job(*inputs)))[-1]
    assert isinstance(last, Finished)
    return last.usage.prompt_tokens


async def test_vectors_equal_the_reference_implementation(adapter: OnnxEmbedAdapter) -> None:
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
    ours = await embed(adapter, *(row["text"] for row in reference))
    theirs = np.array([row["vector"] for row in reference], np.float64)
    assert np.abs(ours - theirs).max() < TOLERANCE


async def test_a_text_has_the_same_vector_alone_and_among_others(adapter: OnnxEmbedAdapter) -> None:
    texts = ("short", "a somewhat longer text about the sea", "x " * 120)
    together = await embed(adapter, *texts)
    alone = np.concatenate([await embed(adapter, text) for text in texts])
    assert np.abs(together - alone).max() < TOLERANCE


async def test_every_vector_has_length_one(adapter: OnnxEmbedAdapter) -> None:
    vectors = await embed(adapter, "one", "two words", " ")
    assert np.allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-6)


async def test_token_ids_give_the_same_vector_as_their_text(adapter: OnnxEmbedAdapter) -> None:
    hello_world = (7592, 2088)
    vectors = await embed(adapter, "hello world", hello_world, (CLS, *hello_world, SEP))
    assert np.abs(vectors - vectors[0]).max() < TOLERANCE
    assert await usage(adapter, hello_world) == 4


async def test_an_unknown_token_id_is_refused(adapter: OnnxEmbedAdapter) -> None:
    with pytest.raises(InvalidRequest, match="Token id 30522 is unknown") as caught:
        await embed(adapter, (5, 30522))
    assert caught.value.param == "input"
    with pytest.raises(InvalidRequest, match="Token id -1 is unknown"):
        await embed(adapter, (-1,))


async def test_usage_counts_what_the_model_reads(adapter: OnnxEmbedAdapter) -> None:
    assert await usage(adapter, "hello world") == 4
    assert await usage(adapter, "hello world", "hello") == 7


async def test_an_input_of_exactly_the_context_is_served(adapter: OnnxEmbedAdapter) -> None:
    assert await usage(adapter, " ".join(["word"] * 254)) == 256


async def test_a_longer_input_is_refused_with_both_numbers_and_never_cut(adapter: OnnxEmbedAdapter) -> None:
    with pytest.raises(ContextLengthExceeded, match=r"at most 256 tokens.*input 1 has 257") as caught:
        await embed(adapter, "fine", " ".join(["word"] * 255))
    assert caught.value.param == "input"
    with pytest.raises(ContextLengthExceeded, match="has 258"):
        await embed(adapter, (7592,) * 256)


async def test_a_target_may_widen_the_context_to_the_models_positions(target: Target) -> None:
    wide = await OnnxEmbedAdapter.load(Target(adapter="onnx-embed", path=target.path, context=512))
    assert await usage(wide, " ".join(["word"] * 510)) == 512
    await wide.close()


@pytest.mark.parametrize("empty", ["", ()])
async def test_an_empty_input_is_refused(adapter: OnnxEmbedAdapter, empty: str | tuple[int, ...]) -> None:
    with pytest.raises(InvalidRequest, match="Input 1 is empty"):
        await embed(adapter, "full", empty)


async def test_no_input_at_all_is_refused(adapter: OnnxEmbedAdapter) -> None:
    with pytest.raises(InvalidRequest, match="`input` is empty"):
        await events_of(adapter, job())


async def test_vectors_are_never_shortened(adapter: OnnxEmbedAdapter) -> None:
    with pytest.raises(UnsupportedParameter, match="384 dimensions") as caught:
        await events_of(adapter, job("text", dimensions=128))
    assert caught.value.param == "dimensions"
    assert isinstance((await events_of(adapter, job("text", dimensions=384)))[-1], Finished)


async def test_progress_is_told_between_batches_and_vectors_come_at_the_end(adapter: OnnxEmbedAdapter) -> None:
    events = await events_of(adapter, job(*["some words"] * 20))
    assert [(event.done, event.total) for event in events if isinstance(event, Progress)] == [(8, 20), (16, 20)]
    assert [type(event) for event in events[-2:]] == [Vectors, Finished]


async def test_closing_the_stream_computes_no_further_batch(
    adapter: OnnxEmbedAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[int] = []
    compute = adapter._compute
    monkeypatch.setattr(adapter, "_compute", lambda batch: computed.append(len(batch)) or compute(batch))
    stream = adapter.embed(job(*["words"] * 80))
    assert isinstance(await anext(stream), Progress)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator behind the protocol's iterator
    assert computed == [8]


async def test_a_cancelled_job_leaves_the_adapter_working(
    adapter: OnnxEmbedAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    compute = adapter._compute

    def held(batch: list[tuple[int, ...]]) -> list[bytes]:
        begun.set()
        go_on.wait()
        return compute(batch)

    monkeypatch.setattr(adapter, "_compute", held)
    running = asyncio.create_task(events_of(adapter, job(*["words"] * 40)))
    await asyncio.to_thread(begun.wait)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    go_on.set()
    assert await usage(adapter, "still here") == 4


async def test_the_event_loop_stays_free_while_a_batch_is_computed(
    adapter: OnnxEmbedAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    compute = adapter._compute

    def held(batch: list[tuple[int, ...]]) -> list[bytes]:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(timeout=10), "the event loop did not run while the batch was computed"
        return compute(batch)

    monkeypatch.setattr(adapter, "_compute", held)
    running = asyncio.create_task(events_of(adapter, job("text")))
    await begun.wait()
    go_on.set()
    assert isinstance((await running)[-1], Finished)


async def test_closing_ends_a_running_job_with_an_error(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = await OnnxEmbedAdapter.load(target)
    stream = adapter.embed(job(*["words"] * 80))
    await anext(stream)
    await adapter.close()
    await adapter.close()
    with pytest.raises(EngineCrashed, match="closed under the request"):
        await anext(stream)


async def test_a_job_after_closing_ends_with_an_error(target: Target) -> None:
    adapter = await OnnxEmbedAdapter.load(target)
    await adapter.close()
    with pytest.raises(EngineCrashed, match="closed under the request"):
        await events_of(adapter, job("too late"))


async def test_many_inputs_tell_progress_while_they_are_tokenised(adapter: OnnxEmbedAdapter) -> None:
    stream = adapter.embed(job(*["a"] * 600))
    assert await anext(stream) == Progress("prompt", 512, 600)


async def test_a_target_may_say_how_many_threads_compute(target: Target) -> None:
    one = Target(adapter="onnx-embed", path=target.path, options={"threads": 1})
    adapter = await OnnxEmbedAdapter.load(one)
    assert await usage(adapter, "hello world") == 4
    await adapter.close()


async def test_a_model_of_another_shape_is_refused(target: Target, tmp_path: Path) -> None:
    for file in real_model().iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").write_text('{"hidden_size": 768, "vocab_size": 30522, "max_position_embeddings": 512}')
    with pytest.raises(LoadFailed, match="not vectors of 768 per token"):
        await OnnxEmbedAdapter.load(Target(adapter="onnx-embed", path=str(tmp_path)))


async def test_jobs_that_run_together_take_turns(adapter: OnnxEmbedAdapter) -> None:
    order: list[str] = []

    async def run(name: str) -> None:
        async for event in adapter.embed(job(*["words here"] * 40)):
            if isinstance(event, Progress):
                order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(run("a"))
        group.create_task(run("b"))
    assert order[:6] == ["a", "b"] * 3


def test_inspection_tells_what_the_model_can_do(target: Target) -> None:
    abilities = OnnxEmbedAdapter.inspect(target)
    assert (abilities.tasks, abilities.context, abilities.dimensions) == (
        frozenset({"embed", "tokenize", "detokenize"}),
        256,
        384,
    )
    assert "mean pooling" in abilities.recipe


def test_it_satisfies_the_contract() -> None:
    assert issubclass(OnnxEmbedAdapter, EmbedAdapter)
    assert issubclass(OnnxEmbedAdapter, InspectingAdapter)


def test_importing_and_inspecting_load_no_model_library(target: Target) -> None:
    script = (
        "import sys\n"
        "from alive_core.profiles.profile import Target\n"
        "from providers_server.adapters.onnx_embed import OnnxEmbedAdapter\n"
        f"OnnxEmbedAdapter.inspect(Target(adapter='onnx-embed', path={target.path!r}))\n"
        "print([name for name in ('numpy', 'onnxruntime', 'tokenizers') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("options", "said"), [({"colour": 1}, "unknown option 'colour'"), ({"threads": 0}, "from 1")]
)
def test_a_wrong_option_is_refused_by_name(target: Target, options: dict[str, int], said: str) -> None:
    wrong = Target(adapter="onnx-embed", path=target.path, options=options)  # type: ignore[arg-type]  # ints alone
    with pytest.raises(LoadFailed, match=said):
        OnnxEmbedAdapter.inspect(wrong)


async def test_a_corrupt_model_is_named(tmp_path: Path) -> None:
    folder = write_model_folder(tmp_path)
    with pytest.raises(LoadFailed, match=r"tokenizer\.json is damaged or not understood"):
        await OnnxEmbedAdapter.load(Target(adapter="onnx-embed", path=str(folder)))
    (folder / "tokenizer.json").write_bytes((real_model() / "tokenizer.json").read_bytes())
    with pytest.raises(LoadFailed, match=r"model\.onnx is damaged or not understood"):
        await OnnxEmbedAdapter.load(Target(adapter="onnx-embed", path=str(folder)))


async def test_a_failed_load_leaves_no_thread(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed):
        await OnnxEmbedAdapter.load(Target(adapter="onnx-embed", path=str(write_model_folder(tmp_path))))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("embed") and thread.is_alive()]
