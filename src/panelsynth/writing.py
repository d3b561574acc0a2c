"""Files written whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from .errors import OutputError

_REMEDY = "Check the disk and your permissions, or name another place with -o."
_STEERING = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def inert_json(text: str) -> str:
    """Write JSON so that its texts cannot steer a terminal: controls and marks of direction stand by their number.

    Example:
        >>> print(inert_json('"left \u202e right"'))
        "left \\u202e right"
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_whole(path: Path, text: str | Iterable[str], *, remedy: str = _REMEDY, lasting: bool = True) -> None:
    """Write UTF-8 text with LF line ends under its final name only once all of it is on disk.

    Args:
        path: the final name; its folder is made where there is none.
        text: what to write, in one or in pieces.
        remedy: what the reader of an error can do.
        lasting: whether to wait for the disk; not for what can be made again.

    Raises:
        OutputError: the folder or file cannot be written; whatever stood there stands there still.
    """
    temporary, done = None, False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            for piece in (text,) if isinstance(text, str) else text:
                file.write(piece)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
        done = True
    except OSError as exc:
        raise unwritable(path, exc, remedy) from exc
    finally:
        if temporary and not done:
            with suppress(OSError):  # a disk that has turned read-only: the first fault is the one to tell
                Path(temporary).unlink()


def check_folder(folder: Path) -> None:
    """Try to write in a folder, which is made where there is none.

    Raises:
        OutputError: nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
    except OSError as exc:
        raise unwritable(folder, exc) from exc


def unwritable(path: Path, exc: OSError, remedy: str = _REMEDY) -> OutputError:
    """Say why a place cannot be written to."""
    blocked = isinstance(exc, FileExistsError)
    reason = "a file stands where its folder should be" if blocked else exc.strerror or str(exc)
    return OutputError(f"{path}: cannot be written: {reason}", remedy=remedy)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
