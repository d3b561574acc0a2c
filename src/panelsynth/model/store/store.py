"""Store: paid replies in one SQLite file, committed before they are used, shared safely between processes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self, get_args

from ...request import Request, canonical
from ...verdict import Source, Usage
from ..envelope import now
from ..protocol import Reply
from .database import DEFAULT_PATH, Database

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
        self._database = Database(self.path)
        self._writer, self._reader = self._database.writer, self._database.reader
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="panelsynth-store")

    def close(self) -> None:
        """Write what waits, and let the file go; a second time does nothing."""
        self._thread.shutdown()
        self._database.close()

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
        with self._database.named_faults():
            rows = self._reader.execute(
                "select cast(reply as blob) from replies where key = ? order by id desc", (key,)
            ).fetchall()
        return [reply for (raw,) in rows if (reply := read_reply(raw))]

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
        with self._database.named_faults():
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
        with self._database.named_faults():
            found: tuple[str, str] | None = self._reader.execute(
                "select cause, message from failures where key = ? order by id desc limit 1", (key,)
            ).fetchone()
        return found

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever kept here."""
        with self._database.named_faults():
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
            with self._database.named_faults(), self._database.transaction():
                for one in rows:
                    names, marks = ", ".join(one.values), ", ".join(f":{name}" for name in one.values)
                    self._writer.execute(f"insert into {one.table} ({names}) values ({marks})", one.values)  # noqa: S608
        except Exception as exc:  # noqa: BLE001 - whoever waits for a row must hear that it is not on disk
            fault = exc
        for one in rows:
            one.done, one.fault = True, fault


def _review(request: Request) -> str:
    return "/".join(request.label.split("/")[:3])  # a call's label ends with its attempt


def part_digests(request: Request) -> dict[str, str]:
    """Digest the parts of a request that a changed tool, persona, rubric or model would change."""
    texts = {"model": request.model, "schema": canonical(request.answer_schema), "system": "", "user": ""}
    for message in request.messages:
        texts[message.role] += message.content
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts.items()}


def read_reply(raw: bytes) -> Reply | None:
    """Read a row as it was written; None when it is damaged, which SQLite itself does not notice in a text."""
    try:
        written = json.loads(raw)
        usage = written.pop("usage")
        reply = Reply(**written, usage=usage and Usage(**usage))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    texts = (reply.text, reply.answered_by, reply.answered_at)
    return reply if all(isinstance(text, str) for text in texts) and reply.source in get_args(Source) else None
