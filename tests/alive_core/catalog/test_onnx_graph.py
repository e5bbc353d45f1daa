from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.catalog.onnx_graph import external_files
from alive_core.errors import LoadFailed
from support.onnx_files import external, field, graph, model, node


def found(path: Path, content: bytes) -> set[str]:
    path.write_bytes(content)
    return external_files("model.onnx", path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.onnx"


def test_a_graph_with_its_weights_inside_reads_no_other_file(path: Path) -> None:
    tensor = field(1, 3) + field(2, 1) + field(9, b"raw weights, long enough to be stepped over")
    assert found(path, model(graph(tensor))) == set()


def test_every_location_is_found_once(path: Path) -> None:
    whole = model(graph(external("model.onnx_data"), external("model.onnx_data"), external("deep/more.onnx_data")))
    assert found(path, whole) == {"model.onnx_data", "deep/more.onnx_data"}


@pytest.mark.parametrize(
    "content",
    [
        model(graph(nodes=[node(field(5, external("../x")))])),
        model(graph(nodes=[node(field(10, external("../x")))])),
        model(graph(nodes=[node(field(6, graph(external("../x"))))])),
        model(graph(nodes=[node(field(11, graph(external("../x"))))])),
        model(graph(nodes=[node(field(22, field(1, external("../x"))))])),
        model(graph(), field(25, field(7, node(field(5, external("../x")))))),
        model(graph(), field(25, field(11, field(5, external("../x"))))),
        model(graph(), field(20, field(1, graph(external("../x"))))),
        model(graph() + field(15, field(1, external("../x")))),
    ],
    ids=["attribute", "attributes", "subgraph", "subgraphs", "sparse", "function", "default", "training", "initial"],
)
def test_a_location_hides_nowhere(path: Path, content: bytes) -> None:
    assert found(path, content) == {"../x"}


def test_a_deep_nest_of_graphs_is_walked_to_its_end(path: Path) -> None:
    inner = graph(external("../x"))
    for _ in range(400):
        inner = graph(nodes=[node(field(6, inner))])
    assert found(path, model(inner)) == {"../x"}


@given(st.binary(min_size=1, max_size=200))
def test_anything_else_is_refused_or_reads_nothing(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    try:
        assert isinstance(found(path, content), set)
    except LoadFailed as refused:
        assert "model.onnx" in refused.message


@pytest.mark.parametrize("size", [0, 1, 30])
def test_a_file_that_is_cut_off_is_refused(path: Path, size: int) -> None:
    with pytest.raises(LoadFailed, match=r"empty|no whole ONNX file"):
        found(path, model(graph(external("model.onnx_data")))[:size])
