"""Files as text: UTF-8 with or without a BOM, any line ends, of a bounded size."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from ..errors import DocumentError, InputError
from .document import Document
from .formats import KINDS, parse_document

MAX_BYTES = 1_000_000
"""The largest file, or line of JSONL, that is read."""


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
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as exc:
        raise _unreadable(path, exc) from exc
    if len(raw) > limit:
        raise _too_large(str(path), limit)
    return decode(raw, source=str(path))


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read a JSONL file line by line, with 1-based numbers; blank lines are passed over."""
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_BYTES + 1):
                number += 1
                if len(raw) > MAX_BYTES:
                    raise _too_large(f"{path}:{number}", MAX_BYTES)
                if text := decode(raw, source=f"{path}:{number}").strip():
                    yield number, text
    except OSError as exc:
        raise _unreadable(path, exc) from exc


def decode(raw: bytes, *, source: str) -> str:
    """Turn UTF-8 bytes into text with LF line ends and no BOM; anything else is an error that names the line."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DocumentError("this file is UTF-16", source=source, line=1, remedy="Save it as UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = raw[: exc.start].count(b"\n") + 1
        message = f"byte 0x{raw[exc.start]:02x} is not UTF-8"
        raise DocumentError(message, source=source, line=line, remedy="Save the file as UTF-8.") from exc
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise DocumentError("a NUL character", source=source, line=line, remedy="Save the file as plain UTF-8 text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(path: Path, exc: OSError) -> InputError:
    remedy = "Check the name, and that you may read it."
    return InputError(f"{path}: cannot be read: {exc.strerror or exc}", remedy=remedy)


def _too_large(source: str, limit: int) -> InputError:
    remedy = "A tool's description is far smaller: is this the right file?"
    return InputError(f"{source}: over {limit:,} bytes", remedy=remedy)
