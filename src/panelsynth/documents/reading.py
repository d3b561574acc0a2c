"""Files as text: UTF-8 with or without a BOM, any line ends, of a bounded size."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Container, Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import DocumentError, InputError
from .document import Document
from .formats import KINDS, parse_document

MAX_BYTES = 1_000_000
"""The largest file, or line of JSONL, that is read."""

_SAVE = "Save it as plain UTF-8 text: in the editor, 'Save as' and the encoding 'UTF-8'."


def read_document(path: Path) -> Document:
    """Read one file by its suffix: `.yaml`, `.yml`, `.json`, `.toml`, `.md` or `.markdown`.

    Raises:
        InputError: the file cannot be read, or its suffix is not one of these.
        DocumentError: its contents are wrong, at a place that the message names.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"{path}: cannot tell the format of this file", remedy=f"Use one of {', '.join(KINDS)}.")
    return parse_document(read_text(path), kind=kind, source=str(path))


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """Read a UTF-8 file as text with LF line ends and no BOM.

    Raises:
        InputError: there is no such file, it is over `limit` bytes, or it is not UTF-8.
    """
    try:
        with _opened(path) as file:
            raw = file.read(limit + 1)
    except OSError as exc:
        raise _unreadable(path, exc) from exc
    if len(raw) > limit:
        raise _too_large(str(path), limit)
    return decode(raw, source=str(path))


def read_lines(path: Path, *, limit: int = MAX_BYTES) -> Iterator[tuple[int, str]]:
    """Read a JSONL file line by line, with 1-based numbers; blank lines are passed over, `limit` bounds each one."""
    number = 1
    try:
        with _opened(path) as file:
            while raw := file.readline(limit + 1):
                if len(raw) > limit:
                    raise _too_large(f"{path}:{number}", limit)
                lines = decode(raw, source=str(path), first_line=number)
                yield from numbered(lines.removesuffix("\n"), number)
                number += max(lines.count("\n"), 1)
    except OSError as exc:
        raise _unreadable(path, exc) from exc


def numbered(text: str, first: int = 1) -> Iterator[tuple[int, str]]:
    """Split text at its LFs into numbered lines, without the blank ones."""
    return ((number, line) for number, line in enumerate(text.split("\n"), first) if line.strip())


def decode(raw: bytes, *, source: str, first_line: int = 1) -> str:
    """Turn UTF-8 bytes into text with LF line ends and no BOM; anything else is an error that names the line."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DocumentError("this is UTF-16, not UTF-8", source=source, line=first_line, remedy=_SAVE)
    try:
        text = _lf(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        before = _lf(exc.object[: exc.start].decode("latin-1"))
        message = f"byte 0x{exc.object[exc.start]:02x} is not UTF-8"
        line = first_line + before.count("\n")
        raise DocumentError(message, source=source, line=line, remedy=_SAVE) from exc
    if "\0" in text:
        line = first_line + text.count("\n", 0, text.index("\0"))
        raise DocumentError("holds a NUL character, as UTF-16 does", source=source, line=line, remedy=_SAVE)
    return text


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder; a name that no file system takes is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def list_folder(path: Path, suffixes: Container[str]) -> list[Path]:
    """List the files of a folder by name: those with such a suffix, without hidden ones and README.

    Raises:
        InputError: the folder cannot be read.
    """
    try:
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes and file.is_file())
    except OSError as exc:
        raise _unreadable(path, exc) from exc
    return [file for file in files if not file.name.startswith(".") and file.stem.lower() != "readme"]


def _opened(path: Path) -> BinaryIO:
    """Open a file or fail; a pipe or a device could keep its reader waiting for ever."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        remedy = "Name a file; what comes out of another program is read on standard input, as '-'."
        raise InputError(f"{path}: cannot be read: this is a pipe or a device, not a file", remedy=remedy)
    return path.open("rb")


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(path: Path, exc: OSError) -> InputError:
    remedy = "Check the name, and that you may read it."
    return InputError(f"{path}: cannot be read: {exc.strerror or exc}", remedy=remedy)


def _too_large(source: str, limit: int) -> InputError:
    remedy = "A tool's description is far smaller: is this the right file?"
    return InputError(f"{source}: over {limit:,} bytes", remedy=remedy)
