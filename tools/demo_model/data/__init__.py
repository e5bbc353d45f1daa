"""Deterministic conversations in English and Brazilian Portuguese, one file per skill.

Every phrase was written for this project; nothing is downloaded. `conversations` yields training data,
`measured_cases` what was never trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tools.demo_model.data.attributes import ATTRIBUTES
from tools.demo_model.data.conversations import (
    COPYING,
    SHARES,
    SKILLS,
    conversation,
    conversations,
    families,
    measured_cases,
)
from tools.demo_model.data.sample import Answer, Constraint, Expectation, Language, Sample, Split, call_text
from tools.demo_model.data.toolbox import CHOICES, NOUNS
from tools.demo_model.data.words import FIRST_NAMES, WORDS
from tools.demo_model.prompt import render

__all__ = [
    "COPYING",
    "SHARES",
    "SKILLS",
    "Answer",
    "Constraint",
    "Expectation",
    "Language",
    "Sample",
    "Split",
    "call_text",
    "conversation",
    "conversations",
    "families",
    "filled_in",
    "measured_cases",
    "plain_texts",
]

LITTLE_WORDS = {"the", "de", "no", "one", "over", "up"}
"""Also listed as words to fill in, but too common to go without a token of their own."""
TOKENIZER_SEED = 7
TOKENIZER_CONVERSATIONS = 20_000


def plain_texts(count: int = TOKENIZER_CONVERSATIONS) -> Iterator[str]:
    """Texts of training conversations without special tokens: what the tokenizer learns from."""
    for sample in islice(conversations(TOKENIZER_SEED, Split.TRAIN), count):
        for message in sample.messages:
            yield message.get("content", "")
        if sample.tools or sample.documents:
            rendered = render(list(sample.messages), tools=list(sample.tools), documents=list(sample.documents))
            yield rendered.replace("<|", "\n<|").replace("|>", "|>\n")


def filled_in() -> set[str]:
    """Every listed word that fills a slot: names, things, choices, properties."""
    lists = [FIRST_NAMES, *WORDS.values(), *NOUNS.values(), *CHOICES.values(), *ATTRIBUTES.values()]
    return {part for entries in lists for entry in entries for part in entry.replace("_", " ").split()} - LITTLE_WORDS
