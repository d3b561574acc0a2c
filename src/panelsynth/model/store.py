"""Store: paid replies in one SQLite file, committed before they are used, shared safely between processes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, get_args

from ..errors import InputError, OutputError
from ..request import Request, canonical
from ..verdict import Source, Usage
from ..writing import write_whole
from .envelope import now
from .protocol import Reply

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

_WHOSE = ("model", "schema", "persona", "tool")
"""Whose the parts of a request are: model, schema, system, user."""


@dataclass
class _Row:
    """One row to write, and how its writing ended."""

    table: str
    values: Mapping[str, str]
    done: bool = False
    fault: Exception | None = None


class Store:
    """Replies by the key of their request; close it, or use it as a context manager, in sync or async code.

    One store serves several event loops in turn, and one file several processes at once. It holds replies and digests,
    and never a server's key.

    Args:
        path: the SQLite file; it is made where there is none, its folder too.

    Raises:
        InputError: the file is no store of this version.
        OutputError: the file cannot be written; this is found here, before anything is paid for.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/store.sqlite") as store:
        ...     store.find("0" * 64)
        []
    """

    def __init__(self, path: str | Path = DEFAULT_PATH) -> None:
        self.path = Path(path)
        self._waiting: deque[_Row] = deque()
        _make_folder(self.path.parent)
        with self._named_faults():
            self._writer = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
                # Readers see only what is committed: they need a connection of their own.
                self._reader = sqlite3.connect(self.path, timeout=_PATIENCE, check_same_thread=False)
            except BaseException:
                self._writer.close()
                raise
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="panelsynth-store")

    def close(self) -> None:
        """Write what waits, and let the file go; a second time does nothing."""
        self._thread.shutdown()
        self._reader.close()
        self._writer.close()

    def __enter__(self) -> Self:
        """Hand over the store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    async def __aenter__(self) -> Self:
        """Hand over the store."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the store without holding up the event loop."""
        await asyncio.to_thread(self.close)

    def find(self, key: str) -> list[Reply]:
        """Find the replies to a request, newest first; one that the disk has spoilt is none."""
        with self._named_faults():
            rows = self._reader.execute(
                "select cast(reply as blob) from replies where key = ? order by id desc", (key,)
            ).fetchall()
        return [reply for (raw,) in rows if (reply := _reply(raw))]

    async def keep(self, request: Request, reply: Reply) -> None:
        """Commit a reply; authored ones are left out.

        Raises:
            OutputError: it is not on disk.
        """
        if reply.source == "authored":
            return
        about = {"key": request.key, "review": _review(request), "kept_at": now()}
        written = {name: value for name, value in vars(reply).items() if name != "usage"}
        written["usage"] = reply.usage and reply.usage.model_dump()
        await self._write(_Row("replies", about | part_digests(request) | {"reply": json.dumps(written)}))

    async def note_failure(self, request: Request, cause: str, message: str) -> None:
        """Remember that a review failed, and of what: it never satisfies a resume."""
        about = {"key": request.key, "review": _review(request), "noted_at": now()}
        said = message.encode(errors="replace").decode()
        await self._write(_Row("failures", about | {"cause": cause, "message": said}))

    def reason(self, request: Request) -> str:
        """Say why a review must be asked that no reply here answers.

        Returns:
            `new`, `failed before`, or what has changed since the nearest reply: `persona changed`, `tool changed`,
            `model changed`, `schema changed`, or several of them, joined by `and`.
        """
        with self._named_faults():
            failed = self._reader.execute("select 1 from failures where key = ? limit 1", (request.key,)).fetchone()
            kept = self._reader.execute(
                "select model, schema, system, user from replies where review = ? order by id desc", (_review(request),)
            ).fetchall()
        if failed:
            return "failed before"
        today = [*part_digests(request).values()]
        changes = [[whose for whose, was, now in zip(_WHOSE, row, today, strict=True) if was != now] for row in kept]
        if not changes:
            return "new"
        nearest = min(changes, key=len)
        return f"{' and '.join(nearest)} changed" if nearest else "failed before"

    def failure(self, key: str) -> tuple[str, str] | None:
        """Find of what a request failed last: cause and message; None where it never did."""
        with self._named_faults():
            found: tuple[str, str] | None = self._reader.execute(
                "select cause, message from failures where key = ? order by id desc limit 1", (key,)
            ).fetchone()
        return found

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever kept here."""
        with self._named_faults():
            return self._reader.execute("select 1 from replies limit 1").fetchone() is None

    async def _write(self, row: _Row) -> None:
        """Return once a row is on disk; all rows that wait go in one transaction."""
        self._waiting.append(row)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, row)
        if row.fault:
            raise row.fault

    def _commit(self, row: _Row) -> None:
        """Write every row that waits, in the one thread that writes; `row` may be on disk already."""
        if row.done:
            return
        rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
        fault: Exception | None = None
        try:
            with self._named_faults(), self._transaction():
                for one in rows:
                    names, marks = ", ".join(one.values), ", ".join(f":{name}" for name in one.values)
                    self._writer.execute(f"insert into {one.table} ({names}) values ({marks})", one.values)  # noqa: S608
        except Exception as exc:  # noqa: BLE001 - whoever waits for a row must hear that it is not on disk
            fault = exc
        for one in rows:
            one.done, one.fault = True, fault

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._writer.execute("begin immediate")
        try:
            yield
            self._writer.execute("commit")
        except BaseException:
            if self._writer.in_transaction:  # a full disk may have rolled back already
                self._writer.execute("rollback")
            raise

    def _prepare(self) -> None:
        """Make or check the tables, and write once: a read-only or full disk is found before the first paid call."""
        self._check_version()  # before anything is changed in a file that may be another program's
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._writer.execute("pragma journal_mode = wal")  # does not wait for other processes by itself
                break
            except sqlite3.OperationalError as exc:
                if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.02)
        self._writer.execute("pragma synchronous = full")
        with self._transaction():
            if self._check_version() == 0:
                for statement in _SCHEMA.split(";"):
                    self._writer.execute(statement)
                self._writer.execute(f"pragma application_id = {_OURS}")
                self._writer.execute(f"pragma user_version = {_VERSION}")
            self._writer.execute("insert or replace into opened values (1, ?)", (now(),))

    def _check_version(self) -> int:
        """Read the store's version; 0 for a file that is empty so far."""
        [[ours]] = self._writer.execute("pragma application_id")
        [[version]] = self._writer.execute("pragma user_version")
        [[tables]] = self._writer.execute("select count(*) from sqlite_schema")
        if ours != _OURS and (ours or version or tables):
            raise InputError(f"{self.path}: is another program's database", remedy=_ELSEWHERE)
        if version > _VERSION:
            said = f"is a store of version {version}, and this panelsynth reads version {_VERSION}"
            raise InputError(f"{self.path}: {said}", remedy=f"Update panelsynth, or: {_ELSEWHERE}")
        return int(version)

    @contextmanager
    def _named_faults(self) -> Iterator[None]:
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


def _review(request: Request) -> str:
    return "/".join(request.label.split("/")[:3])  # a call's label ends with its attempt


def part_digests(request: Request) -> dict[str, str]:
    """Digest the parts of a request that a changed tool, persona, rubric or model would change."""
    texts = {"model": request.model, "schema": canonical(request.answer_schema), "system": "", "user": ""}
    for message in request.messages:
        texts[message.role] += message.content
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts.items()}


def _reply(raw: bytes) -> Reply | None:
    """Read a row as it was written; None when it is damaged, which SQLite itself does not notice in a text."""
    try:
        written = json.loads(raw)
        usage = written.pop("usage")
        reply = Reply(**written, usage=usage and Usage(**usage))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    texts = (reply.text, reply.answered_by, reply.answered_at)
    return reply if all(isinstance(text, str) for text in texts) and reply.source in get_args(Source) else None
