"""Where files of this user lie, by the XDG rules: model files in the cache, what must last in the state.

Source: https://specifications.freedesktop.org/basedir-spec/latest/. `ALIVE_HOME` puts both into one folder.
"""

from collections.abc import Mapping
from pathlib import Path


def cache_dir(environment: Mapping[str, str]) -> Path:
    """Model files, shared by all clones and instances: `~/.cache/alive`. It can be fetched again."""
    return _folder(environment, "cache", "XDG_CACHE_HOME", ".cache")


def state_dir(environment: Mapping[str, str]) -> Path:
    """Run files, logs and what was measured: `~/.local/state/alive`. It should be kept."""
    return _folder(environment, "state", "XDG_STATE_HOME", ".local/state")


def _folder(environment: Mapping[str, str], kind: str, variable: str, default: str) -> Path:
    """A relative path in an XDG variable counts as not set, as the specification says."""
    home = environment.get("ALIVE_HOME", "")
    if home:
        return Path(home).expanduser().absolute() / kind
    base = Path(environment.get(variable, ""))
    return (base if base.is_absolute() else Path(environment.get("HOME") or Path.home()) / default) / "alive"
