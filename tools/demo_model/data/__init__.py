"""Deterministic conversations in English and Brazilian Portuguese, one file per skill.

Every phrase was written for this project; nothing is downloaded. `conversations` yields training data,
`measured_cases` the held-out ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tools.demo_model.data.conversations import SKILLS, conversation, conversations, measured_cases
from tools.demo_model.data.sample import Constraint, Expectation, Language, Sample, Split
from tools.demo_model.prompt import render

__all__ = [
    "SKILLS",
    "Constraint",
    "Expectation",
    "Language",
    "Sample",
    "Split",
    "conversation",
    "conversations",
    "measured_cases",
    "plain_texts",
]

TOKENIZER_SEED = 7
TOKENIZER_CONVERSATIONS = 40_000


def plain_texts(count: int = TOKENIZER_CONVERSATIONS) -> Iterator[str]:
    """Texts of training conversations without special tokens: what the tokenizer learns from."""
    for sample in islice(conversations(TOKENIZER_SEED, Split.TRAIN), count):
        for message in sample.messages:
            yield message.get("content", "")
        if sample.tools:
            rendered = render(list(sample.messages), tools=list(sample.tools))
            yield rendered.replace("<|", "\n<|").replace("|>", "|>\n")
