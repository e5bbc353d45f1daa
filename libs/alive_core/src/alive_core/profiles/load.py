"""Reads `profiles.toml`: every mistake is one sentence with file, line and what would have been right."""

import difflib
import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

import msgspec

from alive_core.errors import ConfigurationError
from alive_core.profiles.profile import Profile, Target

Section = TypeVar("Section", Profile, Target)


class ProfileBook(msgspec.Struct, frozen=True):
    """A whole `profiles.toml`, checked in itself: every name it uses exists."""

    file: str
    profiles: dict[str, Profile]
    targets: dict[str, Target]
    default: str
    """The profile that readiness is about; the first one, unless the file says `default = "name"`."""


def load_profiles(file: Path, adapters: Collection[str]) -> ProfileBook:
    """Read `file` and check it against the adapters that exist.

    Raises ConfigurationError where the file is missing, is not TOML, or names something unknown.
    """
    try:
        text = file.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigurationError(f"There is no profiles file at {file}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}.") from None
    return _Reading(file, text, raw, adapters).book()


class _Reading:
    """One reading of one file: the text for line numbers, the parsed tables for content."""

    def __init__(self, file: Path, text: str, raw: dict[str, object], adapters: Collection[str]) -> None:
        self.file, self.lines, self.raw, self.adapters = file, text.splitlines(), raw, adapters

    def book(self) -> ProfileBook:
        self._check_name("", None, {"default", "profiles", "targets"}, self.raw)
        targets = self._sections("targets", Target)
        profiles = self._sections("profiles", Profile)
        for target in targets.values():
            self._check_name(f"targets.{target.name}", "adapter", self.adapters, [target.adapter])
            self._check_file(target)
        for profile in profiles.values():
            self._check_name(f"profiles.{profile.name}", "targets", targets, profile.targets)
            if not profile.targets:
                raise self._error(f"profiles.{profile.name}", "targets", "it has no targets, so nothing can serve it")
        if not profiles:
            raise ConfigurationError(f"{self.file} has no [profiles.NAME] table, so there is nothing to serve.")
        default = str(self.raw.get("default", next(iter(profiles))))
        self._check_name("", "default", profiles, [default])
        return ProfileBook(str(self.file), profiles, targets, default)

    def _sections(self, group: str, kind: type[Section]) -> dict[str, Section]:
        tables = self.raw.get(group, {})
        if not isinstance(tables, dict):
            raise self._error(group, None, f"`{group}` must be tables like [{group}.NAME]")
        return {name: self._section(group, name, table, kind) for name, table in tables.items()}

    def _section(self, group: str, name: str, table: object, kind: type[Section]) -> Section:
        where = f"{group}.{name}"
        try:
            return msgspec.structs.replace(msgspec.convert(table, kind), name=name)
        except msgspec.ValidationError as error:
            key = _key_of(str(error))
            known = ", ".join(sorted(kind.__struct_fields__))
            raise self._error(where, key, f"{error}; known fields are {known}") from None

    def _check_name(self, where: str, key: str | None, known: Collection[str], used: Collection[str]) -> None:
        for name in used:
            if name not in known:
                raise self._error(where, key or name, f"unknown name `{name}`{_suggestion(name, known)}")

    def _check_file(self, target: Target) -> None:
        if target.model is not None and target.path is not None:
            message = "`model` names a catalogue entry and `path` a file of your own: give one of them"
            raise self._error(f"targets.{target.name}", "path", message)

    def _error(self, where: str, key: str | None, message: str) -> ConfigurationError:
        line = line_of(self.lines, where, key)
        table = f" [{where}]" if where else ""
        return ConfigurationError(f"{self.file}, line {line}{table}: {message}.")


def line_of(lines: list[str], table: str, key: str | None) -> int:
    """The 1-based line of `key` in `[table]`; of the table's header where the key is not there; else 1."""
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]")
    start = next((number for number, line in enumerate(lines) if header.match(line)), None) if table else -1
    if start is None:
        return 1
    for number, line in enumerate(lines[start + 1 :], start + 1):
        if line.lstrip().startswith("["):
            if key and re.match(rf"\s*\[\s*{re.escape(key)}\b", line):
                return number + 1
            if table:
                break
        if key and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number + 1
    return max(start, 0) + 1


def _key_of(message: str) -> str | None:
    """The field that a msgspec message is about: from ``- at `$.promises.context` `` or ``field `foo` ``."""
    match = re.search(r"at `\$\.(\w+)", message) or re.search(r"field `(\w+)`", message)
    return match.group(1) if match else None


def _suggestion(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return (f", did you mean `{close[0]}`?" if close else "; ") + f" Known: {', '.join(sorted(known))}"
