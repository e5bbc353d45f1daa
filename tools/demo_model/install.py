"""Put the exported demo model and its twin into the services that bring them, and their figures where they are told.

    python -m tools.demo_model.install
    python -m tools.demo_model.install --gguf build/demo_model/demo-command.gguf

The first form takes both from where the exports write them; the second one only what it names. Sizes go into the
catalogues, sizes and checksums into the table of docs/demo-model.md.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from alive_core.catalog.entry import Bundled, load_catalogue
from tools.demo_model.tokenizer import BUILD_DIRECTORY
from tools.docs.bundled import files_of
from tools.docs.tables import main as write_tables

SERVICES = Path("services")


@dataclass(frozen=True)
class Bundle:
    """A model that a service brings along: an entry of its catalogue whose first source is bundled."""

    catalogue: Path
    name: str

    def homes(self) -> list[Path]:
        """Where its files lie in the repository."""
        source = load_catalogue(self.catalogue)[self.name].sources[0]
        if not isinstance(source, Bundled):
            raise ValueError(f"{self.name!r} is fetched, not bundled")
        return files_of(source, beside=self.catalogue)


COMMAND = Bundle(SERVICES / "command_server/src/command_server/catalogue.toml", "demo-command")
LLAMA = Bundle(SERVICES / "providers_server/src/providers_server/catalogue.toml", "demo-llama")
GGUF_PATH = BUILD_DIRECTORY / "demo-command.gguf"
FOLDER_PATH = BUILD_DIRECTORY / "demo-llama"


def moves(bundle: Bundle, made: Path) -> list[tuple[Path, Path]]:
    """Each file that was `made`, alone or in a folder, and its home. Raises FileNotFoundError where one lacks."""
    found = [(made / home.name if made.is_dir() else made, home) for home in bundle.homes()]
    missing = next((origin for origin, _ in found if not origin.is_file()), None)
    if missing is not None:
        raise FileNotFoundError(f"{missing} is missing; export it first")
    return found


def install(bundle: Bundle, made: Path) -> None:
    """Copy what was `made` to its home and note its size in the catalogue. Raises FileNotFoundError."""
    found = moves(bundle, made)
    for origin, home in found:
        home.parent.mkdir(parents=True, exist_ok=True)
        with suppress(shutil.SameFileError):
            shutil.copyfile(origin, home)
    text = bundle.catalogue.read_text(encoding="utf-8")
    size = sum(home.stat().st_size for _, home in found)
    bundle.catalogue.write_text(with_size(text, bundle.name, size), encoding="utf-8")


def with_size(catalogue: str, name: str, size: int) -> str:
    """The text of a catalogue with another `size_bytes` for one model. Raises ValueError where it has none."""
    table = re.compile(rf"(^\[models\.{re.escape(name)}\]\n(?:[^\[\n].*\n)*?size_bytes = )[\d_]+$", re.MULTILINE)
    changed, found = table.subn(rf"\g<1>{size:_}", catalogue)
    if found != 1:
        raise ValueError(f"the catalogue has no size of {name!r}")
    return changed


def main(arguments: list[str]) -> int:
    """Install what is named, or both, where nothing of it is missing; then write the tables anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, help=f"the model of command_server, such as {GGUF_PATH}")
    parser.add_argument("--folder", type=Path, help=f"the twin of providers_server, such as {FOLDER_PATH}")
    named = parser.parse_args(arguments)
    given = [(bundle, made) for bundle, made in ((COMMAND, named.gguf), (LLAMA, named.folder)) if made is not None]
    chosen = given or [(COMMAND, GGUF_PATH), (LLAMA, FOLDER_PATH)]
    try:
        for bundle, made in chosen:
            moves(bundle, made)
    except FileNotFoundError as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    for bundle, made in chosen:
        install(bundle, made)
        print(f"{bundle.name}: {made} is in its place")
    return write_tables(())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
