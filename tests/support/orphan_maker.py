"""A server in small: starts an engine, keeps its loop busy, says its pid, and waits to be killed."""

import asyncio
import sys

from alive_core.engines.child.host import ChildEngine
from alive_core.profiles.profile import Target
from alive_core.testing.scripted import ScriptedAdapter
from support.jobs import chat_job


async def main() -> None:
    engine = await ChildEngine.start(ScriptedAdapter, Target("scripted", name="orphan", engine="child"))
    async for _ in engine.run(chat_job("begun\n/block 3600")):
        sys.stdout.write(f"{engine.pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
