"""Opening one file from many sides at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from alive_core.database import Database, transaction

INSTANCES = 8
DATABASE = Database("file", ("CREATE TABLE things (name TEXT) STRICT;",), wait_s=10.0, remedy="Move it away.")


def test_instances_that_start_together_all_open_a_new_file(tmp_path: Path) -> None:
    together = threading.Barrier(INSTANCES)

    def add(file: Path) -> None:
        together.wait()
        with closing(DATABASE.open(file)) as connection, transaction(connection, "IMMEDIATE"):
            connection.execute("INSERT INTO things VALUES ('one')")

    with ThreadPoolExecutor(INSTANCES) as threads:
        for number in range(10):
            file = tmp_path / f"{number}.sqlite"
            list(threads.map(add, [file] * INSTANCES))
            with closing(DATABASE.open(file)) as connection:
                assert connection.execute("SELECT count(*) FROM things").fetchone() == (INSTANCES,)
