"""What the files of a sentence embedding model say about it, read without any model library.

The folder has the layout of sentence-transformers: `config.json` (Hugging Face's BERT configuration),
`sentence_bert_config.json` (the length the model was made for), `1_Pooling/config.json`, `tokenizer.json` and
`model.onnx`, with its weights inside or beside it in `model.onnx_data`.
"""

from pathlib import Path
from typing import TypeVar

import msgspec

from alive_core import LoadFailed

Shape = TypeVar("Shape")

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "config.json"
SENTENCE_FILE = "sentence_bert_config.json"
POOLING_FILE = "1_Pooling/config.json"


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


class EmbedFacts(msgspec.Struct, frozen=True):
    """What an embedding model is, before it is loaded."""

    folder: Path
    dimensions: int
    vocabulary: int
    context: int
    """Tokens per input, the special ones included."""


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
    )


def _read(path: Path, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (OSError, msgspec.MsgspecError) as error:
        raise LoadFailed(f"{path} cannot be read: {error}.") from error


def _read_optional(path: Path, shape: type[Shape]) -> Shape:
    return _read(path, shape) if path.is_file() else shape()
