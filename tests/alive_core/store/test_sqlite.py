"""What is stored is there for its key, for its time, within its size, for every instance; and nowhere else."""

import asyncio
import hashlib
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from alive_core.access.caller import identity_of
from alive_core.constants import STORE_RETENTION_S
from alive_core.errors import ConfigurationError, StoreFailed
from alive_core.store.contract import Store, StoredConversation, StoredItem, StoredResponse, owner_of
from alive_core.store.sqlite import STEPS, SqliteStore, check_file, open_file
from alive_core.testing.clock import FakeClock

ME = owner_of("command_server", identity_of("my key"))
OTHER = owner_of("command_server", identity_of("your key"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.sqlite"


@pytest.fixture
async def store(file: Path, clock: FakeClock) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(file, clock=clock.now)
    yield store
    await store.close()


def item(name: str, size: int = 10) -> StoredItem:
    return StoredItem(name, name.encode().ljust(size, b"."))


def response(number: int, previous: int | None = None, size: int = 10) -> StoredResponse:
    return StoredResponse(
        f"resp_{number}",
        b"r" * size,
        (item(f"in_{number}"),),
        (item(f"out_{number}"),),
        None if previous is None else f"resp_{previous}",
    )


async def ids_in(store: Store, *numbers: int) -> list[int]:
    return [number for number in numbers if await store.response(ME, f"resp_{number}") is not None]


# --- Responses -----------------------------------------------------------------------------------------
async def test_what_was_saved_comes_back_unchanged(store: SqliteStore) -> None:
    assert isinstance(store.chain, object)
    kept = StoredResponse("resp_1", b'{"id":1}', (item("a"), item("b")), (item("c"),), "resp_0", "conv_1")
    await store.save_response(ME, kept)
    assert await store.response(ME, "resp_1") == kept


async def test_a_key_sees_only_its_own(store: SqliteStore) -> None:
    await store.save_response(ME, response(1))
    await store.save_conversation(ME, StoredConversation("conv_1", 5), [item("x")])
    assert await store.response(OTHER, "resp_1") is None
    assert await store.conversation(OTHER, "conv_1") is None
    assert await store.items(OTHER, "conv_1") == []
    assert await store.find_items(OTHER, ["in_1", "x"]) == {}
    assert await store.chain(OTHER, "resp_1") == []
    assert not await store.add_items(OTHER, "conv_1", [item("y")])
    assert not await store.delete_item(OTHER, "conv_1", "x")
    assert not await store.delete_response(OTHER, "resp_1")
    assert not await store.delete_conversation(OTHER, "conv_1")
    assert await store.response(ME, "resp_1") is not None


def test_an_owner_is_a_service_and_a_key_that_cannot_be_read_from_it() -> None:
    owners = {owner_of(service, identity_of(key)) for service in ("a", "b") for key in ("", "k", "l")}
    assert len(owners) == 6
    assert "my key" not in ME
    # What was stored for a key of ALIVE_API_KEYS is found again: the hash may never change.
    assert "command_server:" + hashlib.sha256(b"my key").hexdigest() == ME


async def test_a_chain_comes_oldest_first_and_ends_where_a_link_is_missing(store: SqliteStore) -> None:
    for number in range(4):
        await store.save_response(ME, response(number, number - 1 if number else None))
    assert [link.id for link in await store.chain(ME, "resp_3")] == ["resp_0", "resp_1", "resp_2", "resp_3"]
    assert await store.delete_response(ME, "resp_1")
    chain = await store.chain(ME, "resp_3")
    assert [link.id for link in chain] == ["resp_2", "resp_3"]
    assert chain[0].previous == "resp_1"


async def test_a_deleted_response_is_gone_with_its_items(store: SqliteStore) -> None:
    await store.save_response(ME, response(1))
    assert await store.delete_response(ME, "resp_1")
    assert not await store.delete_response(ME, "resp_1")
    assert await store.find_items(ME, ["in_1", "out_1"]) == {}


async def test_items_are_found_wherever_they_are(store: SqliteStore) -> None:
    await store.save_response(ME, response(1))
    await store.save_conversation(ME, StoredConversation("conv_1", 5), [item("x")])
    found = await store.find_items(ME, ["out_1", "x", "nowhere"])
    assert found == {"out_1": item("out_1"), "x": item("x")}


# --- Conversations -------------------------------------------------------------------------------------
async def test_a_conversation_keeps_its_items_in_order(store: SqliteStore) -> None:
    conversation = StoredConversation("conv_1", 5, {"a": "b"})
    await store.save_conversation(ME, conversation, [item("a"), item("b")])
    assert await store.add_items(ME, "conv_1", [item("c"), item("d")])
    assert await store.delete_item(ME, "conv_1", "b")
    assert not await store.delete_item(ME, "conv_1", "b")
    assert await store.conversation(ME, "conv_1") == conversation
    assert [kept.id for kept in await store.items(ME, "conv_1")] == ["a", "c", "d"]


async def test_new_metadata_leaves_the_items_alone(store: SqliteStore) -> None:
    await store.save_conversation(ME, StoredConversation("conv_1", 5, {"a": "b"}), [item("a")])
    await store.save_conversation(ME, StoredConversation("conv_1", 5, {"c": "d"}))
    found = await store.conversation(ME, "conv_1")
    assert found is not None
    assert found.metadata == {"c": "d"}
    assert [kept.id for kept in await store.items(ME, "conv_1")] == ["a"]


async def test_a_deleted_conversation_takes_its_items_along(store: SqliteStore) -> None:
    await store.save_conversation(ME, StoredConversation("conv_1", 5), [item("a")])
    assert await store.delete_conversation(ME, "conv_1")
    assert await store.find_items(ME, ["a"]) == {}
    assert not await store.add_items(ME, "conv_1", [item("b")])


# --- Time ----------------------------------------------------------------------------------------------
async def test_what_is_not_used_for_thirty_days_is_gone(store: SqliteStore, clock: FakeClock) -> None:
    await store.save_response(ME, response(1))
    await store.save_conversation(ME, StoredConversation("conv_1", 5), [item("a")])
    await clock.advance(STORE_RETENTION_S - 1)
    assert await ids_in(store, 1) == [1]
    await clock.advance(1)
    assert await ids_in(store, 1) == []
    assert await store.conversation(ME, "conv_1") is None
    assert await store.find_items(ME, ["in_1", "a"]) == {}
    await store.save_response(ME, response(2))
    assert counted(store.file, "records") == 1


async def test_continuing_a_chain_keeps_all_of_it(store: SqliteStore, clock: FakeClock) -> None:
    await store.save_response(ME, response(1))
    await clock.advance(STORE_RETENTION_S / 2)
    await store.save_response(ME, response(2, 1))
    await clock.advance(STORE_RETENTION_S / 2)
    assert await ids_in(store, 1, 2) == [1, 2]


async def test_a_conversation_lives_on_while_it_is_used(store: SqliteStore, clock: FakeClock) -> None:
    await store.save_conversation(ME, StoredConversation("conv_1", 5))
    await clock.advance(STORE_RETENTION_S / 2)
    await store.add_items(ME, "conv_1", [item("a")])
    await clock.advance(STORE_RETENTION_S / 2)
    assert await store.conversation(ME, "conv_1") is not None


# --- Size ----------------------------------------------------------------------------------------------
async def test_the_oldest_goes_first_when_the_store_is_full(file: Path, clock: FakeClock) -> None:
    store = SqliteStore(file, clock=clock.now, limit=300)
    for number in range(3):
        await store.save_response(ME, response(number, size=80))  # and 20 bytes of items
        await clock.advance(1)
    assert await ids_in(store, 0, 1, 2) == [0, 1, 2]
    await store.save_response(OTHER, response(9, size=80))
    assert await ids_in(store, 0, 1, 2) == [1, 2]
    await store.close()
    assert total_bytes(file) == 300


async def test_what_is_larger_than_the_store_is_not_kept(file: Path, clock: FakeClock) -> None:
    store = SqliteStore(file, clock=clock.now, limit=300)
    await store.save_response(ME, response(1, size=400))
    assert await ids_in(store, 1) == []
    await store.close()
    assert total_bytes(file) == 0


async def test_the_total_counts_every_change(store: SqliteStore) -> None:
    await store.save_response(ME, response(1))
    await store.save_conversation(ME, StoredConversation("conv_1", 5, {"a": "b"}), [item("a", 100), item("b", 50)])
    await store.save_conversation(ME, StoredConversation("conv_1", 5, {"a": "longer"}))
    await store.delete_item(ME, "conv_1", "a")
    stored = 10 + 20 + len('{"a":"longer"}') + 50
    assert total_bytes(store.file) == stored
    await store.delete_conversation(ME, "conv_1")
    assert total_bytes(store.file) == 30
    assert await store.clear() == 1
    assert total_bytes(store.file) == 0


# --- Instances, versions, failures ---------------------------------------------------------------------
async def test_instances_share_one_file(store: SqliteStore, clock: FakeClock) -> None:
    other = SqliteStore(store.file, clock=clock.now)
    await asyncio.gather(*((store, other)[number % 2].save_response(ME, response(number)) for number in range(40)))
    assert await ids_in(store, *range(40)) == list(range(40))
    assert await other.clear() == 40
    assert await ids_in(store, *range(40)) == []
    await other.close()


async def test_the_event_loop_never_waits_for_the_disk(store: SqliteStore) -> None:
    """Another instance holds the file; the loop goes on, and the write is done as soon as the file is free."""
    await store.save_response(ME, response(1))
    with closing(open_file(store.file)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        write = asyncio.ensure_future(store.save_response(ME, response(2)))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not write.done()
        holder.execute("ROLLBACK")
    await write
    assert await ids_in(store, 2) == [2]


async def test_an_upgrade_keeps_data_and_a_newer_file_is_refused(store: SqliteStore) -> None:
    await store.save_response(ME, response(1))
    await store.close()
    newer = (*STEPS, "ALTER TABLE records ADD COLUMN note TEXT;")
    with closing(open_file(store.file, steps=newer)) as connection:
        assert connection.execute("SELECT id, note FROM records").fetchall() == [("resp_1", None)]
    with pytest.raises(ConfigurationError, match=r"has version 2; this program knows versions up to 1"):
        check_file(store.file)


def test_an_upgrade_that_fails_changes_nothing(file: Path) -> None:
    open_file(file).close()
    broken = (*STEPS, "ALTER TABLE records ADD COLUMN note TEXT;\nALTER TABLE nowhere ADD COLUMN note TEXT;")
    with pytest.raises(sqlite3.OperationalError):
        open_file(file, steps=broken)
    check_file(file)
    with closing(open_file(file)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(records)")]
    assert "note" not in columns


def test_a_file_that_is_no_store_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(ConfigurationError, match=r"cannot be used.*ALIVE_STORE=off"):
        check_file(file)


def test_looking_at_a_store_that_is_not_there_makes_none(file: Path) -> None:
    check_file(file)
    assert not file.parent.exists()


async def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    store = SqliteStore(tmp_path / "state" / "store.sqlite")
    with pytest.raises(StoreFailed, match="cannot be used now"):
        await store.save_response(ME, response(1))
    await store.close()


async def test_a_write_is_there_whole_or_not_at_all(store: SqliteStore) -> None:
    await store.save_response(ME, response(1))
    with pytest.raises(StoreFailed):
        await store.save_response(ME, response(1))
    assert counted(store.file, "items") == 2


async def test_only_its_user_can_read_the_file(store: SqliteStore) -> None:
    await store.save_response(ME, response(1))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.file.parent.iterdir()}
    assert set(modes.values()) == {0o600}


async def test_what_was_cleared_is_not_in_the_file_any_more(store: SqliteStore) -> None:
    await store.save_response(ME, StoredResponse("resp_1", b"a very secret word", (item("a"),)))
    await store.clear()
    assert all(b"secret" not in path.read_bytes() for path in store.file.parent.iterdir())


async def test_closing_twice_leaves_no_thread(file: Path) -> None:
    before = threading.active_count()
    store = SqliteStore(file)
    await store.save_response(ME, response(1))
    assert threading.active_count() == before + 1
    await store.close()
    await store.close()
    assert threading.active_count() == before


def counted(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def total_bytes(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT bytes FROM total").fetchone()[0])
