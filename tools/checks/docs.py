"""Check that the documentation keeps its word: relative links resolve, and every task it names exists.

Run from the root, with `task --list-all --json` on standard input.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import msgspec

FENCE = re.compile(r"^\s*(```|~~~)")
INLINE_CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
COMMAND = re.compile(r"^(?:\$ |> )?(?:\./)?task\s+(?!-)([a-z][\w-]*(?::[\w-]+)*)(?=\s|$)")
FOREIGN = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)


class Task(msgspec.Struct, frozen=True):
    """One line of Task's listing."""

    name: str


class Listing(msgspec.Struct, frozen=True):
    """What `task --list-all --json` prints, as far as it is used here."""

    tasks: list[Task]


NEW_SERVER = re.compile(r"\bnew:server (\w+)")  # what the reader made there exists for the rest of the page


def split_code(text: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The numbered lines of prose and those of fenced code blocks."""
    prose: list[tuple[int, str]] = []
    code: list[tuple[int, str]] = []
    is_code = False
    for number, line in enumerate(text.splitlines(), start=1):
        if FENCE.match(line):
            is_code = not is_code
        else:
            (code if is_code else prose).append((number, line))
    return prose, code


def links(text: str) -> Iterator[tuple[int, str]]:
    """Line number and target of every Markdown link that points into the repository."""
    prose, _ = split_code(text)
    for number, line in prose:
        for target in LINK.findall(INLINE_CODE.sub("", line)):
            if not FOREIGN.match(target):
                yield number, target


def task_names(text: str) -> Iterator[tuple[int, str]]:
    """Line number and name of every task the text tells the reader to run, in code spans and code blocks."""
    prose, code = split_code(text)
    spans = [(number, span) for number, line in prose for span in INLINE_CODE.findall(line)]
    for number, line in sorted(spans + code):
        if found := COMMAND.match(line.strip()):
            yield number, found.group(1)


def anchors(text: str) -> set[str]:
    """The anchors that the hosting site makes of the headings: lower case, no punctuation, blanks to dashes."""
    found: set[str] = set()
    prose, _ = split_code(text)
    for _, line in prose:
        if heading := HEADING.match(line):
            base = re.sub(r"[^\w\- ]", "", heading.group(1).lower()).replace(" ", "-")
            again = sum(1 for anchor in found if re.fullmatch(re.escape(base) + r"(-\d+)?", anchor))
            found.add(f"{base}-{again}" if again else base)
    return found


def link_problem(page: Path, target: str, root: Path) -> str | None:
    """Why the link does not work, or None."""
    path, _, anchor = unquote(target).partition("#")
    start = root if path.startswith("/") else page.parent
    goal = (start / path.lstrip("/")) if path else page
    if not goal.exists():
        return f"the link to {target} leads nowhere"
    is_page = goal.suffix == ".md" and goal.is_file()
    if anchor and is_page and anchor not in anchors(goal.read_text(encoding="utf-8")):
        return f"{goal.name} has no heading for #{anchor}"
    return None


def problems(page: Path, root: Path, tasks: Iterable[str]) -> Iterator[str]:
    """Everything that is wrong on one page, a sentence each."""
    text = page.read_text(encoding="utf-8")
    known = {*tasks, *(f"up:{name}" for name in NEW_SERVER.findall(text))}
    where = page.relative_to(root)
    for number, target in links(text):
        if problem := link_problem(page, target, root):
            yield f"{where}:{number}: {problem}"
    for number, name in task_names(text):
        if name not in known:
            yield f"{where}:{number}: there is no task {name}"


def pages(root: Path) -> list[Path]:
    """Every Markdown page of the repository, without hidden folders and build outputs."""
    found = (path.relative_to(root) for path in root.rglob("*.md"))
    return [
        root / path
        for path in sorted(found)
        if not any(part.startswith(".") or part in {"dist", "node_modules"} for part in path.parts)
    ]


def main() -> int:
    """Print what is wrong; returns the exit status."""
    root = Path.cwd()
    tasks = [task.name for task in msgspec.json.decode(sys.stdin.buffer.read(), type=Listing).tasks]
    found = [problem for page in pages(root) for problem in problems(page, root, tasks)]
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
