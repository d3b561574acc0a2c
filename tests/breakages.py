"""Breakages: the n-th file operation, statement or request of a program fails, in the way that systems fail."""

from __future__ import annotations

import errno
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fault_server import Plan


@dataclass
class Nth:
    """Counts an operation and says when it is to fail: at its n-th time, and never when n is 0."""

    number: int = 0
    struck: bool = False
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def due(self) -> bool:
        due = next(self._count) == self.number
        self.struck |= due
        return due


Breakage = Callable[[pytest.MonkeyPatch, Nth], None]


def _refused(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def call(owner: str | type, name: str, number: int) -> Breakage:
    """Let a call of the system fail with an error number, before anything is done."""

    def apply(patch: pytest.MonkeyPatch, nth: Nth) -> None:
        target = pytest.importorskip(owner) if isinstance(owner, str) else owner
        real = getattr(target, name)

        def wrapped(*args: Any, **named: Any) -> Any:
            if nth.due():
                raise _refused(number)
            return real(*args, **named)

        patch.setattr(target, name, wrapped)

    return apply


def write(patch: pytest.MonkeyPatch, nth: Nth) -> None:
    """Let the disk be full when half of a text is written."""
    real = os.fdopen

    def opened(*args: Any, **named: Any) -> Any:
        file = real(*args, **named)
        whole = file.write

        def half(text: str) -> int:
            if nth.due():
                whole(text[: len(text) // 2])
                file.flush()
                raise _refused(errno.ENOSPC)
            return int(whole(text))

        file.write = half
        return file

    patch.setattr("os.fdopen", opened)


def statement(verb: str = "", *, done: bool = False) -> Breakage:
    """Let a statement of SQLite fail before it is carried out, or after it when `done`."""

    def apply(patch: pytest.MonkeyPatch, nth: Nth) -> None:
        connect = sqlite3.connect

        class Failing(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                due = sql.startswith(verb) and nth.due()
                fault = _fault("disk I/O error", sqlite3.SQLITE_IOERR)
                if due and not done:
                    raise fault
                cursor = super().execute(sql, *values)
                if due:
                    cursor.close()  # else the traceback would keep its lock
                    raise fault
                return cursor

        patch.setattr("sqlite3.connect", lambda *args, **named: connect(*args, factory=Failing, **named))

    return apply


def connection(patch: pytest.MonkeyPatch, nth: Nth) -> None:
    """Let SQLite not open its file."""
    connect = sqlite3.connect

    def refused(*args: Any, **named: Any) -> Any:
        if nth.due():
            raise _fault("unable to open database file", sqlite3.SQLITE_CANTOPEN)
        return connect(*args, **named)

    patch.setattr("sqlite3.connect", refused)


def _fault(words: str, code: int) -> sqlite3.OperationalError:
    fault = sqlite3.OperationalError(words)
    fault.sqlite_errorcode = code
    return fault


def pages_of_the_store(patch: pytest.MonkeyPatch, nth: Nth) -> None:
    """Let SQLite itself find the disk full, when its file has n pages."""
    connect = sqlite3.connect

    def narrow(*args: Any, **named: Any) -> Any:
        connection = connect(*args, **named)
        connection.execute(f"pragma max_page_count = {nth.number}")
        return connection

    if nth.number:
        patch.setattr("sqlite3.connect", narrow)


FILES: dict[str, Breakage] = {
    "write": write,
    "fsync": call("os", "fsync", errno.EIO),
    "replace": call(Path, "replace", errno.EIO),
    "chmod": call(Path, "chmod", errno.EPERM),
    "temporary file": call("tempfile", "mkstemp", errno.EMFILE),
    "trial file": call("tempfile", "TemporaryFile", errno.EDQUOT),
    "folder": call(Path, "mkdir", errno.EROFS),
}
STORE: dict[str, Breakage] = {
    "connection": connection,
    "statement": statement(),
    "statement carried out": statement(done=True),
    "commit": statement("commit"),
    "commit carried out": statement("commit", done=True),
}


@dataclass
class Cut(Plan):
    """A server that breaks off its n-th answer, or every one from then on."""

    number: int = 0
    how: str = "reset"
    for_good: bool = False
    refused: str = ""
    """A review that is refused whenever it is asked."""
    calls: int = 0

    def kind(self, label: str, before: int) -> str:
        self.calls += 1
        if self.number and (self.calls == self.number or (self.for_good and self.calls > self.number)):
            return self.how
        return "400" if self.refused and label.startswith(self.refused) else "ok"
