"""Servers and their models as tables: pure, from what the servers said."""

from collections.abc import Sequence

from alive_core.console.servers import Seen
from alive_core.constants import BAR_CELLS
from alive_core.schemas.status import ModelStatus, ServerStatus
from alive_core.utils.addresses import http_url
from alive_core.utils.durations import format_duration
from alive_core.utils.sizes import format_bytes
from alive_core.utils.tables import format_bar, format_table

SERVER_HEADINGS = ("SERVICE", "VERSION", "ADDRESS", "PID", "UP", "MEMORY")
MODEL_HEADINGS = ("MODEL", "SERVES", "STATE", "MEMORY", "USE", "STAYS")
NO_SERVER = "No server runs. Start one with `task up:command` or `task up:providers`.\n"


def describe(servers: Sequence[Seen], now: float) -> str:
    """All servers, and below them each one's models. `now` is in Unix seconds."""
    if not servers:
        return NO_SERVER
    parts = [format_table([SERVER_HEADINGS, *(server_row(seen, now) for seen in servers)])]
    for seen in servers:
        if seen.status is not None:
            rows = [MODEL_HEADINGS, *map(model_row, seen.status.models)]
            parts.append(f"{seen.run.name}:\n{_indented(format_table(rows))}")
        else:
            parts.append(f"{seen.problem}\n")
    return "\n".join(parts)


def server_row(seen: Seen, now: float) -> tuple[str, ...]:
    """One line of the first table."""
    run = seen.run
    up = format_duration(max(now - run.started, 0.0))
    memory = "?" if seen.status is None else memory_words(seen.status)
    return run.service, run.version, http_url(run.host, run.port), str(run.pid), up, memory


def memory_words(status: ServerStatus) -> str:
    """`6.5 GiB of 12 GiB`, and what other servers have of it."""
    memory = status.memory
    words = f"{format_bytes(memory.used_bytes)} of {format_bytes(memory.budget_bytes)}"
    others = f", others {format_bytes(memory.others_bytes)}" if memory.others_bytes else ""
    return f"{words}{others}{', ending' if status.draining else ''}"


def model_row(model: ModelStatus) -> tuple[str, ...]:
    """One line of a server's models. Memory of one that is not loaded is what it would take, in brackets."""
    size = "" if model.bytes is None else format_bytes(model.bytes)
    is_held = model.state in ("ready", "loading", "closing")
    return (
        model.target,
        ", ".join(model.profiles),
        state_words(model),
        size if is_held or not size else f"({size})",
        use_words(model) if is_held else "",
        stay_words(model),
    )


def state_words(model: ModelStatus) -> str:
    """`ready`, `loading ████░░░░░░ 40%, 3 s left`, `cooling down, 8 s: why`."""
    match model.state:
        case "loading":
            return f"loading{progress_words(model)}"
        case "cooling_down":
            return f"cooling down{cooling_words(model)}"
        case "unavailable":
            return f"unavailable: {model.reason}"
        case _ if model.breaker == "open":
            return f"{model.state}, spared{cooling_words(model)}"
        case _:
            return model.state


def cooling_words(model: ModelStatus) -> str:
    """For how long, and why."""
    left = "" if model.cooling_s is None else f", {format_duration(round(model.cooling_s))}"
    return f"{left}: {model.reason}"


def progress_words(model: ModelStatus) -> str:
    """A bar where the load says how far it is, and its expected end."""
    bar = "" if model.progress is None else f" {format_bar(model.progress, BAR_CELLS)} {model.progress:.0%}"
    left = "" if model.expected_s is None else f", {format_duration(round(model.expected_s, 1))} left"
    return f"{bar}{left}"


def use_words(model: ModelStatus) -> str:
    """How many requests work on it, of how many; how many wait; how often its engine had to start again."""
    parts = [f"{model.leases} of {model.parallel}"]
    parts += [f"{model.waiting} waiting"] if model.waiting else []
    parts += [f"{model.restarts} restarted"] if model.restarts else []
    return ", ".join(parts)


def stay_words(model: ModelStatus) -> str:
    """Why it stays, or how long still."""
    if model.pinned:
        return "pinned"
    if model.warm:
        return "warm"
    if model.idle_s is None or model.keep_alive_s is None:
        return ""
    return format_duration(round(max(model.keep_alive_s - model.idle_s, 0.0)))


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
