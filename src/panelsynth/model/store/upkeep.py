"""Upkeep of a store: what is in it, written out, taken in from another, and thrown away on purpose."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self, cast
from urllib.parse import quote

from ...documents import read_lines
from ...errors import DocumentError, InputError
from .database import DEFAULT_PATH, Database, check_version
from .store import read_reply

_COLUMNS = {
    "replies": ("key", "review", "kept_at", "model", "system", "user", "schema", "reply"),
    "failures": ("key", "review", "noted_at", "cause", "message"),
}
_AT_ONCE = 1_000
"""Rows of one transaction: others may write in between."""

Row = tuple[str, tuple[str, ...]]
"""A table's name, and the values of a row of it."""


class Brief(NamedTuple):
    """What a reply was asked with, beside its model: digests, as the store keeps them."""

    system: str
    user: str
    schema: str


@dataclass
class Contents:
    """What some rows of a store come to."""

    replies: int = 0
    damaged: int = 0
    """Replies that the disk has spoilt; they answer nothing."""
    failures: int = 0
    models: Counter[str] = field(default_factory=Counter)
    """Replies by the model that says it has answered."""
    first: str | None = None
    """When the oldest reply was kept."""
    last: str | None = None
    usd: Decimal = Decimal(0)
    """What the replies of known price have cost."""
    unpriced: int = 0
    """Replies whose price is unknown."""

    def add(self, raw: bytes, kept_at: str) -> None:
        """Count one reply."""
        self.replies += 1
        self.first = min(self.first or kept_at, kept_at)
        self.last = max(self.last or kept_at, kept_at)
        reply = read_reply(raw)
        if reply is None:
            self.damaged += 1
            return
        self.models[reply.answered_by] += 1
        self.unpriced += reply.cost_usd is None
        self.usd += Decimal(str(reply.cost_usd or 0))


@dataclass
class Merged:
    """What was taken in."""

    replies: int = 0
    failures: int = 0
    known: int = 0
    """Rows that were there already."""


