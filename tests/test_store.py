"""The store: what was paid for is on disk before it is used, shared, found again, never taken for something else."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import multiprocessing
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import KEY, TOOL, request

from panelsynth.errors import InputError, OutputError
from panelsynth.model import Reply, Store
from panelsynth.request import Message, Request
from panelsynth.verdict import Usage

REPLY = Reply("{}", "m-1-large", "2026-11-23T10:00:00Z", "live", Usage(input=1_000, output=900))
ASKED = request()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


def keep(path: Path, *replies: Reply, asked: Request = ASKED) -> None:
    async def run() -> None:
        async with Store(path) as store:
            await asyncio.gather(*(store.keep(asked, reply) for reply in replies))

    asyncio.run(run())


def fail(path: Path, asked: Request = ASKED) -> None:
    with Store(path) as store:
        asyncio.run(store.note_failure(asked, "timeout", "no reply within 180 s"))


def changed(**fields: Any) -> Request:
    return Request(**{**ASKED.model_dump(), **fields})  # a copy would keep the key it was asked for


def with_texts(system: str = "", user: str = "") -> Request:
    own = {"system": system, "user": user}
    messages = (Message(role=m.role, content=own[m.role] or m.content) for m in ASKED.messages)
    return changed(messages=tuple(messages))


def test_a_reply_comes_back_as_it_was_after_the_store_was_closed(path: Path) -> None:
    keep(path, REPLY)
    with Store(path) as store:
        assert store.find(ASKED.key) == [REPLY]
        assert store.find(request("developer").key) == []


@given(
    st.builds(
        Reply,
        text=st.text(st.characters(), max_size=50),  # lone surrogates and NUL included
        answered_by=st.text(max_size=9),
        answered_at=st.just("2026-11-23T10:00:00Z"),
        source=st.sampled_from(["live", "batch"]),
        usage=st.none() | st.builds(Usage, input=st.integers(0, 9), output=st.integers(0, 10**12)),
    )
)
def test_no_text_of_a_model_is_lost_or_altered(tmp_path_factory: pytest.TempPathFactory, reply: Reply) -> None:
    path = tmp_path_factory.mktemp("store") / "s.sqlite"
    keep(path, reply)
    with Store(path) as store:
        assert store.find(ASKED.key) == [reply]


def test_the_newest_reply_comes_first(path: Path) -> None:
    for text in "abc":
        keep(path, dataclasses.replace(REPLY, text=text))
    with Store(path) as store:
        assert [reply.text for reply in store.find(ASKED.key)] == ["c", "b", "a"]


def test_an_authored_reply_never_enters(path: Path) -> None:
    keep(path, dataclasses.replace(REPLY, source="authored"))
    with Store(path) as store:
        assert store.find(ASKED.key) == []
        assert store.is_empty


def test_what_keep_has_returned_for_is_committed(path: Path) -> None:
    """Another connection sees it while the store is still open."""
    with Store(path) as store:
        asyncio.run(store.keep(ASKED, REPLY))
        with sqlite3.connect(path) as other:
            assert other.execute("select count(*) from replies").fetchone() == (1,)
        other.close()
        assert not store.is_empty


def test_many_replies_at_once_all_arrive_each_under_its_key(path: Path) -> None:
    asked = [changed(sample=number) for number in range(200)]

    async def run(store: Store) -> None:
        await asyncio.gather(*(store.keep(one, dataclasses.replace(REPLY, text=str(one.sample))) for one in asked))

    with Store(path) as store:
        asyncio.run(run(store))
        assert [[reply.text for reply in store.find(one.key)] for one in asked] == [[str(n)] for n in range(200)]


def test_one_store_serves_several_event_loops_in_turn(path: Path) -> None:
    with Store(path) as store:
        for text in "ab":
            asyncio.run(store.keep(ASKED, dataclasses.replace(REPLY, text=text)))
        assert len(store.find(ASKED.key)) == 2


def _write(path: str, start: int) -> None:
    for number in range(start, start + 40):
        keep(Path(path), REPLY, asked=changed(sample=number))


def test_processes_share_one_file_from_its_first_moment(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(str(path), start)) for start in (0, 1_000)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    with Store(path) as store:
        assert all(store.find(changed(sample=n).key) == [REPLY] for n in [*range(40), *range(1_000, 1_040)])


def test_the_reason_names_what_has_changed_since(path: Path) -> None:
    with Store(path) as store:
        assert store.reason(ASKED) == "new"
    keep(path, REPLY)
    reasons = {
        "persona changed": with_texts(system="Another brief."),
        "tool changed": with_texts(user="Another tool."),
        "model changed": changed(model="m-2"),
        "schema changed": changed(answer_schema={"type": "object"}),
        "persona and tool changed": with_texts("Another brief.", "Another tool."),
        "new": changed(label="other/skeptic/0"),
    }
    with Store(path) as store:
        assert {reason: store.reason(asked) for reason, asked in reasons.items()} == {r: r for r in reasons}


def test_the_reason_compares_with_the_nearest_reply(path: Path) -> None:
    """Of two models asked in turn, the one of today counts."""
    keep(path, REPLY, asked=changed(model="m-2"))
    keep(path, REPLY)
    with Store(path) as store:
        later = Request(**{**with_texts(user="Another tool.").model_dump(), "model": "m-2"})
        assert store.reason(later) == "tool changed"


def test_a_failure_never_satisfies_a_resume_and_is_the_reason(path: Path) -> None:
    fail(path)
    with Store(path) as store:
        assert store.find(ASKED.key) == []
        assert store.reason(ASKED) == "failed before"


def test_a_reply_that_was_of_no_use_counts_as_failed_before(path: Path) -> None:
    keep(path, REPLY)
    with Store(path) as store:
        assert store.reason(ASKED) == "failed before"


def test_failures_are_written_whatever_their_words(path: Path) -> None:
    with Store(path) as store:
        asyncio.run(store.note_failure(ASKED, "refusal", "\ud800 no"))
        assert store.reason(ASKED) == "failed before"


def test_the_default_folder_hides_from_git_and_keeps_its_own_rule(tmp_path: Path) -> None:
    path = tmp_path / ".panelsynth" / "store.sqlite"
    Store(path).close()
    rule = path.with_name(".gitignore")
    assert rule.read_text(encoding="utf-8") == "*\n"
    rule.write_text("mine\n", encoding="utf-8")
    Store(path).close()
    assert rule.read_text(encoding="utf-8") == "mine\n"


def test_half_a_rule_for_git_is_never_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be taken for the user's own, and the store's texts would be committed with the next change."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / ".panelsynth" / "store.sqlite"
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OutputError, match=r"gitignore: cannot be written: No space[\s\S]*--store PATH"):
            Store(path)
    assert list(path.parent.iterdir()) == []
    Store(path).close()
    assert path.with_name(".gitignore").read_text(encoding="utf-8") == "*\n"


def test_no_key_and_no_prompt_is_in_the_file(path: Path) -> None:
    keep(path, REPLY)
    held = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert KEY.encode() not in held
    assert TOOL.description.encode() not in held


def foreign(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as other:
        other.execute(statement)
    other.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("name: Acme\n" * 200, encoding="utf-8")
    with pytest.raises(InputError, match=r"store\.sqlite.*no store[\s\S]*--store PATH"):
        Store(path)
    assert path.read_text(encoding="utf-8") == "name: Acme\n" * 200


@pytest.mark.parametrize(
    "statement", ["create table theirs (x)", "pragma user_version = 7", "pragma application_id = 9"]
)
def test_another_programs_database_is_refused_and_left_alone(path: Path, statement: str) -> None:
    foreign(path, statement)
    before = path.read_bytes()
    with pytest.raises(InputError, match="another program"):
        Store(path)
    assert path.read_bytes() == before


def test_a_newer_store_is_refused_with_the_way_on(path: Path) -> None:
    Store(path).close()
    foreign(path, "pragma user_version = 2")
    with pytest.raises(InputError, match=r"version 2, and this panelsynth reads version 1\nUpdate panelsynth"):
        Store(path)


def test_a_place_that_cannot_be_written_is_found_at_opening(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    for place in ("taken/store.sqlite", "folder"):
        with pytest.raises(OutputError, match=r"cannot be written[\s\S]*--no-store"):
            Store(tmp_path / place)


def test_a_read_only_file_is_found_at_opening(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(path).close()
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda name, **options: connect(f"file:{name}?mode=ro", uri=True, **options)
    )
    with pytest.raises(OutputError, match="readonly"):
        Store(path)


def fill_the_disk(store: Store) -> None:
    """Let the file grow no further, as on a full disk."""
    [[pages]] = store._writer.execute("pragma page_count")
    store._writer.execute(f"pragma max_page_count = {pages}")


def test_a_full_disk_tells_everyone_who_waits_and_loses_nothing_else(path: Path) -> None:
    long = dataclasses.replace(REPLY, text="x" * 50_000)

    async def run(store: Store) -> list[object]:
        await store.keep(ASKED, REPLY)
        fill_the_disk(store)
        told: list[object] = await asyncio.gather(*(store.keep(ASKED, long) for _ in range(5)), return_exceptions=True)
        store._writer.execute("pragma max_page_count = 100000")
        await store.keep(ASKED, REPLY)
        return told

    with Store(path) as store:
        told = asyncio.run(run(store))
        assert all(isinstance(fault, OutputError) and "full" in fault.message for fault in told)
        assert store.find(ASKED.key) == [REPLY, REPLY]


def test_whatever_goes_wrong_with_a_row_nobody_is_told_that_it_is_kept(path: Path) -> None:
    async def run(store: Store) -> list[object]:
        store._writer.close()
        return await asyncio.gather(*(store.keep(ASKED, REPLY) for _ in range(3)), return_exceptions=True)

    with Store(path) as store:
        assert all(isinstance(fault, OutputError) for fault in asyncio.run(run(store)))


def test_a_writer_that_never_lets_go_is_an_error_and_one_that_does_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(path).close()
    monkeypatch.setattr("panelsynth.model.store.database._PATIENCE", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(OutputError, match="locked"):
        Store(path)
    other.execute("rollback")
    other.close()
    Store(path).close()


def test_the_change_to_wal_waits_for_other_processes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not wait there by itself: whoever holds the file for a moment is outlasted, or named."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(f"pragma application_id = {0x70734E54}")  # ours, and still in the old journal mode
    monkeypatch.setattr(
        "panelsynth.model.store.database.time.sleep", lambda _: other.in_transaction and other.execute("rollback")
    )
    other.execute("begin immediate")
    Store(path).close()
    other.close()
    monkeypatch.setattr("panelsynth.model.store.database._PATIENCE", 0.0)
    second = path.with_name("second.sqlite")
    other = sqlite3.connect(second, isolation_level=None)
    other.execute(f"pragma application_id = {0x70734E54}")
    other.execute("begin immediate")
    with pytest.raises(OutputError, match="locked"):
        Store(second)
    other.close()


@pytest.mark.parametrize("damage", ["{", "[]", "{}", '{"text": 1, "usage": null}', "x'ff'"])
def test_a_reply_that_a_disk_has_spoilt_is_no_reply_and_is_asked_for_anew(path: Path, damage: str) -> None:
    """SQLite has no checksums: a flipped bit in a text is found here or nowhere."""
    keep(path, REPLY, REPLY)
    value = f"cast({damage} as text)" if damage.startswith("x") else f"'{damage}'"
    foreign(path, f"update replies set reply = {value} where id = 2")  # noqa: S608
    with Store(path) as store:
        assert store.find(ASKED.key) == [REPLY]


def test_a_damaged_file_is_named_with_the_remedy(path: Path) -> None:
    keep(path, *[dataclasses.replace(REPLY, text="x" * 5_000)] * 5)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged"), Store(path) as store:
        store.find(ASKED.key)
