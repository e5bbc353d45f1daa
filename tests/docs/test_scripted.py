"""The page about the scripted server leaves nothing out."""

import re
from pathlib import Path

from alive_core.profiles.load import load_profiles
from alive_core.testing.script import DOING, ENDING, SAYING
from alive_core.testing.scripted_server.main import SERVICE

PAGE = (Path(__file__).parents[2] / "docs" / "scripted-server.md").read_text(encoding="utf-8")
FIRST_CELLS = set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))


def test_every_profile_has_its_line() -> None:
    profiles = load_profiles(SERVICE.profiles, SERVICE.adapters).profiles
    assert set(profiles) == {cell for cell in FIRST_CELLS if not cell.startswith("/")}


def test_every_direction_has_its_line() -> None:
    directions = {cell.removeprefix("/").partition(" ")[0] for cell in FIRST_CELLS if cell.startswith("/")}
    assert directions == (SAYING - {"say"}) | DOING | ENDING | {"choice", "/words"}
