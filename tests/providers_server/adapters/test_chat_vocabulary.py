"""The bytes of tokens, put together, are the text: in both spellings that are in use."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from alive_core import InvalidRequest, LoadFailed
from providers_server.adapters.chat_vocabulary import Vocabulary
from support.random_chat_model import QWEN, SMALL, random_tokenizer

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="▁<>"), max_size=40)


@pytest.fixture(scope="module")
def byte_level(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    path = tmp_path_factory.mktemp("byte-level") / "tokenizer.json"
    random_tokenizer(SMALL, QWEN).save(str(path))
    return Vocabulary.load(path)


@pytest.fixture(scope="module")
def sentence_piece(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    """As Llama 2 and Phi-3 have it: `▁` for a space, bytes for what is unknown, a space in front of every text."""
    pieces = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *"abcdehinort", "▁t", "he", "▁the"]
    merges = [("▁", "t"), ("h", "e"), ("▁t", "he")]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens([AddedToken("<|end|>", normalized=False)])
    path = tmp_path_factory.mktemp("sentence-piece") / "tokenizer.json"
    tokenizer.save(str(path))
    return Vocabulary.load(path)


@settings(deadline=None)
@given(text=TEXT)
def test_tokens_of_bytes_come_back_as_the_text(byte_level: Vocabulary, text: str) -> None:
    assert byte_level.text(byte_level.tokens(text)) == text


@settings(deadline=None)
@given(text=TEXT.filter(lambda text: bool(text)))
def test_tokens_of_pieces_come_back_as_the_text(sentence_piece: Vocabulary, text: str) -> None:
    assert sentence_piece.text(sentence_piece.tokens(text)) == text


def test_special_tokens_are_known_by_their_spelling(byte_level: Vocabulary, sentence_piece: Vocabulary) -> None:
    assert byte_level.specials == ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>")
    assert byte_level.controls == {0, 1, 2}
    assert byte_level.token_of("<tool_call>") == 3
    assert byte_level.token_of("<other>") is None
    assert sentence_piece.bytes_of(sentence_piece.tokens("<|end|>")[-1]) == b"<|end|>"


def test_a_prompt_in_pieces_keeps_its_tokens(byte_level: Vocabulary) -> None:
    pieces = ["<|im_start|>a", 100, "<|im_end|>"]
    assert byte_level.prompt_tokens(pieces) == [1, *byte_level.tokens("a"), 100, 2]
    assert byte_level.prompt_tokens("<|im_end|>") == [2]


@pytest.mark.parametrize("token", [-1, 100_000])
def test_a_token_that_is_none_is_refused(byte_level: Vocabulary, token: int) -> None:
    with pytest.raises(InvalidRequest, match="does not exist"):
        byte_level.text([token])


def test_a_spelling_that_is_not_known_is_refused(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(LoadFailed, match="nothing, which is not known"):
        Vocabulary.load(tmp_path / "tokenizer.json")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(LoadFailed, match="damaged"):
        Vocabulary.load(tmp_path / "tokenizer.json")
