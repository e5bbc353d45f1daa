"""Which files may be models: formats that hold numbers and text, never code.

A name's ending says what a file claims to be, its first bytes whether that can be true. Pickles are refused: loading
one runs whatever its author wrote.
"""

from pathlib import PurePosixPath

from alive_core.constants import MODEL_SUFFIXES
from alive_core.errors import LoadFailed

GGUF_MAGIC = b"GGUF"
GGML_MAGICS = (b"lmgg", b"fmgg", b"tjgg", b"algg")  # ggml, ggmf, ggjt, ggla as little-endian 32-bit numbers
ONNX_START = b"\x08"  # protobuf field 1, a number: ModelProto.ir_version
JSON_STARTS = (b"{", b"[")
SAFETENSORS_LENGTH_BYTES = 8  # the length of the JSON header that follows, little-endian


def is_safe_name(name: str) -> bool:
    """Whether `name` is a relative path that stays inside its folder and ends like a model file."""
    path = PurePosixPath(name)
    inside = bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name
    return inside and path.suffix.lower() in MODEL_SUFFIXES and str(path) == name


def check_head(name: str, head: bytes) -> None:
    """Raise LoadFailed where the first bytes of a file contradict its name."""
    if not _fits(PurePosixPath(name).suffix.lower(), head):
        seen = head[:SAFETENSORS_LENGTH_BYTES]
        raise LoadFailed(f"{name} is not what its name says: it begins with {seen!r}. A web page or another format?")


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
        case _:
            return True
