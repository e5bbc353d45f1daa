"""What the files of a chat model for onnxruntime-genai say about it, read without any model library.

The folder holds `genai_config.json`, the ONNX file that it names, `tokenizer.json`, and the chat template, in
`chat_template.jinja` or in `tokenizer_config.json`. Format: https://onnxruntime.ai/docs/genai/reference/config.html
"""

from pathlib import Path
from typing import Final, TypeVar

import msgspec

from alive_core import LoadFailed, Target
from alive_core.dialects import Markup, markup_of
from providers_server.constants import CHAT_PROMPT_CHUNK_TOKENS, CHAT_STATE_COPIES, FLOAT32_BYTES

CONFIG_FILE: Final = "genai_config.json"
TOKENIZER_FILE: Final = "tokenizer.json"
TOKENIZER_CONFIG_FILE: Final = "tokenizer_config.json"
TEMPLATE_FILE: Final = "chat_template.jinja"

_CPU: Final = frozenset({"cpu", "xnnpack"})

Shape = TypeVar("Shape")


class SessionOptions(msgspec.Struct, frozen=True):
    """How the file wants to be run: the first provider is the one that it was made for."""

    provider_options: tuple[dict[str, object], ...] = ()


class DecoderConfig(msgspec.Struct, frozen=True):
    """The part of the model that writes."""

    filename: str
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int
    num_key_value_heads: int
    head_size: int | None = None
    session_options: SessionOptions = SessionOptions()


class ModelConfig(msgspec.Struct, frozen=True):
    """The part of `genai_config.json` that matters here."""

    type: str
    context_length: int
    vocab_size: int
    decoder: DecoderConfig
    eos_token_id: int | tuple[int, ...]
    vision: object = None
    speech: object = None
    encoder: object = None


class GenaiConfig(msgspec.Struct, frozen=True):
    """`genai_config.json`."""

    model: ModelConfig


class TokenizerConfig(msgspec.Struct, frozen=True):
    """The part of `tokenizer_config.json` that matters here. Some models bring several templates, as a list."""

    chat_template: str | list[object] | None = None


class ChatFacts(msgspec.Struct, frozen=True):
    """What a chat model is, before it is loaded."""

    folder: Path
    window: int
    """Tokens of prompt and answer together."""
    vocabulary: int
    ends: frozenset[int]
    """Tokens that end an answer."""
    template: str
    is_template_known: bool
    """Whether the engine has parsed this template when it loaded; any other is parsed again for each prompt."""
    weights_bytes: int
    token_bytes: int
    """Keys and values of one token."""
    scratch_bytes: int
    """Buffers for one step through a prompt."""

    @property
    def markup(self) -> Markup:
        """How the model writes its answers."""
        return markup_of(self.template)

    @property
    def has_tools(self) -> bool:
        """Whether the template tells the model of tools, in a form whose calls can be read."""
        return "tools" in self.template and self.markup.action[0] in self.template

    @property
    def has_documents(self) -> bool:
        """Whether the template has a place for documents, and the model a way to cite them."""
        return "documents" in self.template and self.markup.can_cite

    def memory_bytes(self, parallel: int) -> int:
        """Weights, the caches of `parallel` answers, and the buffers of one step; without the process itself."""
        return self.weights_bytes + parallel * self.window * self.token_bytes + self.scratch_bytes


def read_chat_facts(target: Target) -> ChatFacts:
    """Read the facts of the model in the target's folder. Raises LoadFailed, with what to do, where it is none."""
    if target.path is None:
        raise LoadFailed(f"Target {target.name!r} has no model folder. `task models:list` shows what is there.")
    folder = Path(target.path)
    config = _read(folder / CONFIG_FILE, GenaiConfig).model
    _check_kind(config, folder)
    for name in (config.decoder.filename, TOKENIZER_FILE):
        if not (folder / name).is_file():
            raise LoadFailed(f"{folder / name} is missing; fetch the model again.")
    template, is_template_known = _template(folder)
    return ChatFacts(
        folder=folder,
        window=min(target.context or config.context_length, config.context_length),
        vocabulary=config.vocab_size,
        ends=frozenset([config.eos_token_id] if isinstance(config.eos_token_id, int) else config.eos_token_id),
        template=template,
        is_template_known=is_template_known,
        weights_bytes=_weights_bytes(folder, config.decoder.filename),
        token_bytes=_token_bytes(config.decoder),
        scratch_bytes=_scratch_bytes(config),
    )


def _check_kind(config: ModelConfig, folder: Path) -> None:
    if config.vision is not None or config.speech is not None or config.encoder is not None:
        raise LoadFailed(f"{folder} holds a model of kind {config.type!r}; `onnx-chat` serves text models only.")
    made_for = [name for options in config.decoder.session_options.provider_options for name in options]
    foreign = next((name for name in made_for if name.lower() not in _CPU), None)
    if foreign is not None:
        raise LoadFailed(
            f"{folder} was made for {foreign!r}, and this service computes on the CPU only. Fetch or export the "
            "model's CPU variant."
        )


def _template(folder: Path) -> tuple[str, bool]:
    """The chat template, and whether it is the one that the engine takes, which looks into the other file first."""
    path = folder / TEMPLATE_FILE
    try:
        in_file = path.read_text(encoding="utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise LoadFailed(f"{path} cannot be read: {error}.") from error
    in_config = _read(folder / TOKENIZER_CONFIG_FILE, TokenizerConfig).chat_template
    if isinstance(in_config, list):
        raise LoadFailed(
            f"{folder / TOKENIZER_CONFIG_FILE} has several chat templates, and onnxruntime-genai reads one only. Put "
            "the template of the one named `default` in the place of the list."
        )
    template = in_config if in_file is None else in_file
    if template is None:
        raise LoadFailed(f"{folder} has no chat template: this model was not made for conversations.")
    return template, template == (in_file if in_config is None else in_config)


def _weights_bytes(folder: Path, filename: str) -> int:
    """The graph's file and the files of weights beside it, which begin with its name."""
    stem = Path(filename).stem
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file() and path.name.startswith(stem))


def _token_bytes(decoder: DecoderConfig) -> int:
    head = decoder.head_size or decoder.hidden_size // decoder.num_attention_heads
    return 2 * decoder.num_hidden_layers * decoder.num_key_value_heads * head * FLOAT32_BYTES


def _scratch_bytes(config: ModelConfig) -> int:
    """States and scores of the tokens that are read in one step."""
    row = CHAT_STATE_COPIES * config.decoder.hidden_size + config.vocab_size
    return CHAT_PROMPT_CHUNK_TOKENS * row * FLOAT32_BYTES


def _read(path: Path, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LoadFailed(f"{path} cannot be read: {error}. A folder for onnxruntime-genai is needed.") from error
