"""Every database of the state folder, by its file's name: what a backup may hold."""

from collections.abc import Mapping
from typing import Final

from alive_core.access import keys
from alive_core.cache import book
from alive_core.catalog import identity
from alive_core.database import Database
from alive_core.store import sqlite

DATABASES: Final[Mapping[str, Database]] = {
    keys.FILE_NAME: keys.DATABASE,
    book.FILE_NAME: book.DATABASE,
    keys.FILE_NAME: keys.DATABASE,
    identity.FILE_NAME: identity.DATABASE,
    sqlite.FILE_NAME: sqlite.DATABASE,
}
