"""What loading a model will take, before anything was measured; and by which name a measurement is remembered."""

import hashlib
from pathlib import Path

import msgspec

from alive_core.constants import LOAD_BYTES_PER_S, LOAD_START_S, MODEL_OVERHEAD_BYTES
from alive_core.profiles.profile import Target


def estimated_size(target: Target) -> int:
    """Bytes of memory: what the adapter read from the header, else the files, and an engine's own overhead.

    0 where nothing is loaded.
    """
    if target.memory_bytes is not None:
        return target.memory_bytes + MODEL_OVERHEAD_BYTES
    return 0 if target.path is None else file_bytes(target.path) + MODEL_OVERHEAD_BYTES


def estimated_load_s(target: Target) -> float | None:
    """Seconds, at the speed of an ordinary disk; `None` where there are no files."""
    return None if target.path is None else LOAD_START_S + file_bytes(target.path) / LOAD_BYTES_PER_S


def file_bytes(path: str) -> int:
    """Size of a file, or of all files in a folder; what is gone counts nothing."""
    return sum(size for _, size, _ in _stamps(Path(path)))


def model_key(target: Target) -> str:
    """Names everything that memory and load time depend on, the files' sizes and times included.

    A target without files is only its name.
    """
    if target.path is None:
        return f"target {target.name}"
    shape = (target.adapter, target.engine, target.context, target.parallel, sorted(target.options.items()))
    return hashlib.sha256(msgspec.json.encode((shape, _stamps(Path(target.path))))).hexdigest()


def _stamps(path: Path) -> list[tuple[str, int, int]]:
    """Name, size and modification time in nanoseconds of each file, by name."""
    stamps = []
    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        if file.is_file():
            found = file.stat()
            stamps.append((str(file), found.st_size, found.st_mtime_ns))
    return stamps
