"""The header reader takes any bytes and answers with a header or LoadFailed."""

import io
from pathlib import Path
from struct import pack

import gguf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.errors import LoadFailed
from command_server.adapters.gguf_header import GgufHeader, read_gguf_header
from support.random_model import SMALL


def string(text: str) -> bytes:
    data = text.encode()
    return pack("<Q", len(data)) + data


def entry(key: str, kind: int, value: bytes) -> bytes:
    return string(key) + pack("<I", kind) + value


def file_of(*entries: bytes, version: int = 3, tensors: bytes = b"", tensor_count: int = 0) -> bytes:
    return b"GGUF" + pack("<IQQ", version, tensor_count, len(entries)) + b"".join(entries) + tensors


def tensor(name: str, *, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    return string(name) + pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def read(data: bytes) -> GgufHeader:
    return read_gguf_header(io.BytesIO(data))


def failure(data: bytes) -> str:
    with pytest.raises(LoadFailed) as caught:
        read(data)
    return caught.value.message


def test_a_real_file_tells_its_metadata(small_model: Path) -> None:
    header = read(small_model.read_bytes())
    assert header.text("general.architecture") == "command-r"
    assert header.number("command-r.context_length") == SMALL.context
    assert header.length("tokenizer.ggml.tokens") == SMALL.vocabulary
    assert header.tensors == 2 + 8 * SMALL.blocks


def test_it_agrees_with_the_reference_reader_on_the_size_of_the_weights(small_model: Path) -> None:
    reference = gguf.GGUFReader(small_model)
    assert read(small_model.read_bytes()).data_bytes == small_model.stat().st_size - reference.data_offset


@pytest.mark.parametrize("kind", sorted(set(gguf.GGML_QUANT_SIZES) - {gguf.GGMLQuantizationType.Q8_1}))
def test_every_tensor_type_has_the_size_of_the_reference(kind: gguf.GGMLQuantizationType) -> None:
    block, size = gguf.GGML_QUANT_SIZES[kind]
    description = tensor("t", shape=(block,), kind=kind.value, offset=0)
    header = file_of(tensors=description, tensor_count=1)
    padded = header + bytes(-len(header) % 32)
    assert read(padded + bytes(size)).tensors == 1
    assert "cut off" in failure(padded + bytes(size - 1))


def test_every_scalar_type_is_read() -> None:
    entries = [
        entry("u8", 0, pack("<B", 255)),
        entry("i8", 1, pack("<b", -1)),
        entry("u16", 2, pack("<H", 65535)),
        entry("i16", 3, pack("<h", -2)),
        entry("u32", 4, pack("<I", 7)),
        entry("i32", 5, pack("<i", -7)),
        entry("f32", 6, pack("<f", 0.5)),
        entry("bool", 7, pack("<?", True)),
        entry("text", 8, string("é")),
        entry("u64", 10, pack("<Q", 2**63)),
        entry("i64", 11, pack("<q", -(2**40))),
        entry("f64", 12, pack("<d", 0.25)),
    ]
    assert dict(read(file_of(*entries)).metadata) == {
        "u8": 255,
        "i8": -1,
        "u16": 65535,
        "i16": -2,
        "u32": 7,
        "i32": -7,
        "f32": 0.5,
        "bool": True,
        "text": "é",
        "u64": 2**63,
        "i64": -(2**40),
        "f64": 0.25,
    }


def test_numbers_and_texts_are_not_taken_for_each_other() -> None:
    header = read(file_of(entry("text", 8, string("x")), entry("flag", 7, b"\1"), entry("zero", 4, pack("<I", 0))))
    assert header.number("text") is None
    assert header.number("flag") is None
    assert header.number("zero") is None
    assert header.text("flag") is None


def test_long_token_lists_are_stepped_over_across_pieces() -> None:
    words = [f"token-{number}" for number in range(200_000)]
    tokens = pack("<IQ", 8, len(words)) + b"".join(string(word) for word in words)
    header = read(file_of(entry("tokens", 9, tokens), entry("after", 8, string("found"))))
    assert header.length("tokens") == len(words)
    assert header.text("after") == "found"


def test_a_string_longer_than_a_piece_is_stepped_over() -> None:
    long = pack("<IQ", 8, 2) + string("x" * 3_000_000) + string("y")
    assert read(file_of(entry("list", 9, long), entry("after", 8, string("found")))).text("after") == "found"


def test_arrays_of_numbers_and_of_arrays_are_counted() -> None:
    numbers = pack("<IQ", 4, 3) + bytes(12)
    nested = pack("<IQ", 9, 2) + numbers + numbers
    header = read(file_of(entry("n", 9, numbers), entry("a", 9, nested)))
    assert (header.length("n"), header.length("a"), header.length("none")) == (3, 2, 0)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cut off"),
        (b"GGML" + bytes(40), "begins with b'GGML'"),
        (file_of(version=1), "version 1"),
        (b"GGUF" + pack(">IQQ", 3, 0, 0), "little-endian"),
        (b"GGUF" + pack("<IQQ", 3, 0, 2**60), "metadata entries"),
        (b"GGUF" + pack("<IQQ", 3, 2**60, 0), "tensors"),
        (file_of(pack("<Q", 2**62)), "string of"),
        (file_of(pack("<Q", 10) + b"short"), "cut off"),
        (file_of(pack("<Q", 2) + b"\xff\xfe" + bytes(8)), "not UTF-8"),
        (file_of(entry("k", 99, bytes(8))), "unknown type 99"),
        (file_of(entry("k", 9, pack("<IQ", 99, 1))), "unknown type 99"),
        (file_of(entry("k", 9, pack("<IQ", 8, 2**60))), "cut off"),
        (file_of(entry("k", 9, pack("<IQ", 4, 2**60))), "cut off"),
        (file_of(entry("k", 9, pack("<IQ", 9, 2**60))), "too wide"),
        (file_of(entry("k", 9, pack("<IQ", 9, 1) * 6)), "too deep"),
        (file_of(entry("k", 4, bytes(4)), entry("k", 4, bytes(4))), "twice"),
        (file_of(entry("general.alignment", 4, pack("<I", 0))), "alignment"),
        (file_of(entry("general.alignment", 8, string("8"))), "alignment"),
        (file_of(tensors=string("t") + pack("<I", 9), tensor_count=1), "9 dimensions"),
        (file_of(tensors=tensor("t", shape=(64,), kind=8, offset=0), tensor_count=1), "tensor 't'"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, words: str) -> None:
    assert words in failure(data)


def test_a_tensor_type_newer_than_the_table_is_only_held_to_its_offset() -> None:
    newer = tensor("t", shape=(64,), kind=4000, offset=0)
    assert read(file_of(tensors=newer, tensor_count=1) + bytes(32)).tensors == 1


def test_a_header_beyond_the_limit_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.gguf"
    with path.open("wb") as file:
        file.write(b"GGUF" + pack("<IQQ", 3, 0, 1) + string("k") + pack("<IIQ", 9, 0, 2**33))
        file.truncate(2**33 + 100)
    with path.open("rb") as file, pytest.raises(LoadFailed, match="longer than"):
        read_gguf_header(file)


def test_a_download_that_stopped_is_recognised_wherever_it_stopped(small_model: Path) -> None:
    data = small_model.read_bytes()
    for size in range(0, len(data), 997):
        assert "cut off" in failure(data[:size])
    assert "cut off" in failure(data[:-1])


@given(st.binary(max_size=400))
def test_any_bytes_give_a_header_or_load_failed(data: bytes) -> None:
    for candidate in (data, b"GGUF" + pack("<I", 3) + data):
        try:
            header = read(candidate)
        except LoadFailed:
            continue
        assert header.version in (2, 3)


@given(st.data())
def test_any_damage_to_a_real_header_gives_a_header_or_load_failed(small_model: Path, data: st.DataObject) -> None:
    damaged = bytearray(small_model.read_bytes()[:12_000])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(damaged))
    except LoadFailed as error:
        assert error.message
