"""The tokenizer: byte-level BPE, pre-tokenised like Command-R (single digits, then GPT-2's words).

Made for copying: a space is a token of its own in front of everything but the commonest words, so that a name has the
same tokens in a sentence and in JSON. Plain BPE gives ` Ana` and `"Ana` different ones, and a small model then has to
learn for every piece how it looks without a space.

llama.cpp calls this pre-tokeniser `command-r`; `eval.py` compares both on real text. No normaliser: llama.cpp
applies none, and the same text must give the same tokens in training and in serving.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from tools.demo_model.prompt import SPECIAL_TOKENS

BUILD_DIRECTORY = Path("build/demo_model")
TOKENIZER_PATH = BUILD_DIRECTORY / "tokenizer.json"
VOCABULARY_SIZE = 3072
SPACED_WORDS = 400
"""How many common words get a token that has the space in front."""
SPACE = "\u0120"
"""How byte-level BPE writes a space."""


def _words() -> pre_tokenizers.PreTokenizer:
    """Command-R's pre-tokeniser, as llama.cpp has it."""
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )


def _words_without_space() -> pre_tokenizers.PreTokenizer:
    """The same, with a single space cut off in front of every word: merges never cross it."""
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(r" (?=\S)"), behavior="isolated"), _words()])


def train_tokenizer(
    texts: Iterable[str], vocabulary_size: int = VOCABULARY_SIZE, *, never_spaced: Collection[str] = ()
) -> Tokenizer:
    """Learn the merges from plain texts (no special tokens in them). Special tokens get the first numbers.

    `never_spaced`: words that people fill in, which must not get a token with a space.
    """
    corpus = list(texts)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _words_without_space()
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size - SPACED_WORDS,
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    for number, token in enumerate(SPECIAL_TOKENS):
        if tokenizer.token_to_id(token) != number:
            raise ValueError(f"special token {token} got number {tokenizer.token_to_id(token)}, expected {number}")
    return _with_spaced_words(tokenizer, corpus, never_spaced=never_spaced)


def _with_spaced_words(tokenizer: Tokenizer, corpus: list[str], *, never_spaced: Collection[str]) -> Tokenizer:
    """Add tokens for the commonest words with a space in front, as the last merges."""
    state = json.loads(tokenizer.to_str())
    vocabulary, merges = state["model"]["vocab"], state["model"]["merges"]
    forbidden = {word.casefold() for word in never_spaced}
    counted: Counter[str] = Counter()
    cut = _words()
    for text in corpus:
        counted.update(piece for piece, _ in cut.pre_tokenize_str(text) if piece.startswith(SPACE))
    decode = decoders.ByteLevel()
    common = (piece.removeprefix(SPACE) for piece, _ in counted.most_common())
    usable = (word for word in common if word in vocabulary and decode.decode([word]).casefold() not in forbidden)
    for word, _ in zip(usable, range(SPACED_WORDS), strict=False):
        merges.append([SPACE, word])
        vocabulary[SPACE + word] = len(vocabulary)
    finished: Tokenizer = Tokenizer.from_str(json.dumps(state))
    finished.pre_tokenizer = _words()
    return finished


def tokenizer_from(tokens: list[str], merges: list[str]) -> Tokenizer:
    """The tokenizer that a GGUF file carries: tokens in the order of their numbers, merges as `left right`."""
    pairs = [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)]
    model = models.BPE(vocab={token: number for number, token in enumerate(tokens)}, merges=pairs)
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = _words()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS])
    return tokenizer


def write_tokenizer(path: Path) -> Tokenizer:
    """Train on the generated training data and write `tokenizer.json`."""
    from tools.demo_model.data import filled_in, plain_texts

    tokenizer = train_tokenizer(plain_texts(), never_spaced=filled_in())
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return tokenizer
