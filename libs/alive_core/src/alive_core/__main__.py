"""`python -m alive_core`: what an operator asks about servers and models. `task` is its public face."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from alive_core.constants import LIMIT_MAX
from alive_core.errors import AliveError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 1 after one sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except AliveError as error:
        sys.stderr.write(f"{error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
    return 1


def _run(options: argparse.Namespace) -> int:
    """Each command is imported when it is asked for, so that all of them start fast."""
    from alive_core.utils.paths import state_dir

    state = state_dir(os.environ)
    match options.command:
        case "ps":
            from alive_core.console.ps import show_servers

            return show_servers(state, as_json=options.json)
        case "down":
            from alive_core.console.down import stop_servers

            return stop_servers(state, options.service)
        case "logs":
            from alive_core.console.logs import show_logs

            return show_logs(state, options.service, follow=options.follow)
        case "store":
            from alive_core.console.store import clear_store

            return clear_store(state)
        case "keys":
            return _keys(state, options)
        case "backup":
            from alive_core.console.backup import make_backup

            return make_backup(state, options.to)
        case "restore":
            from alive_core.console.restore import restore_backup

            return restore_backup(state, options.file)
        case _:
            from alive_core.console import models

            return models.list_all() if options.action == "list" else models.pull(options.name, is_agreed=options.yes)


def _keys(state: Path, options: argparse.Namespace) -> int:
    from alive_core.access.limits import Limits
    from alive_core.console.keys import add_key, list_keys, revoke_key

    match options.action:
        case "add":
            given = Limits(**{name: getattr(options, name) for name in Limits.__struct_fields__})
            limits = None if given == Limits() else given
            return add_key(state, options.name, options.role, expires=options.expires, limits=limits)
        case "list":
            return list_keys(state)
        case _:
            return revoke_key(state, options.key)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="alive_core", description="Servers and models on this machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    ps = commands.add_parser("ps", help="which servers run")
    ps.add_argument("--json", action="store_true", help="for programs")
    down = commands.add_parser("down", help="end servers and wait until answers in flight are finished")
    down.add_argument("service", nargs="*", help="command_server or providers_server; none means all")
    logs = commands.add_parser("logs", help="what the servers have logged")
    logs.add_argument("service", nargs="*", help="command_server or providers_server; none means all")
    logs.add_argument("--follow", "-f", action="store_true", help="go on until Ctrl-C")
    store = commands.add_parser("store", help="stored responses and conversations")
    store.add_subparsers(dest="action", required=True, metavar="ACTION").add_parser(
        "clear", help="forget all of them"
    )
    _add_keys(commands.add_parser("keys", help="API keys"))
    backup = commands.add_parser("backup", help="copy what the servers must not forget into one file")
    backup.add_argument("to", nargs="?", type=Path, help="the file, or the folder for it; none means here")
    restore = commands.add_parser("restore", help="put a backup in place of the state there is")
    restore.add_argument("file", type=Path, help="what `backup` wrote")
    models = commands.add_parser("models", help="model files")
    actions = models.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="the catalogue, and what is on this machine")
    pull = actions.add_parser("pull", help="fetch one")
    pull.add_argument("name", help="a name of `models list`")
    pull.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _add_keys(keys: argparse.ArgumentParser) -> None:
    actions = keys.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make one and show it, this once")
    add.add_argument("name", help="whose it is, for the list")
    add.add_argument("--role", choices=("user", "admin"), default="user", help="what it opens (default: user)")
    add.add_argument("--expires", metavar="WHEN", help="a span such as 90d, or a day such as 2027-01-31")
    for flag in ("--requests-per-minute", "--requests-per-day", "--tokens-per-minute", "--tokens-per-day"):
        add.add_argument(flag, type=_amount, metavar="N", help="at most so many (default: any)")
    actions.add_parser("list", help="all of them, without the keys themselves")
    revoke = actions.add_parser("revoke", help="take one back, at once")
    revoke.add_argument("key", help="its id or its name, as in the list")


def _amount(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= LIMIT_MAX:
        raise argparse.ArgumentTypeError(f"`{text}` is not a limit: give a whole number from 1 to {LIMIT_MAX}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
