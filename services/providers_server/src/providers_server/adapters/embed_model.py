"""A sentence embedding model in ONNX Runtime on the CPU: text to token ids, token ids to unit vectors.

Model libraries are imported while a model loads, never by importing this module.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alive_core import InvalidRequest, LoadFailed
from providers_server.adapters.embed_files import MODEL_FILE, TOKENIZER_FILE, EmbedFacts
from providers_server.adapters.telemetry import switch_telemetry_off
from providers_server.adapters.threads import usable_cores
from providers_server.constants import EMBED_NORM_FLOOR, EMBED_THREADS_MAX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # ships no type information
    from tokenizers import Tokenizer

CPU_ONLY = ["CPUExecutionProvider"]  # a GPU is never touched, whatever onnxruntime was built with
KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})

TokenIds = Sequence[int]


class EmbedModel:
    """A loaded model. Both methods may run in any thread, `vectors` in one at a time."""

    def __init__(self, facts: EmbedFacts, tokenizer: "Tokenizer", session: "InferenceSession") -> None:
        self._facts = facts
        self._tokenizer = tokenizer
        self._session = session
        self._inputs = frozenset(one.name for one in session.get_inputs())
        self._output = session.get_outputs()[0].name
        self._before, self._after = _special_ids(tokenizer)

    @classmethod
    def load(cls, facts: EmbedFacts, *, threads: int | None = None) -> "EmbedModel":
        """Load weights and tokenizer; `threads` computes one batch. Takes 0.2 to 0.5 s for 90 MB.

        Raises LoadFailed where a file is corrupt or the model is not of the known shape.
        """
        model = cls(facts, _load_tokenizer(facts.folder / TOKENIZER_FILE), _load_session(facts, threads))
        model.check_shape()
        return model

    def check_shape(self) -> None:
        """Raise LoadFailed unless the model reads BERT's inputs and gives token vectors of the announced length."""
        if not {"input_ids", "attention_mask"} <= self._inputs <= KNOWN_INPUTS:
            raise LoadFailed(f"{self._facts.folder / MODEL_FILE} reads {sorted(self._inputs)}, not BERT's inputs.")
        shape = self._session.get_outputs()[0].shape
        if len(shape) != len(("batch", "tokens", "dimensions")) or shape[-1] not in (self._facts.dimensions, None):
            raise LoadFailed(
                f"{self._facts.folder / MODEL_FILE} gives {shape}, not vectors of {self._facts.dimensions} per token."
            )

    def encode(self, inputs: Sequence[str | TokenIds]) -> list[TokenIds]:
        """Token ids of each input, the special tokens included.

        Text goes through the model's tokenizer, uncut. Token ids are taken as they are: where the special tokens do
        not stand around them already, they are put there, so that a text and its ids give the same vector.
        Raises InvalidRequest where an input is empty or an id is outside the vocabulary.
        """
        texts = [one for one in inputs if isinstance(one, str)]
        encoded = iter(self._tokenizer.encode_batch_fast(texts) if texts else ())
        return [next(encoded).ids if isinstance(one, str) else self._wrap(one) for one in inputs]

    def vectors(self, batch: Sequence[TokenIds]) -> "NDArray[np.float32]":
        """Unit vectors of shape (inputs, dimensions): the mean of the token vectors, padding left out, length 1."""
        import numpy as np

        longest = max(len(ids) for ids in batch)
        input_ids = np.zeros((len(batch), longest), np.int64)
        mask = np.zeros((len(batch), longest), np.int64)
        for row, ids in enumerate(batch):
            input_ids[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        fed = {"input_ids": input_ids, "attention_mask": mask, "token_type_ids": np.zeros_like(mask)}
        tokens = self._session.run([self._output], {name: fed[name] for name in self._inputs})[0]
        weights = mask[:, :, None].astype(np.float32)
        mean = (tokens * weights).sum(axis=1) / weights.sum(axis=1)
        length = np.linalg.norm(mean, axis=1, keepdims=True)
        unit: NDArray[np.float32] = (mean / np.maximum(length, EMBED_NORM_FLOOR)).astype(np.float32)
        return unit

    def _wrap(self, ids: TokenIds) -> TokenIds:
        wrong = next((one for one in ids if not 0 <= one < self._facts.vocabulary), None)
        if wrong is not None:
            raise InvalidRequest(
                f"Token id {wrong} is unknown to this model; its ids are 0 to {self._facts.vocabulary - 1}.",
                param="input",
            )
        plain = list(ids)
        wrapped = plain[: len(self._before)] == self._before and plain[len(plain) - len(self._after) :] == self._after
        return plain if wrapped else [*self._before, *plain, *self._after]

    def tokens(self, text: str) -> list[int]:
        """The ids of a text's own tokens."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def text(self, tokens: Sequence[int]) -> str:
        """The text of tokens, special ones included. Raises InvalidRequest where one is none of the model's."""
        size = self._tokenizer.get_vocab_size()
        strange = next((token for token in tokens if token >= size), None)
        if strange is not None:
            raise InvalidRequest(f"The token {strange} does not exist; the largest is {size - 1}.", param="tokens")
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=False)
        return text


def _special_ids(tokenizer: "Tokenizer") -> tuple[list[int], list[int]]:
    """The ids that the tokenizer puts before and after every text, found by looking at one."""
    probe = "a"
    whole: list[int] = tokenizer.encode(probe).ids
    plain: list[int] = tokenizer.encode(probe, add_special_tokens=False).ids
    start = next(at for at in range(len(whole)) if whole[at : at + len(plain)] == plain)
    return whole[:start], whole[start + len(plain) :]


def _load_tokenizer(path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    with _failing_as(path):
        tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()  # the file says 128: an input is refused, never cut
    tokenizer.no_padding()
    return tokenizer


def _load_session(facts: EmbedFacts, threads: int | None) -> "InferenceSession":
    switch_telemetry_off()
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or min(usable_cores(), EMBED_THREADS_MAX)
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # it plans memory for one fixed shape; here every batch has another
    options.log_severity_level = 3  # errors only; they arrive as exceptions anyway
    path = facts.folder / MODEL_FILE
    with _failing_as(path):
        return onnxruntime.InferenceSession(str(path), options, providers=CPU_ONLY)


@contextmanager
def _failing_as(path: Path) -> Iterator[None]:
    """Name the file at fault: both libraries raise their own errors, the tokenizer's without a path."""
    try:
        yield
    except Exception as error:
        raise LoadFailed(
            f"{path} is damaged or not understood: {error}. Fetch it again with `task install`."
        ) from error
