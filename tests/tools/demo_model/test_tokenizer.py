"""The tokenizer: the same tokens with and without a space in front, and every text comes back."""

from __future__ import annotations

from itertools import islice

import pytest
from tokenizers import Tokenizer

from tools.demo_model.data import filled_in, plain_texts
from tools.demo_model.prompt import SPECIAL_TOKENS
from tools.demo_model.tokenizer import SPACE, train_tokenizer

TEXTS = 3_000
VOCABULARY = 1_200


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(islice(plain_texts(), TEXTS), VOCABULARY, never_spaced=filled_in())


def test_special_tokens_come_first(tokenizer: Tokenizer) -> None:
    assert [tokenizer.token_to_id(token) for token in SPECIAL_TOKENS] == list(range(len(SPECIAL_TOKENS)))


@pytest.mark.parametrize("name", ["Mirbel", "Tomlek", "Zubrin", "Ana"])
def test_a_name_is_cut_alike_in_a_sentence_and_in_json(name: str, tokenizer: Tokenizer) -> None:
    """Only its first piece may carry the space, where that piece is a common word of its own."""
    alone = tokenizer.encode(name).tokens
    for text in (f"Call {name} now", f'{{"name": "{name}"}}', f"({name})"):
        tokens = [token.removeprefix(SPACE) for token in tokenizer.encode(text).tokens]
        pieces = [token for token in tokens if token]
        assert any(pieces[place : place + len(alone)] == alone for place in range(len(pieces))), tokens


def test_no_word_that_fills_a_slot_has_a_token_with_its_space(tokenizer: Tokenizer) -> None:
    spaced = {token.removeprefix(SPACE).casefold() for token in tokenizer.get_vocab() if token.startswith(SPACE)}
    assert spaced
    assert spaced.isdisjoint({word.casefold() for word in filled_in()})


@pytest.mark.parametrize("text", ["Olá, você!  Dois  espaços\n\n    e 12,5 % <b>", "日本 \U0001f600", '{"a": ["b"]}'])
def test_every_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text
