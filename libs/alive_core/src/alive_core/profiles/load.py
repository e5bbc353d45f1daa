"""Reads `profiles.toml`: every mistake is one sentence with file, line and what would have been right."""

import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from alive_core.errors import ConfigurationError
from alive_core.profiles.profile import Profile, Target

Section = TypeVar("Section", Profile, Target)

# In msgspec's messages; the place that may follow is the table's, not the field's.
_UNKNOWN_FIELD: Final = re.compile(r"unknown field `(?P<name>.*?)`(?: - at |$)", re.DOTALL)
_UNKNOWN_VALUE: Final = re.compile(r"^Invalid enum value '(?P<value>.*)' - at ", re.DOTALL)


class ProfileBook(msgspec.Struct, frozen=True):
    """A whole `profiles.toml`, checked in itself: every name it uses exists."""

    file: str
    profiles: dict[str, Profile]
    targets: dict[str, Target]
    default: str
    """The profile that readiness is about; the first one, unless the file says `default = "name"`."""


def load_profiles(file: Path, adapters: Collection[str]) -> ProfileBook:
    """Read `file` and check it against the adapters that exist.

    Raises ConfigurationError where the file is missing, is not TOML, names something unknown or has a value out of
    its limits.
    """
    try:
        text = file.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigurationError(f"There is no profiles file at {file}.") from None
    except OSError as error:
        raise ConfigurationError(f"The profiles file {file} cannot be read: {error.strerror or error}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}.") from None
    return _Reading(file, text, raw, adapters).book()


class _Reading:
    """One reading of one file: the text for line numbers, the parsed tables for content."""

    def __init__(self, file: Path, text: str, raw: dict[str, object], adapters: Collection[str]) -> None:
        self.file, self.text, self.raw, self.adapters = file, text, raw, adapters

    def book(self) -> ProfileBook:
        for name in self.raw:
            self._check_name([name], name, {"default", "profiles", "targets"})
        targets = self._sections("targets", Target)
        profiles = self._sections("profiles", Profile)
        if not profiles:
            raise ConfigurationError(f"{self.file} has no [profiles.NAME] table, so there is nothing to serve.")
        for target in targets.values():
            self._check_target(target)
        targets = {name: self._placed(target) for name, target in targets.items()}
        for profile in profiles.values():
            self._check_profile(profile, targets)
        profiles = {name: bounded(profile) for name, profile in profiles.items()}
        default = str(self.raw.get("default", next(iter(profiles))))
        self._check_name(["default"], default, profiles)
        return ProfileBook(str(self.file), profiles, targets, default)

    def _sections(self, group: str, kind: type[Section]) -> dict[str, Section]:
        tables = self.raw.get(group, {})
        if not isinstance(tables, dict):
            raise self._error([group], f"`{group}` must be tables like [{group}.NAME]")
        return {name: self._section([group, name], table, kind) for name, table in tables.items()}

    def _section(self, path: list[str], table: object, kind: type[Section]) -> Section:
        if isinstance(table, dict) and "name" in table:
            raise self._error([*path, "name"], f"unknown name `name`; the name is in the header, [{'.'.join(path)}]")
        try:
            return msgspec.structs.replace(msgspec.convert(table, kind), name=path[-1])
        except msgspec.ValidationError as error:
            raise self._misfit(path, kind, str(error)) from None

    def _misfit(self, path: list[str], kind: type[msgspec.Struct], message: str) -> ConfigurationError:
        """What a table that is not a `kind` should have been; `message` is msgspec's."""
        where = _fields_of(message)
        if unknown := _UNKNOWN_FIELD.search(message):
            known = getattr(_type_at(kind, where), "__struct_fields__", ())
            return self._unknown([*path, *where, unknown["name"]], unknown["name"], set(known) - {"name"})
        if other := _UNKNOWN_VALUE.search(message):
            return self._unknown([*path, *where], other["value"], get_args(_type_at(kind, where)))
        field = f"`{'.'.join(where)}`: " if where else ""
        return self._error([*path, *where], field + message.partition(" - at ")[0])

    def _check_target(self, target: Target) -> None:
        self._check_name(["targets", target.name, "adapter"], target.adapter, self.adapters)
        if target.model is not None and target.path is not None:
            message = "`model` names a catalogue entry and `path` a file of your own: give one of them"
            raise self._error(["targets", target.name, "path"], message)

    def _placed(self, target: Target) -> Target:
        """The path of a model as it stands in the file is seen from the file's own folder."""
        if target.path is None:
            return target
        return msgspec.structs.replace(target, path=str(self.file.absolute().parent / Path(target.path).expanduser()))

    def _check_profile(self, profile: Profile, targets: Collection[str]) -> None:
        where = ["profiles", profile.name, "targets"]
        if not profile.targets:
            raise self._error(where, "it has no targets, so nothing can serve it")
        for name in profile.targets:
            self._check_name(where, name, targets)
        self._check_routing(profile)
        self._check_limits(profile)

    def _check_limits(self, profile: Profile) -> None:
        default, most = profile.defaults.max_tokens, profile.limits.max_tokens
        if default is not None and most is not None and default > most:
            message = f"the default of {default} tokens is over the limit of {most}"
            raise self._error(["profiles", profile.name, "defaults", "max_tokens"], message)

    def _check_routing(self, profile: Profile) -> None:
        where, routing = ["profiles", profile.name, "routing"], profile.routing
        if routing.strategy == "hedged" and len(profile.targets) == 1:
            raise self._error([*where, "strategy"], "the strategy `hedged` needs a second target")
        if routing.hedge_after_s is not None and routing.strategy != "hedged":
            message = f"`hedge_after_s` is for the strategy `hedged`, not for `{routing.strategy}`"
            raise self._error([*where, "hedge_after_s"], message)

    def _check_name(self, path: Sequence[str], name: str, known: Collection[str]) -> None:
        if name not in known:
            raise self._unknown(path, name, known)

    def _unknown(self, path: Sequence[str], name: str, known: Collection[str]) -> ConfigurationError:
        close = difflib.get_close_matches(name, known, n=1)
        meant = f", did you mean `{close[0]}`?" if close else "."
        return self._error(path, f"unknown name `{name}`{meant} Known: {', '.join(sorted(known)) or 'none'}")

    def _error(self, path: Sequence[str], message: str) -> ConfigurationError:
        table = f" [{'.'.join(path[:2])}]" if path[1:] else ""
        return ConfigurationError(f"{self.file}, line {line_of(self.text, path)}{table}: {message}.")


