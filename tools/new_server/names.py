"""What a new server is called and where it listens: pure."""

import re
from collections.abc import Collection, Iterable

SUFFIX = "_server"
NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
NAME_MAX_CHARS = 30
PORT_LINE = re.compile(r"^\w*PORT: Final = (\d+)", re.MULTILINE)
HIGHEST_PORT = 65535


class Refused(Exception):
    """It cannot be made; the words are one sentence for the person who asked."""


def server_name(asked: str, taken: Collection[str]) -> str:
    """The name behind `up:`, without `_server`. Raises Refused where it is no name, or another server's."""
    name = asked.removesuffix(SUFFIX)
    if not NAME.fullmatch(name) or len(name) > NAME_MAX_CHARS:
        raise Refused(
            f"`{asked}` cannot be a server's name: take lower-case letters, digits and single underscores, beginning "
            f"with a letter, {NAME_MAX_CHARS} at most, for example: ./task new:server weather"
        )
    if name in taken:
        raise Refused(f"There is a server `{name}` already; take another name.")
    return name


def ports_in(texts: Iterable[str]) -> set[int]:
    """Every port that the texts of `constants.py` files give away."""
    return {int(port) for text in texts for port in PORT_LINE.findall(text)}


def free_port(first: int, taken: Collection[int]) -> int:
    """The lowest port from `first` on that nobody has. Raises Refused where all are taken."""
    for port in range(first, HIGHEST_PORT + 1):
        if port not in taken:
            return port
    raise Refused("Every port is taken.")


def with_project(text: str, name: str) -> str:
    """The root's `pyproject.toml` with the new server beside `providers_server`, wherever that stands.

    Raises Refused where one of the places is gone: then the new server would be half a member of the project.
    """
    package, distribution = f"{name}{SUFFIX}", distribution_of(name)
    group = f'{name.replace("_", "-")} = ["{distribution} @ file:///${{PROJECT_ROOT}}/services/{package}"]'
    places = [
        (r'^providers = \[".*"\]$', rf"\g<0>\n{group}"),
        (r'"services/providers_server/src"', rf'\g<0>, "services/{package}/src"'),
        (r'"providers_server"', rf'\g<0>, "{package}"'),
        (r"\| providers_server\b", rf"\g<0> | {package}"),
        (
            r'^    "providers_server\.\*\* -> alive_core\.constants",$',
            rf'\g<0>\n    "{package}.** -> alive_core.constants",',
        ),
    ]
    for place, more in places:
        text, count = re.subn(place, more, text, flags=re.MULTILINE)
        if not count:
            raise Refused(f"pyproject.toml has no line like {place}, beside which a server is added.")
    return text


def distribution_of(name: str) -> str:
    """What the wheel is called."""
    return f"{name}{SUFFIX}".replace("_", "-")


def with_tasks(text: str, name: str, port: int) -> str:
    """`services/Taskfile.yml` with the tasks of one more server."""
    head = text or HEAD
    return head + TASKS.replace("@NAME@", name).replace("@PORT@", str(port))


HEAD = """# The tasks of servers that `./task new:server` made; Taskfile.yml takes them in.
version: "3.44"

tasks:
"""
TASKS = """
  up:@NAME@:
    desc: "Serve: @NAME@ on 127.0.0.1:@PORT@, until Ctrl-C"
    deps: ["prepare:@NAME@"]
    dir: "{{.USER_WORKING_DIR}}"
    cmd: '"{{.ROOT_DIR}}/.venv/bin/python" -m @NAME@_server {{.CLI_ARGS}}'

  prepare:@NAME@:
    deps: ["install:packages"]
"""
