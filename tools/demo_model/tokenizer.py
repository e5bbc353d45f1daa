"""The tokenizer: byte-level BPE, pre-tokenised like Command-R (single digits, then GPT-2's words).

    python -m tools.demo_model.tokenizer [--vocabulary 4096] [--out build/demo_model/tokenizer.json]

llama.cpp calls this pre-tokeniser `command-r`; `eval.py` compares both on real text. No normaliser: llama.cpp
applies none, and the same text must give the same tokens in training and in serving.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from tools.demo_model.prompt import CONTROL_TOKENS, MARK_TOKENS, SPECIAL_TOKENS

BUILD_DIRECTORY = Path("build/demo_model")
TOKENIZER_PATH = BUILD_DIRECTORY / "tokenizer.json"
VOCABULARY_SIZE = 4096


def train_tokenizer(texts: Iterable[str], vocabulary_size: int = VOCABULARY_SIZE) -> Tokenizer:
    """Learn the merges from plain texts (no special tokens in them). Special tokens get the first numbers."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    for number, token in enumerate(CONTROL_TOKENS + MARK_TOKENS):
        if tokenizer.token_to_id(token) != number:
            raise ValueError(f"special token {token} got number {tokenizer.token_to_id(token)}, expected {number}")
    return tokenizer


def main() -> None:
    """Train on the generated training data and write `tokenizer.json`."""
    from tools.demo_model.data import plain_texts

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", type=int, default=VOCABULARY_SIZE)
    parser.add_argument("--out", type=Path, default=TOKENIZER_PATH)
    arguments = parser.parse_args()
    tokenizer = train_tokenizer(plain_texts(), arguments.vocabulary)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(arguments.out))
    print(f"{arguments.out}: {tokenizer.get_vocab_size()} tokens")


if __name__ == "__main__":
    main()
