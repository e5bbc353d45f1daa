import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alive_core.catalog.part import Part

CONTENT = bytes(range(200))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf.part"


def begun(path: Path, spans: int = 1, size: int | None = len(CONTENT)) -> Part:
    part = Part(path)
    part.begin('"tag"', size, spans=spans)
    return part


def test_nothing_is_there_at_first(path: Path) -> None:
    part = Part(path)
    assert (part.is_begun, part.arrived, part.is_whole, part.head()) == (False, 0, False, b"")


def test_spans_cover_the_file_without_a_gap(path: Path) -> None:
    part = begun(path, spans=3)
    assert [(part.position(index), part.missing(index), part.last(index)) for index in range(3)] == [
        (0, 66, 65),
        (66, 67, 132),
        (133, 67, None),
    ]
    part.close()


def test_what_lies_past_a_span_is_left_out(path: Path) -> None:
    part = begun(path, spans=2)
    assert part.write(0, CONTENT) is False
    assert part.arrived == 100
    assert part.write(1, CONTENT[100:150]) is True
    assert part.write(1, CONTENT[150:]) is False
    assert part.is_whole
    assert part.digest(lambda done: None) == hashlib.sha256(CONTENT).hexdigest()
    part.close()


def test_another_process_goes_on_from_what_is_there(path: Path) -> None:
    first = begun(path, spans=2)
    first.write(1, CONTENT[100:140])
    first.write(0, CONTENT[:30])
    first.close()
    second = Part(path)
    assert (second.layout, second.arrived, second.unfinished()) == (first.layout, 70, [0, 1])
    assert (second.position(0), second.position(1)) == (30, 140)
    assert second.head() == CONTENT[:16]


def test_a_closed_part_takes_nothing(path: Path) -> None:
    part = begun(path)
    part.close()
    assert part.write(0, CONTENT) is False
    assert part.arrived == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda map_, data: map_.unlink(),
        lambda map_, data: map_.write_bytes(b"nonsense"),
        lambda map_, data: map_.write_bytes(map_.read_bytes()[:-1]),
        lambda map_, data: data.unlink(),
        lambda map_, data: os.truncate(data, 10),
    ],
    ids=["no map", "nonsense", "half a counter", "no data", "data cut off"],
)
def test_a_map_that_is_not_true_counts_as_none(path: Path, damage: object) -> None:
    part = begun(path, spans=2)
    part.write(0, CONTENT[:50])
    part.close()
    assert callable(damage)
    damage(path.with_name(f"{path.name}.map"), path)
    assert not Part(path).is_begun


def test_a_size_that_is_learnt_later_is_remembered(path: Path) -> None:
    part = begun(path, size=None)
    part.write(0, CONTENT)
    assert (part.missing(0), part.is_whole) == (None, False)
    part.settle_size(len(CONTENT))
    assert part.is_whole
    part.close()
    assert Part(path).is_whole


def test_completing_leaves_the_file_alone(path: Path, tmp_path: Path) -> None:
    part = begun(path)
    part.write(0, CONTENT)
    part.close()
    Part(path).complete(tmp_path / "model.gguf")
    assert [file.name for file in tmp_path.iterdir()] == ["model.gguf"]
    assert (tmp_path / "model.gguf").read_bytes() == CONTENT


def test_beginning_again_forgets_all(path: Path) -> None:
    part = begun(path, spans=2)
    part.write(1, CONTENT[100:])
    part.begin(None, 3)
    assert (part.arrived, part.unfinished()) == (0, [0])
    part.write(0, b"new")
    part.close()
    assert path.read_bytes() == b"new"


@settings(max_examples=50)
@given(st.integers(1, 6), st.lists(st.tuples(st.integers(0, 5), st.integers(1, 60)), max_size=40))
def test_whatever_the_order_of_the_spans_the_file_is_right(
    tmp_path_factory: pytest.TempPathFactory, spans: int, steps: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("part") / "file.part"
    part = begun(path, spans=spans)
    for index, length in [*((index % spans, length) for index, length in steps), *((i, 200) for i in range(spans))]:
        position = part.position(index)
        part.write(index, CONTENT[position : position + length])
        part.close()
        part = Part(path)  # every write is followed by a restart
        part.open()
    part.close()
    assert part.is_whole
    assert path.read_bytes() == CONTENT
