"""Start an engine where its target says."""

from alive_core.adapters.protocols import Adapter
from alive_core.engines.child.host import DEFAULT_PATIENCE, ChildEngine
from alive_core.engines.child.supervision import Patience
from alive_core.engines.contract import OnProgress, load_adapter
from alive_core.engines.engine import Engine
from alive_core.engines.inline import InlineEngine
from alive_core.profiles.profile import Target


async def start_engine(
    adapter: type[Adapter],
    target: Target,
    *,
    on_progress: OnProgress | None = None,
    patience: Patience = DEFAULT_PATIENCE,
) -> Engine:
    """Load `target` in this process or in a child, as `target.engine` says; it comes back ready for jobs.

    `on_progress` hears how far the load is. Raises LoadFailed and other errors of the AliveError tree; then, and when
    it is cancelled, nothing stays behind.
    """
    if target.engine == "child":
        return await ChildEngine.start(adapter, target, on_progress=on_progress, patience=patience)
    return InlineEngine(await load_adapter(adapter, target, on_progress=on_progress), target)
