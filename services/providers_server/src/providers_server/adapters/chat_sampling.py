"""How the tokens of an answer are chosen: what the engine does itself, and what is done to its logits. Pure."""

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from alive_core import InvalidRequest, Sampling, TokenLogprob, TopLogprob
from providers_server.adapters.chat_vocabulary import Vocabulary
from providers_server.constants import (
    CHAT_LOWEST_TOP_P,
    CHAT_SEED_STEP,
    CHAT_SEEDS,
    CHAT_TOP_K,
    DEFAULT_TEMPERATURE,
    DEFAULT_TOP_P,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Option = bool | int | float
BANNED: Final = -1e9  # far below any logit; minus infinity could leave nothing to choose from


class LogitRules(msgspec.Struct, frozen=True):
    """What is added to logits before a token is chosen."""

    bias: dict[int, float] = {}
    frequency: float = 0.0
    presence: float = 0.0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is ever added."""
        return not (self.bias or self.frequency or self.presence)

    def apply(self, logits: "NDArray[np.float32]", chosen: Counter[int]) -> None:
        """Add to `logits`, one for each token; `chosen` counts the answer's tokens so far."""
        for token, bias in self.bias.items():
            logits[token] += bias
        for token, times in chosen.items():
            logits[token] -= self.frequency * times + self.presence


def search_options(sampling: Sampling, *, choice: int, length: int, vocabulary: int) -> dict[str, Option]:
    """The engine's options for choice number `choice`, whose prompt and answer have at most `length` tokens.

    Temperature and top_p decide alone, as the API documents them; what the model's folder recommends is off.
    """
    temperature = DEFAULT_TEMPERATURE if sampling.temperature is None else sampling.temperature
    options: dict[str, Option] = {
        "max_length": length,
        "num_beams": 1,
        "repetition_penalty": 1.0,
        "do_sample": temperature > 0.0,
    }
    if temperature > 0.0:
        top_p = DEFAULT_TOP_P if sampling.top_p is None else sampling.top_p
        options |= {
            "temperature": temperature,
            "top_p": max(top_p, CHAT_LOWEST_TOP_P),
            "top_k": min(CHAT_TOP_K, vocabulary),
        }
    if sampling.seed is not None:
        options["random_seed"] = (sampling.seed + choice * CHAT_SEED_STEP) % CHAT_SEEDS
    return options


def logit_rules(sampling: Sampling, *, vocabulary: int, banned: int | None) -> LogitRules:
    """What the request asks for; `banned` is a token that must not come. Raises InvalidRequest."""
    strange = next((token for token in sampling.logit_bias if not 0 <= token < vocabulary), None)
    if strange is not None:
        raise InvalidRequest(
            f"The token {strange} does not exist; the largest is {vocabulary - 1}.", param="logit_bias"
        )
    bias = dict(sampling.logit_bias) if banned is None else {**sampling.logit_bias, banned: BANNED}
    return LogitRules(bias, sampling.frequency_penalty or 0.0, sampling.presence_penalty or 0.0)


def token_logprob(logits: "NDArray[np.float32]", token: int, *, top: int, vocabulary: Vocabulary) -> TokenLogprob:
    """How likely the model itself found `token`, and its `top` favourites, before temperature and penalties."""
    import numpy as np

    high = float(logits.max())
    total = high + float(np.log(np.exp(logits - high).sum()))
    best = np.argpartition(logits, -top)[-top:] if top else np.empty(0, np.int64)
    favourites = sorted((int(number) for number in best), key=lambda number: (-float(logits[number]), number))
    return TokenLogprob(
        _shown(token, vocabulary),
        float(logits[token]) - total,
        tuple(vocabulary.bytes_of(token)),
        tuple(
            TopLogprob(_shown(number, vocabulary), float(logits[number]) - total, tuple(vocabulary.bytes_of(number)))
            for number in favourites
        ),
    )


def _shown(token: int, vocabulary: Vocabulary) -> str:
    return vocabulary.bytes_of(token).decode("utf-8", "replace")
