"""The table of ports, from `alive_core.constants`."""

from alive_core import constants

HEADINGS = ("port", "who")
WHO = {
    "COMMAND_PORT": "`command_server`: the one address clients use",
    "COMMAND_INSTANCE_PORTS": "`command_server` as instance 1 to 4 (`--instance`), behind a balancer",
    "PROVIDERS_PORT": "`providers_server`",
    "THIRD_SERVER_PORT": "`examples/third_server`: any GGUF model on a GPU",
    "ECHO_PORT": "`examples/echo_server`: repeats what you say",
    "SCRIPTED_PORT": "the scripted server, for people who write clients (`./task up:scripted`)",
    "BALANCER_STATS_PORT": "kept free for a balancer's page of figures",
    "NEW_SERVER_FIRST_PORT": "the first of those kept free for servers of your own",
}
"""Each port constant and who listens there."""


def port_table() -> list[tuple[str, ...]]:
    """By number."""
    rows = [(_numbers(getattr(constants, name)), who) for name, who in WHO.items()]
    return [HEADINGS, *sorted(rows)]


def _numbers(value: int | tuple[int, ...]) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value[0]}–{value[-1]}"  # noqa: RUF001  (an en dash is what a range of numbers takes)
