"""`task store:clear`: forget every stored response and conversation of this user's servers."""

import asyncio
import sys
from pathlib import Path

from alive_core.store.sqlite import FILE_NAME, SqliteStore, check_file


def clear_store(state: Path) -> int:
    """Empty the store in the state directory, also while servers use it, and say how much that was.

    Raises ConfigurationError where the file cannot be used.
    """
    file = state / FILE_NAME
    if not file.exists():
        sys.stdout.write(f"Nothing is stored: there is no {file}.\n")
        return 0
    check_file(file)
    count = asyncio.run(_clear(file))
    sys.stdout.write(
        f"Forgotten: {count} {'response or conversation' if count == 1 else 'responses and conversations'}.\n"
    )
    return 0


async def _clear(file: Path) -> int:
    store = SqliteStore(file)
    try:
        return await store.clear()
    finally:
        await store.close()
