"""How the engine is set up for a target. The only place that knows llama.cpp's parameters."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from alive_core import LoadFailed, Target
from command_server.constants import (
    CONTEXT_CHECKPOINTS,
    CPU_BATCH_TOKENS,
    ENGINE_LOG_LEVEL,
    GPU_BATCH_TOKENS,
    GPU_MICRO_BATCH_TOKENS,
    HTTP_THREADS,
    MAX_OPTION_THREADS,
    PROMPT_CACHE_MIB,
    SINGLE_THREAD_BYTES,
)

if TYPE_CHECKING:
    from xllamacpp import CommonParams  # type: ignore[import-untyped]  # a binary module without stubs

_ALL_LAYERS: Final = -1
_ENGINE_DECIDES: Final = -1


class EngineOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `options` of a target may say, all of it about speed and memory."""

    threads: int | None = None
    """CPU threads; absent means one for a small model, else one per core this process may use."""
    gpu_layers: int = _ALL_LAYERS
    """Layers on the GPU, where there is one; 0 keeps the model on the CPU."""
    batch: int | None = None
    """Prompt tokens per step."""
    prompt_cache_mib: int = PROMPT_CACHE_MIB
    """Memory for prompts kept beside the sequences' own windows."""
    context_checkpoints: int = CONTEXT_CHECKPOINTS
    """Snapshots per sequence of a model with a sliding window."""


_LOWEST: Final[Mapping[str, int]] = {
    "threads": 1,
    "gpu_layers": _ALL_LAYERS,
    "batch": 1,
    "prompt_cache_mib": 0,
    "context_checkpoints": 0,
}


def read_options(target: Target) -> EngineOptions:
    """The target's options. Raises LoadFailed for a name or value that is not one."""
    known = ", ".join(EngineOptions.__struct_fields__)
    try:
        options = msgspec.convert(target.options, EngineOptions)
    except msgspec.ValidationError as error:
        raise LoadFailed(f"The options of target {target.name!r} are wrong: {error}. Known are: {known}.") from error
    for name, lowest in _LOWEST.items():
        value = getattr(options, name)
        if value is not None and value < lowest:
            raise LoadFailed(f"Option {name!r} of target {target.name!r} is {value}; the lowest value is {lowest}.")
    if options.threads is not None and options.threads > MAX_OPTION_THREADS:
        raise LoadFailed(f"Option 'threads' of target {target.name!r} is over {MAX_OPTION_THREADS}.")
    return options


def engine_parameters(
    target: Target, *, options: EngineOptions, model: str, weights: int, window: int, socket: str, key: str
) -> "CommonParams":
    """llama.cpp's parameters: `target.parallel` sequences with a window of `window` tokens each.

    `weights` is the model's size in bytes.

    Every sequence has its own window: with a shared one, a long conversation could leave the others without room.
    `socket` is a path that ends in `.sock`, where the engine will answer small questions to who has `key`.
    """
    from xllamacpp import CommonParams  # heavy: loads the engine

    parameters = CommonParams()
    parameters.model.path = model
    parameters.n_parallel = target.parallel
    parameters.n_ctx = window * target.parallel
    parameters.kv_unified = False
    parameters.cont_batching = True
    parameters.cache_prompt = True
    parameters.cache_ram_mib = options.prompt_cache_mib
    parameters.n_ctx_checkpoints = options.context_checkpoints
    parameters.warmup = False  # it would only move the first request's page faults into the load
    parameters.verbosity = ENGINE_LOG_LEVEL
    parameters.prefill_assistant = (
        False  # a conversation that ends with the assistant gets a new turn, as the API says
    )
    parameters.force_pure_content_parser = True  # answers are read by `turn.py`; the engine only renders prompts
    parameters.hostnames = [socket]
    parameters.api_keys = [key]
    parameters.n_threads_http = HTTP_THREADS
    _set_threads(parameters, options.threads or default_threads(weights))
    _set_device(parameters, options)
    return parameters


def _set_threads(parameters: "CommonParams", threads: int) -> None:
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads


def default_threads(weights: int) -> int:
    """The engine counts physical cores itself, but not which of them this process may use."""
    if weights < SINGLE_THREAD_BYTES:
        return 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return _ENGINE_DECIDES if allowed in (None, os.cpu_count()) else allowed or _ENGINE_DECIDES


def _set_device(parameters: "CommonParams", options: EngineOptions) -> None:
    on_gpu = options.gpu_layers != 0 and sees_gpu()
    parameters.n_gpu_layers = options.gpu_layers if on_gpu else 0
    parameters.fit_params = False  # what a target says holds, or the load fails; nothing is made smaller silently
    parameters.n_batch = options.batch or (GPU_BATCH_TOKENS if on_gpu else CPU_BATCH_TOKENS)
    parameters.n_ubatch = min(parameters.n_batch, GPU_MICRO_BATCH_TOKENS)


def sees_gpu() -> bool:
    """Whether the installed build of the engine can use a GPU of this machine."""
    from xllamacpp import get_device_info, ggml_backend_dev_type

    gpus = {
        ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_GPU,
        ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_IGPU,
    }
    return any(device["type"] in gpus for device in get_device_info())
