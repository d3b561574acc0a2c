"""Tools from files, folders, JSONL and standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from .documents import KINDS, MAX_BYTES, decode, is_folder, list_folder, numbered, parse_document, read_lines, sniff
from .errors import DocumentError, InputError
from .shard import Shard
from .tool import Tool

HELD = 1_000
"""Tools that a toolbox keeps at hand; of more it keeps their number alone."""


class Toolbox:
    """Tools from files, folders, JSONL or `-`, each with the place it came from, in the order given.

    All are read once, before the first is handed out: a fault in the last of them is found before anybody is asked.
    When there are many, they are read again each time they are gone through, so that memory does not grow with them.

    Args:
        sources: files, folders, or `-` for standard input.
        shard: the part of the tools to hand out; all when None.

    Raises:
        InputError: at first use: there is nothing to read, or two tools share one id.
    """

    def __init__(self, sources: Iterable[str | Path], shard: Shard | None = None) -> None:
        self._sources = tuple(sources)
        self._shard = shard

    def __len__(self) -> int:
        """Count the tools."""
        return self._read[0]

    def __iter__(self) -> Iterator[tuple[Tool, str]]:
        """Go through the tools."""
        _, held = self._read
        return self._anew() if held is None else iter(held)

    @cached_property
    def _read(self) -> tuple[int, list[tuple[Tool, str]] | None]:
        """How many tools there are, and the tools themselves while they are few or cannot be read again."""
        count, held = 0, list[tuple[Tool, str]]()
        keeps = any(str(source) == "-" for source in self._sources)
        for found in self._anew():
            count += 1
            if keeps or count <= HELD:
                held.append(found)
        return count, held if count == len(held) else None

    def _anew(self) -> Iterator[tuple[Tool, str]]:
        return stream_tools(self._sources, self._shard)


def read_tools(sources: Iterable[str | Path]) -> list[tuple[Tool, str]]:
    """Read tools from files, folders, JSONL or `-` into a list, each with the place it came from.

    Raises:
        InputError: there is nothing to read, or two tools share one id.
    """
    return list(stream_tools(sources))


def stream_tools(sources: Iterable[str | Path], shard: Shard | None = None) -> Iterator[tuple[Tool, str]]:
    """Read tools as `read_tools` does, one at a time: only their ids and places are remembered.

    Args:
        sources: files, folders, or `-`.
        shard: the part of the tools to hand out; all when None.

    Raises:
        InputError: there is nothing to read, or two tools share one id.
    """
    found: dict[str, str] = {}
    for source in sources:
        for tool, place in _read_source(source):
            if tool.id in found:
                remedy = "Ids are the file's name, or its 'id:'; give one of the two another."
                raise InputError(f"{place}: the id {tool.id!r} is taken by {found[tool.id]}", remedy=remedy)
            found[tool.id] = place
            if shard is None or shard.holds(tool.id):
                yield tool, place


def _read_source(source: str | Path) -> Iterator[tuple[Tool, str]]:
    path = Path(source)
    if str(source) == "-":
        yield from _read_stdin()
    elif is_folder(path):
        files = list_folder(path, {*KINDS, ".jsonl"})
        if not files:
            raise InputError(
                f"{path}: no tool files in this folder", remedy=f"Looked for *{', *'.join(KINDS)} and *.jsonl."
            )
        for file in files:
            yield from _read_source(file)
    elif path.suffix.lower() == ".jsonl":
        for number, text in read_lines(path):
            yield _from_line(text, f"{path}:{number}")
    else:
        yield Tool.from_file(path), str(path)


def _read_stdin() -> Iterator[tuple[Tool, str]]:
    raw = sys.stdin.buffer.read(MAX_BYTES + 1) if sys.stdin else b""
    if len(raw) > MAX_BYTES:
        raise InputError(f"-: over {MAX_BYTES:,} bytes", remedy="Put the tools in a .jsonl file and name that.")
    text = decode(raw, source="-")
    if not text.strip():
        raise InputError("-: nothing came in on standard input", remedy="Pipe a tool in, or name a file.")
    kind = sniff(text)
    if kind == "jsonl":
        for number, line in numbered(text):
            yield _from_line(line, f"-:{number}")
    else:
        yield Tool.from_document(parse_document(text, kind=kind, source="-"), default_id=""), "-"


def _from_line(text: str, source: str) -> tuple[Tool, str]:
    document = parse_document(text, kind="line", source=source)
    if "id" not in document.data:
        raise DocumentError("every line of JSONL needs an id", source=source, key="id", remedy='Add "id": "my-tool".')
    return Tool.from_document(document, default_id=""), source
