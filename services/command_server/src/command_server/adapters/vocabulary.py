"""One vocabulary per process.

llama.cpp keeps what it prepared for the last grammar and tells vocabularies apart by their address alone. A model
that is loaded to where another one was freed may get the other one's, and then its answers follow no grammar, with
no word about it. Source: `llama_sampler_llg_new_tokenizer` in
https://github.com/ggml-org/llama.cpp/blob/master/common/llguidance.cpp
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from alive_core import LoadFailed
from command_server.adapters.gguf_header import GgufHeader
from command_server.adapters.special_tokens import token_kinds


class OneVocabulary:
    """Remembers the first vocabulary that a model was to be loaded with, and refuses every other one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._first: tuple[Sequence[str], Sequence[int]] | None = None

    def claim(self, path: Path, header: GgufHeader, specials: Sequence[str], *, target: str) -> None:
        """Raise LoadFailed where another vocabulary was here before.

        Two are the same where equally many tokens are of the same kinds and the special ones are spelled alike.
        """
        claimed = specials, token_kinds(path, header)
        with self._lock:
            if self._first is None:
                self._first = claimed
        if claimed != self._first:
            raise LoadFailed(
                f"This process was given a model with another vocabulary than {path} has before, and the engine "
                f'would mix them up. Set engine = "child" on target {target!r}: a child serves one model.'
            )


VOCABULARY = OneVocabulary()
"""This process's."""
