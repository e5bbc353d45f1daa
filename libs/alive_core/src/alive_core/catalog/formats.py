"""Which files may be models: formats that hold numbers and text, never code.

A name's ending says what a file claims to be, its first bytes whether that can be true. Pickles are refused: loading
one runs whatever its author wrote. So is an ONNX graph that would read weights from outside its own folder.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

from alive_core.catalog.onnx_graph import external_files
from alive_core.constants import FILE_HEAD_BYTES, MODEL_SUFFIXES
from alive_core.errors import LoadFailed

Format = Literal["gguf", "onnx", "safetensors", "ggml"]

FORMATS: dict[str, Format] = {".gguf": "gguf", ".onnx": "onnx", ".safetensors": "safetensors", ".bin": "ggml"}
"""What an ending says about the weights."""
GGUF_MAGIC = b"GGUF"
GGML_MAGICS = (b"lmgg", b"fmgg", b"tjgg", b"algg")  # ggml, ggmf, ggjt, ggla as little-endian 32-bit numbers
ONNX_START = b"\x08"  # protobuf field 1, a number: ModelProto.ir_version
JSON_STARTS = (b"{", b"[")
SAFETENSORS_LENGTH_BYTES = 8  # the length of the JSON header that follows, little-endian
# A pickle of protocol 2 to 5, and the archive that PyTorch puts one into.
CODE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")


def format_of(files: tuple[str, ...]) -> Format | None:
    """The format of the weights among `files`; `None` where no ending tells."""
    found = (FORMATS.get(PurePosixPath(file).suffix.lower()) for file in files)
    return next((format_ for format_ in found if format_ is not None), None)


def is_inside(name: str) -> bool:
    """Whether `name` is a relative path that stays inside its folder, on every system."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def is_safe_name(name: str) -> bool:
    """Whether `name` is a relative path that stays inside its folder and ends like a model file."""
    path = PurePosixPath(name)
    is_plain = name.isprintable() and str(path) == name
    return is_inside(name) and is_plain and path.suffix.lower() in MODEL_SUFFIXES


def check_head(name: str, head: bytes) -> None:
    """Raise LoadFailed where the first bytes of a file contradict its name."""
    if not _fits(PurePosixPath(name).suffix.lower(), head):
        seen = head[:SAFETENSORS_LENGTH_BYTES]
        raise LoadFailed(f"{name} is not what its name says: it begins with {seen!r}. A web page or another format?")


def check_file(name: str, path: Path) -> None:
    """Raise LoadFailed where the content of the file at `path`, called `name`, contradicts that name, is cut off, or
    reaches out of its folder."""
    with path.open("rb") as file:
        head = file.read(FILE_HEAD_BYTES)
    check_head(name, head)
    match PurePosixPath(name).suffix.lower():
        case ".safetensors":
            announced = SAFETENSORS_LENGTH_BYTES + int.from_bytes(head[:SAFETENSORS_LENGTH_BYTES], "little")
            if announced > path.stat().st_size:
                raise LoadFailed(f"{name} is cut off: its header alone would be {announced} bytes long.")
        case ".onnx":
            for location in external_files(name, path):
                if not is_inside(location):
                    raise LoadFailed(
                        f"{name} would read its weights from {location!r}, outside its own folder; refused."
                    )


def _fits(suffix: str, head: bytes) -> bool:
    match suffix:
        case ".gguf":
            return head.startswith(GGUF_MAGIC)
        case ".bin":
            return head.startswith(GGML_MAGICS)
        case ".onnx":
            return head.startswith(ONNX_START)
        case ".safetensors":
            return head[SAFETENSORS_LENGTH_BYTES : SAFETENSORS_LENGTH_BYTES + 1] == b"{"
        case ".json":
            return head.lstrip().startswith(JSON_STARTS) or not head.strip()
        case ".onnx_data":
            return True  # bare numbers, which may begin with anything; no engine ever runs them
        case _:
            return not head.startswith(CODE_STARTS)