class Upkeep:
    """A store that is looked after; close it, or use it as a context manager.

    Args:
        path: the SQLite file.
        makes: whether to make it where there is none.

    Raises:
        InputError: it is no store, or is not there.
    """

    def __init__(self, path: str | Path = DEFAULT_PATH, *, makes: bool = False) -> None:
        self.path = Path(path)
        if not makes:
            _check_there(self.path)
        self._database = Database(self.path)

    def __enter__(self) -> Self:
        """Hand it over."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the file go."""
        self._database.close()

    def contents(self) -> Contents:
        """Count all that is here."""
        found = Contents()
        for raw, kept_at in self._select("cast(reply as blob), kept_at from replies"):
            found.add(raw, kept_at)
        [[found.failures]] = self._select("count(*) from failures")
        return found

    def export(self) -> Iterator[str]:
        """Write every row as a line of JSON, replies first, in the order in which they came."""
        with self._database.named_faults():
            for table, values in _rows(self._database.reader):
                yield json.dumps({"table": table, **dict(zip(_COLUMNS[table], values, strict=True))}) + "\n"

    def merge(self, other: Path) -> Merged:
        """Take in what another store or an export holds; what is here already is left as it is.

        Replies to one request stand in the order of the times at which they were kept, so that the newest counts.

        Raises:
            InputError: the other is neither, or this store itself.
        """
        if other.exists() and self.path.samefile(other):
            raise InputError(f"{other}: is the store itself", remedy="Name another store, or an export of one.")
        merged, rows = Merged(), _read_export(other) if other.suffix.lower() == ".jsonl" else self._rows_of(other)
        while part := list(islice(rows, _AT_ONCE)):
            with self._database.named_faults(), self._database.transaction():
                for table, values in part:
                    self._take_in(table, values, merged)
        return merged

    def prunable(self, *, before: str = "", model: str = "", used: Container[Brief] | None = None) -> list[int]:
        """Find the replies to throw away: those that every condition given holds for.

        Args:
            before: a day, `2026-11-23`; older ones are meant.
            model: those asked of, or answered by, this model.
            used: what is still asked; all else is meant.
        """
        digest = hashlib.sha256(model.encode()).hexdigest()[:16]
        found = []
        columns = "id, kept_at, model, system, user, schema, cast(reply as blob) from replies"
        for number, kept_at, asked, system, user, schema, raw in self._select(columns):
            reply = read_reply(raw) if model and asked != digest else None
            is_of_model = not model or asked == digest or (reply is not None and reply.answered_by == model)
            is_unused = used is None or Brief(system, user, schema) not in used
            if (not before or kept_at < before) and is_of_model and is_unused:
                found.append(number)
        return found

    def contents_of(self, replies: Iterable[int]) -> Contents:
        """Count some replies."""
        found = Contents()
        for number in replies:
            for raw, kept_at in self._select("cast(reply as blob), kept_at from replies where id = ?", number):
                found.add(raw, kept_at)
        return found

    def prune(self, replies: Iterable[int]) -> None:
        """Throw replies away."""
        with self._database.named_faults(), self._database.transaction():
            self._database.writer.executemany("delete from replies where id = ?", ((number,) for number in replies))

    def _select(self, what: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with self._database.named_faults():
            yield from self._database.reader.execute(f"select {what}", values)

    def _take_in(self, table: str, values: tuple[str, ...], merged: Merged) -> None:
        """Write a row that is not here yet; those of the same request that were kept later are put after it."""
        write, columns = self._database.writer.execute, _COLUMNS[table]
        same = " and ".join(f"{name} = ?" for name in columns)
        if write(f"select 1 from {table} where {same}", values).fetchone():  # noqa: S608 - names of ours alone
            merged.known += 1
            return
        names, at = ", ".join(columns), columns[2]
        later = [one for (one,) in write(f"select id from {table} where key = ? and {at} > ? order by id",  # noqa: S608
                                         (values[0], values[2]))]  # fmt: skip
        write(f"insert into {table} ({names}) values ({', '.join('?' * len(columns))})", values)  # noqa: S608
        for one in later:
            write(f"insert into {table} ({names}) select {names} from {table} where id = ?", (one,))  # noqa: S608
            write(f"delete from {table} where id = ?", (one,))  # noqa: S608
        merged.replies += table == "replies"
        merged.failures += table == "failures"

    def _rows_of(self, path: Path) -> Iterator[Row]:
        """Read another store, which is not changed by it."""
        _check_there(path)
        try:
            with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as other:
                if check_version(other, path):
                    yield from _rows(other)
        except sqlite3.Error as exc:
            remedy = "Name a store, or a .jsonl file that 'panelsynth store export' wrote."
            raise InputError(f"{path}: is no store, or a damaged one: {exc}", remedy=remedy) from exc


def _rows(connection: sqlite3.Connection) -> Iterator[Row]:
    """Go through the rows of a store; a reply that is damaged is no reply."""
    for table, columns in _COLUMNS.items():
        names = ", ".join("cast(reply as blob)" if name == "reply" else name for name in columns)
        for values in connection.execute(f"select {names} from {table} order by id"):  # noqa: S608
            if table == "replies" and read_reply(values[-1]) is None:
                continue
            yield table, tuple(one.decode() if isinstance(one, bytes) else one for one in values)


def _read_export(path: Path) -> Iterator[Row]:
    for number, line in read_lines(path, limit=50_000_000):
        try:
            read: object = json.loads(line)
        except ValueError:
            read = None
        row = cast("dict[str, object]", read) if isinstance(read, dict) else {}
        columns = _COLUMNS.get(str(row.get("table")), ())
        values = tuple(row.get(name) for name in columns)
        texts = tuple(value for value in values if isinstance(value, str))
        is_whole = columns and len(texts) == len(values) and len(row) == len(columns) + 1
        if not is_whole or (row["table"] == "replies" and read_reply(texts[-1].encode()) is None):
            remedy = "Name a .jsonl file that 'panelsynth store export' wrote, whole."
            raise DocumentError("is no line of an export", source=str(path), line=number, remedy=remedy)
        yield str(row["table"]), texts


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise InputError(
            f"{path}: there is no store", remedy="Name it with --store PATH; 'review' and 'compare' fill it."
        )
