"""Starts a service from the command line: `python -m command_server --port 11435`."""

import argparse
import logging
import os
import socket
import sys
import time
from collections.abc import MutableMapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from alive_core.access.keys import has_usable_key
from alive_core.assembly import assemble, assemble_roster
from alive_core.console.detach import BACKGROUND_FLAG, run_detached
from alive_core.constants import HIGHEST_PORT
from alive_core.errors import AliveError
from alive_core.http.app import create_app
from alive_core.observability.logs import set_up_logs
from alive_core.operations.gpu import hide_gpus, require_gpu
from alive_core.operations.processes import identity
from alive_core.operations.runfiles import RunFile, log_file, run_folder, written
from alive_core.routing.roster import Roster
from alive_core.server import address_of, open_socket, run_loop, serve, url_of
from alive_core.service import Service
from alive_core.settings import Settings, check_exposure, read_settings
from alive_core.utils.paths import state_dir

logger = logging.getLogger(__name__)

DETACH_FLAG = "--detach"


def run(service: Service, arguments: Sequence[str] | None = None) -> int:
    """Serve until asked to end. Returns the exit status: 0, or 1 after one sentence on stderr."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser(service).parse_args(words)
    try:
        if options.detach:
            return run_detached(service, [word for word in words if word != DETACH_FLAG])
        return run_loop(lambda: _serve(service, options))
    except AliveError as error:
        sys.stderr.write(f"{service.name}: {error}\n")
        return 1


async def _serve(service: Service, options: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    settings = msgspec.structs.replace(settings, host=options.host or settings.host)
    check_exposure(settings, has_stored_keys=has_usable_key(state_dir(os.environ), now=time.time()))
    settle_gpu(service, os.environ, is_off=options.cpu or settings.gpu == "off")
    roster = assemble_roster(service, options.profiles or service.profiles, state=state_dir(os.environ))
    with closing(open_socket(settings.host, _port(service, options))) as listener:
        log = log_file(state_dir(os.environ), service.name, address_of(listener)[1])
        set_up_logs(settings.log_level, None if options.in_background else sys.stderr, log)
        if sys.stderr.isatty():
            sys.stderr.write(introduction(service, roster))
        await _serve_on(listener, service, roster, settings, log)
    return 0


async def _serve_on(listener: socket.socket, service: Service, roster: Roster, settings: Settings, log: Path) -> None:
    """Everything that must be undone at the end is entered here."""
    host, port = address_of(listener)
    run = RunFile(
        service=service.name,
        version=service.version,
        host=host,
        port=port,
        pid=os.getpid(),
        identity=identity(os.getpid()) or "",
        started=time.time(),
        log=str(log),
        models=_models(roster),
    )

    async with assemble(service, roster, settings, state=state_dir(os.environ)) as context:
        with written(run_folder(state_dir(os.environ)), run):
            sys.stdout.write(f"ready {url_of(listener)}\n")
            sys.stdout.flush()
            logger.info("%s %s serves at %s", service.name, service.version, url_of(listener))
            await serve(create_app(context), listener, on_drain=context.drain)


def _models(roster: Roster) -> tuple[str, ...]:
    """The entries of the catalogue that it serves with, each once."""
    names = (route.target.model for offer in roster for route in offer.routes)
    return tuple(dict.fromkeys(name for name in names if name is not None))


def settle_gpu(service: Service, environment: MutableMapping[str, str], *, is_off: bool) -> None:
    """Hide the GPU where the service or the operator wants none; else make sure that one is there if it is needed.

    Engines inherit the environment, so this holds for all of them. Raises ConfigurationError.
    """
    if is_off or service.gpu == "never":
        hide_gpus(environment)
    elif service.gpu == "required":
        require_gpu(service.name, environment)


def introduction(service: Service, roster: Roster) -> str:
    """What a person sees at start: each functionality, and whether it can be served."""
    width = max(len(offer.profile.name) for offer in roster)
    lines = [f"ALIVE {service.name} {service.version}"]
    for offer in roster:
        if offer.is_demo:
            words = "ready, with the bundled demo model: tiny, made to try the server, not to be clever"
        elif offer.is_available:
            words = "ready"
        else:
            words = f"unavailable: {offer.obstacle.reason}. {offer.obstacle.remedy}"
        lines.append(f"  {offer.profile.name:<{width}}  {words}")
    return "\n".join(lines) + "\n"


def _port(service: Service, options: argparse.Namespace) -> int:
    if options.port is not None:
        return int(options.port)
    if options.instance is not None:
        return service.instance_ports[int(options.instance) - 1]
    return service.port


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=service.name, description=f"Serve {service.name} with the OpenAI API.")
    parser.add_argument("--version", action="version", version=f"{service.name} {service.version}")
    parser.add_argument("--host", help="address to serve on; another than 127.0.0.1 needs an API key")
    parser.add_argument("--port", type=_port_number, help=f"port (default {service.port}; 0 takes any free one)")
    if service.instance_ports:
        numbers = range(1, len(service.instance_ports) + 1)
        parser.add_argument("--instance", type=int, choices=numbers, help="number behind a balancer; sets the port")
    else:
        parser.set_defaults(instance=None)
    parser.add_argument(
        "--profiles", type=Path, metavar="FILE", help="what to serve instead of the built-in profiles"
    )
    parser.add_argument("--cpu", action="store_true", help="use no GPU, as ALIVE_GPU=off does")
    parser.add_argument(DETACH_FLAG, action="store_true", help="run in the background")
    parser.add_argument(BACKGROUND_FLAG, action="store_true", help=argparse.SUPPRESS)
    return parser


def _port_number(text: str) -> int:
    if not text.isdigit() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"`{text}` is not a port: give a number from 0 to {HIGHEST_PORT}")
    return int(text)
