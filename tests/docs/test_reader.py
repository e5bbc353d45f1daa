"""The reader of the pages notices when a page is wrong."""

from pathlib import Path

import pytest

from support.pages import PageFailed, Reader


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    folder = tmp_path / "reader"
    folder.mkdir()
    return Reader(folder, {"127.0.0.1:11435": "127.0.0.1:9"})


def read(reader: Reader, text: str) -> int:
    page = reader.folder.parent / "page.md"
    page.write_text(text)
    return reader.read(page)


def test_names_of_one_block_are_known_in_the_next(reader: Reader) -> None:
    assert read(reader, "```python\nnumber = 4\n```\n```python\nassert number == 4\n```\n") == 2


def test_addresses_are_those_of_the_tests_own_servers(reader: Reader) -> None:
    page = (
        "```bash\necho http://127.0.0.1:11435/v1\n```\n<!-- prints exactly -->\n```text\nhttp://127.0.0.1:9/v1\n```\n"
    )
    assert read(reader, page) == 1


@pytest.mark.parametrize(
    "page",
    [
        "```python\n1 / 0\n```\n",
        "```python\nraise SystemExit(0)\n```\n",
        "```bash\nfalse\n```\n",
        "```bash\nfalse | true\n```\n",
        "```bash\n./task unheard-of\n```\n",
        "```bash\necho '{\"error\":{}}'\n```\n",
        "<!-- answers with an error -->\n```bash\necho fine\n```\n",
        "```python\nprint('one')\n```\n<!-- prints exactly -->\n```text\ntwo\n```\n",
        '```bash\necho \'{"a": 1}\'\n```\n<!-- prints the same shape -->\n```json\n{"a": "1"}\n```\n',
        "```bash\ntrue\n```\n<!-- prints roughly -->\n```text\n```\n",
    ],
)
def test_a_page_that_is_wrong_fails(reader: Reader, page: str) -> None:
    with pytest.raises(PageFailed, match=r"page\.md:"):
        read(reader, page)
