"""Where files of this user lie: pure rules over the environment."""

from collections.abc import Mapping
from pathlib import Path

APPLICATION = "alive"


def cache_root(environ: Mapping[str, str], home: Path) -> Path:
    """The folder for what can be fetched again (model files): `$ALIVE_HOME/cache`, else `$XDG_CACHE_HOME/alive`.

    Without either it is `~/.cache/alive`.
    """
    return _root(environ, "cache", "XDG_CACHE_HOME", home / ".cache")


def state_root(environ: Mapping[str, str], home: Path) -> Path:
    """The folder for what must last (run files, stored responses, measurements): `$ALIVE_HOME/state`, else
    `$XDG_STATE_HOME/alive`.

    Without either it is `~/.local/state/alive`.
    """
    return _root(environ, "state", "XDG_STATE_HOME", home / ".local" / "state")


def _root(environ: Mapping[str, str], kind: str, variable: str, default: Path) -> Path:
    """One rule for both: the XDG Base Directory Specification, where a relative path counts as not set."""
    if own := environ.get("ALIVE_HOME"):
        return Path(own).expanduser().absolute() / kind
    customary = Path(environ.get(variable) or default)
    return (customary if customary.is_absolute() else default) / APPLICATION
