"""What the files of a sentence embedding model say about it, read without any model library.

The folder has the layout of sentence-transformers: `config.json` (Hugging Face's BERT configuration),
`sentence_bert_config.json` (the length the model was made for), `1_Pooling/config.json`, `tokenizer.json` and
`model.onnx`, with its weights inside or beside it in `model.onnx_data`.
"""

import hashlib
from pathlib import Path
from typing import TypeVar

import msgspec

from alive_core import LoadFailed
from providers_server.constants import FINGERPRINT_DIGITS, HASH_BLOCK_BYTES

Shape = TypeVar("Shape")

MODEL_FILE = "model.onnx"
WEIGHTS_FILE = "model.onnx_data"
TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "config.json"
SENTENCE_FILE = "sentence_bert_config.json"
POOLING_FILE = "1_Pooling/config.json"
MANIFEST_FILE = "manifest.json"


class ModelConfig(msgspec.Struct, frozen=True):
    """The part of `config.json` that matters here."""

    hidden_size: int
    vocab_size: int
    max_position_embeddings: int


class SentenceConfig(msgspec.Struct, frozen=True):
    """`sentence_bert_config.json`: tokens the model was made to read, its special tokens included."""

    max_seq_length: int | None = None


class PoolingConfig(msgspec.Struct, frozen=True):
    """`1_Pooling/config.json`: how token vectors become one vector."""

    pooling_mode_mean_tokens: bool = True
    pooling_mode_cls_token: bool = False
    pooling_mode_max_tokens: bool = False
    pooling_mode_mean_sqrt_len_tokens: bool = False


class RecordedFile(msgspec.Struct, frozen=True):
    """A file of the store's manifest, with the hash taken when it was fetched."""

    path: str
    size_bytes: int
    sha256: str


class RecordedFiles(msgspec.Struct, frozen=True):
    """The part of the store's `manifest.json` that identity needs."""

    files: tuple[RecordedFile, ...] = ()


class EmbedFacts(msgspec.Struct, frozen=True):
    """What an embedding model is, before it is loaded."""

    folder: Path
    dimensions: int
    vocabulary: int
    context: int
    """Tokens per input, the special ones included."""
    fingerprint: str


def read_facts(path: str | None, context: int | None) -> EmbedFacts:
    """Read the facts of the model in the folder `path`; `context` overrides the length it was made for.

    Raises LoadFailed where a file is missing or unreadable, where vectors are not made by the mean, or where
    `context` is more than the model has positions for.
    """
    if path is None:
        raise LoadFailed("An embedding target needs a model; fetch it with `task install`.")
    folder = Path(path)
    for name in (MODEL_FILE, TOKENIZER_FILE, CONFIG_FILE):
        if not (folder / name).is_file():
            raise LoadFailed(f"{folder / name} is missing; fetch the model again with `task install`.")
    config = _read(folder / CONFIG_FILE, ModelConfig)
    sentence = _read_optional(folder / SENTENCE_FILE, SentenceConfig)
    pooling = _read_optional(folder / POOLING_FILE, PoolingConfig)
    if pooling != PoolingConfig():
        raise LoadFailed(
            f"{folder / POOLING_FILE} asks for another pooling than the mean, which is all this adapter does."
        )
    window = context or sentence.max_seq_length or config.max_position_embeddings
    if window > config.max_position_embeddings:
        raise LoadFailed(
            f"A context of {window} tokens is more than the {config.max_position_embeddings} positions of {folder}."
        )
    return EmbedFacts(
        folder=folder,
        dimensions=config.hidden_size,
        vocabulary=config.vocab_size,
        context=window,
        fingerprint=_fingerprint(folder),
    )


def _read(path: Path, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (OSError, msgspec.MsgspecError) as error:
        raise LoadFailed(f"{path} cannot be read: {error}.") from error


def _read_optional(path: Path, shape: type[Shape]) -> Shape:
    return _read(path, shape) if path.is_file() else shape()


def _fingerprint(folder: Path) -> str:
    """Identity of weights, precision, tokenizer and pooling: other files, another name.

    Hashes come from the store's manifest where its sizes still fit; a file without one is read whole.
    """
    recorded = _read_optional(folder / MANIFEST_FILE, RecordedFiles).files
    known = {file.path: file for file in recorded}
    names = [name for name in (MODEL_FILE, WEIGHTS_FILE, TOKENIZER_FILE) if (folder / name).is_file()]
    identity = hashlib.sha256(b"mean pooling, unit length, fp32")
    for name in names:
        record = known.get(name)
        fits = record is not None and record.size_bytes == (folder / name).stat().st_size
        identity.update(f"\n{name} {record.sha256 if record and fits else _sha256(folder / name)}".encode())
    return f"fp_{identity.hexdigest()[:FINGERPRINT_DIGITS]}"


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
