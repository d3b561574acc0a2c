"""Database: the SQLite file of a store, opened, checked and guarded, its faults named."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import InputError, OutputError
from ...writing import write_whole
from ..envelope import now

DEFAULT_PATH = Path(".panelsynth/store.sqlite")

_VERSION = 1
_OURS = 0x70734E54  # "psNT": tells our files from other programs' databases
_PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""

_SCHEMA = """
create table replies (
    id integer primary key, key text not null, review text not null, kept_at text not null,
    model text not null, system text not null, user text not null, schema text not null, reply text not null
);
create index replies_by_key on replies (key);
create index replies_by_review on replies (review);
create table failures (
    id integer primary key, key text not null, review text not null, noted_at text not null,
    cause text not null, message text not null
);
create index failures_by_key on failures (key);
create table opened (once integer primary key, at text not null);
"""


class Database:
    """One SQLite file, with a connection that writes and one that reads what is committed.

    Args:
        path: the file; it is made where there is none, its folder too.

    Raises:
        InputError: the file is no store of this version.
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _make_folder(path.parent)
        with self.named_faults():
            self.writer = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
                # Readers see only what is committed: they need a connection of their own.
                self.reader = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False)
            except BaseException:
                self.writer.close()
                raise

    def close(self) -> None:
        """Let the file go; a second time does nothing."""
        self.reader.close()
        self.writer.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block writes, or none of it."""
        self.writer.execute("begin immediate")
        try:
            yield
            self.writer.execute("commit")
        except BaseException:
            if self.writer.in_transaction:  # a full disk may have rolled back already
                self.writer.execute("rollback")
            raise

    def _prepare(self) -> None:
        """Make or check the tables, and write once: a read-only or full disk is found before the first paid call."""
        check_version(self.writer, self.path)  # before anything is changed in a file that may be another program's
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.writer.execute("pragma journal_mode = wal")  # does not wait for other processes by itself
                break
            except sqlite3.OperationalError as exc:
                if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.02)
        self.writer.execute("pragma synchronous = full")
        with self.transaction():
            if check_version(self.writer, self.path) == 0:
                for statement in _SCHEMA.split(";"):
                    self.writer.execute(statement)
                self.writer.execute(f"pragma application_id = {_OURS}")
                self.writer.execute(f"pragma user_version = {_VERSION}")
            self.writer.execute("insert or replace into opened values (1, ?)", (now(),))

    @contextmanager
    def named_faults(self) -> Iterator[None]:
        """Turn SQLite's faults into ours, with the file and the remedy."""
        try:
            yield
        except sqlite3.Error as exc:
            code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
            if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
                raise InputError(f"{self.path}: is no store, or a damaged one: {exc}", remedy=_ELSEWHERE) from exc
            raise _unwritable(self.path, str(exc)) from exc


_ELSEWHERE = "Move it away, or name another place with --store PATH; --no-store does without."
_REMEDY = "Check the disk and your permissions, name another place with --store PATH, or add --no-store."


def check_version(connection: sqlite3.Connection, path: Path) -> int:
    """Read a store's version; 0 for a file that is empty so far."""
    [[ours]] = connection.execute("pragma application_id")
    [[version]] = connection.execute("pragma user_version")
    [[tables]] = connection.execute("select count(*) from sqlite_schema")
    if ours != _OURS and (ours or version or tables):
        raise InputError(f"{path}: is another program's database", remedy=_ELSEWHERE)
    if version > _VERSION:
        said = f"is a store of version {version}, and this panelsynth reads version {_VERSION}"
        raise InputError(f"{path}: {said}", remedy=f"Update panelsynth, or: {_ELSEWHERE}")
    return int(version)


def _make_folder(folder: Path) -> None:
    """Make the store's folder; the default one hides from git: it is a cache, and may hold unpublished texts."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if folder.name == DEFAULT_PATH.parent.name and not ignore.exists():
            write_whole(ignore, "*\n", remedy=_REMEDY)  # half a rule would stay, and hide nothing
    except OSError as exc:
        raise _unwritable(folder, exc.strerror or str(exc)) from exc


def _unwritable(place: Path, reason: str) -> OutputError:
    return OutputError(f"{place}: the store cannot be written: {reason}", remedy=_REMEDY)
