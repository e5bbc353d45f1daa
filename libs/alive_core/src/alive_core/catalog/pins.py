"""What a model was when it was first fetched, so that it stays that: its exact revision and the hash of every file.

One small file per model, `pins/<name>.json` in the state directory. It outlives the model's files: whoever removes a
model and pulls it again gets the same one. A pin counts for the source it was taken from; where the catalogue moves
on to another source or revision, a new one is taken.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from alive_core.catalog.disk import settle_folder
from alive_core.catalog.entry import Entry, Source, source_key
from alive_core.errors import ConfigurationError

FOLDER = "pins"


class Pin(msgspec.Struct, frozen=True):
    """One model's pin. `source` is the key of the source, `revision` a commit or a version where there is one."""

    source: str
    revision: str | None
    pinned: str
    """When, in UTC, as ISO 8601."""
    sha256: dict[str, str]


class Pins:
    """The pins of one user, below the state directory `state`."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def find(self, entry: Entry, source: Source) -> Pin | None:
        """What `entry` was when it first came from `source`. Raises ConfigurationError where that is unreadable."""
        file = self._file(entry.name)
        try:
            pin = msgspec.json.decode(file.read_bytes(), type=Pin)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise ConfigurationError(
                f"The pin {file} cannot be read: {error}. Restore it from a backup, or give it up with "
                f"`task models:pull -- {entry.name} --repin`."
            ) from error
        return pin if pin.source == source_key(source) else None

    def keep(self, entry: Entry, source: Source, *, revision: str | None, sha256: Mapping[str, str]) -> None:
        """Pin what is not pinned yet; what is pinned stays."""
        held = self.find(entry, source)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        pin = Pin(
            source_key(source),
            held.revision if held and held.revision else revision,
            held.pinned if held else now,
            dict(sha256) | (held.sha256 if held else {}),
        )
        if pin == held:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._file(entry.name)
        draft = file.with_suffix(".new")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(pin), indent=2) + b"\n")
        draft.replace(file)
        settle_folder(self._folder)

    def forget(self, name: str) -> None:
        """Give the pin of the model called `name` up."""
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"