def bounded(profile: Profile) -> Profile:
    """The same, where a request that names no maximum of tokens gets the limit, unless there is a default."""
    if profile.defaults.max_tokens is not None or profile.limits.max_tokens is None:
        return profile
    defaults = msgspec.structs.replace(profile.defaults, max_tokens=profile.limits.max_tokens)
    return msgspec.structs.replace(profile, defaults=defaults)


def line_of(text: str, path: Sequence[str]) -> int:
    """The 1-based line on which the key `path` first stands, or the deepest part of it that is there; else 1.

    `text` is valid TOML; the key may be written in any of TOML's ways: header, dotted, quoted, inline table.
    """
    lines = _lines_of_keys(text)
    parts = [tuple(path[:depth]) for depth in range(len(path), 0, -1)]
    return next((lines[part] for part in parts if part in lines), 1)


def _lines_of_keys(text: str) -> dict[tuple[str, ...], int]:
    """Where each key first stands. TOML's parser tells no positions, so each statement is parsed alone."""
    found: dict[tuple[str, ...], int] = {}
    header: tuple[str, ...] = ()
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        end, statement = _statement(lines, start)
        is_header = lines[start].lstrip().startswith("[")
        paths = list(_paths_in(statement, () if is_header else header))
        for path in paths:
            found.setdefault(path, start + 1)
        header = paths[-1] if is_header else header
        start = end
    return found


def _statement(lines: list[str], start: int) -> tuple[int, dict[str, object]]:
    """The statement that begins on line `start`: as many lines as it takes; and where the next begins."""
    for end in range(start + 1, len(lines)):
        try:
            return end, tomllib.loads("\n".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue  # a text or a list goes on in the next line
    return len(lines), tomllib.loads("\n".join(lines[start:]))


def _paths_in(table: object, prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, value in table.items() if isinstance(table, dict) else ():
        yield (*prefix, key)
        yield from _paths_in(value, (*prefix, key))


def _type_at(kind: type[msgspec.Struct], where: Sequence[str]) -> object:
    """The type of a field of `kind`, however deep in tables it stands; where it is a list, that of its items."""
    found: type = kind
    for name in where:
        found = get_type_hints(found)[name]
    return get_args(found)[0] if get_origin(found) is tuple else found


def _fields_of(message: str) -> list[str]:
    """The path of the field that a msgspec message is about, from `` - at `$.promises.context` ``."""
    place = re.search(r" - at (?:`key` in )?`\$\.?([\w.]*)", message)
    return [part for part in place[1].split(".") if part] if place else []
