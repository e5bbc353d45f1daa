"""Show what changed in the public names of the core since the last tag, and whether the version says so.

Public are `alive_core.__all__`, `alive_core.testing.__all__` and the constants. griffe reads both versions from their
sources without importing them. The rule that the version has to follow stands in
`docs/decisions/0010-public-names-and-versions.md`. Run from the root.
"""

import difflib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import griffe
import msgspec

PACKAGE = "alive_core"
SOURCES = "libs/alive_core/src"
FACES = (PACKAGE, f"{PACKAGE}.testing", f"{PACKAGE}.constants")
PROJECT = Path("libs/alive_core/pyproject.toml")
TAG_PATTERN = "v[0-9]*"

Shape = Mapping[str, list[str]]
"""Each public name, and the lines that describe what it takes and has."""


class Changes(msgspec.Struct, frozen=True):
    """What a user of the library would notice, a line each."""

    added: list[str]
    removed: list[str]
    changed: list[str]
    breaking: list[str]

    @property
    def are_breaking(self) -> bool:
        """Whether a program that was right before may be wrong now."""
        return bool(self.removed or self.breaking)


def main() -> int:
    """Print the changes; returns 1 where something breaks that the version does not announce."""
    tag = last_tag()
    new = load_tree()
    if tag is None:
        print(f"No version is tagged yet, so all {len(shape_of(new))} public names are new.")
        return 0
    changes = compare(load_tree(tag), new)
    print("\n".join(report(changes, tag)))
    before, now = tag.removeprefix("v"), own_version()
    if changes.are_breaking and not may_break(before, now):
        print(
            f"This breaks programs that were written for {before}; {now} must not. Take it back, or {remedy(before)}."
        )
        return 1
    return 0


def report(changes: Changes, tag: str) -> Iterator[str]:
    """The changes as a person reads them."""
    parts = {
        "New": changes.added,
        "Gone": changes.removed,
        "Changed": changes.changed,
        "Breaking": changes.breaking,
    }
    if not any(parts.values()):
        yield f"No public name changed since {tag}."
    for title, lines in parts.items():
        if lines:
            yield from (f"{title} since {tag}:", *(f"  {line}" for line in lines))


def may_break(before: str, now: str) -> bool:
    """Whether version `now` announces breaking changes since `before`: a new major, or a new minor below 1.0."""
    old, new = numbers(before), numbers(now)
    return new[:2] > old[:2] if old[0] == 0 else new[0] > old[0]


def remedy(before: str) -> str:
    """The version that may break."""
    major, minor, *_ = numbers(before)
    return f"make it {major}.{minor + 1}.0" if major == 0 else f"make it {major + 1}.0.0"


def numbers(version: str) -> tuple[int, ...]:
    """`1.2.3` as numbers."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def compare(old: griffe.Object | griffe.Alias, new: griffe.Object | griffe.Alias) -> Changes:
    """What differs between the public names of two versions."""
    before, after = shape_of(old), shape_of(new)
    both = [name for name in before if name in after]
    changed = [
        f"{name}: {line}"
        for name in both
        for line in difflib.unified_diff(before[name], after[name], lineterm="", n=0)
        if line[:2] not in {"--", "++", "@@"}
    ]
    breaking = [
        f"{name}: {one.kind.value}: {one.obj.path.rpartition('.')[2]}"
        for name in both
        for one in breakages(target_of(old, name), target_of(new, name))
    ]
    return Changes(
        added=[name for name in after if name not in before],
        removed=[name for name in before if name not in after],
        changed=changed,
        breaking=breaking,
    )


def breakages(old: griffe.Object, new: griffe.Object) -> Iterator[griffe.Breakage]:
    """What griffe finds in `old` and below it; it looks at the members of a module, so the module is asked."""
    assert old.parent is not None
    assert new.parent is not None
    for one in griffe.find_breaking_changes(old.parent, new.parent):
        is_inside = f"{one.obj.path}.".startswith(f"{old.path}.")
        if is_inside and one.kind is not griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE:
            yield one


def shape_of(tree: griffe.Object | griffe.Alias) -> Shape:
    """The public names of one version."""
    return {name: lines_of(target_of(tree, name)) for name in public_names(tree)}


def public_names(tree: griffe.Object | griffe.Alias) -> Iterator[str]:
    """Dotted from the package on: `Service`, `testing.client`, `constants.ECHO_PORT`."""
    for face in FACES:
        inside = face.removeprefix(PACKAGE).removeprefix(".")
        module = tree[inside] if inside else tree
        names = module.exports or [name for name in module.members if name.isupper() and name[0] != "_"]
        yield from (f"{inside}.{name}" if inside else str(name) for name in sorted(map(str, names)))


def target_of(tree: griffe.Object | griffe.Alias, name: str) -> griffe.Object:
    """What a public name leads to, through every import."""
    found = tree[name]
    return found.final_target if isinstance(found, griffe.Alias) else found


def lines_of(thing: griffe.Object) -> list[str]:
    """A function's or an attribute's line; for a class, those of its public members."""
    if isinstance(thing, griffe.Class):
        members = (member for name, member in sorted(thing.members.items()) if not name.startswith("_"))
        return [line for member in members for line in lines_of(target_of(thing, member.name))]
    if isinstance(thing, griffe.Function):
        return [thing.signature()]
    if isinstance(thing, griffe.Attribute):
        type_of = f": {thing.annotation}" if thing.annotation else ""
        value = f" = {thing.value}" if thing.value is not None else ""
        return [f"{thing.name}{type_of}{value}"]
    return []


def load_tree(ref: str | None = None) -> griffe.Object | griffe.Alias:
    """The package as it stands here, or as it was at `ref`."""
    if ref is None:
        return griffe.load(PACKAGE, search_paths=[SOURCES])
    return griffe.load_git(PACKAGE, ref=ref, search_paths=[SOURCES])


def last_tag() -> str | None:
    """The newest version that was tagged; `None` where none was."""
    command = ["git", "describe", "--tags", "--abbrev=0", "--match", TAG_PATTERN]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def own_version() -> str:
    """The version that the project file has now."""
    found = re.search(r'^version = "(.+)"$', PROJECT.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None, f"{PROJECT} names no version"
    return found[1]


if __name__ == "__main__":
    sys.exit(main())
