"""Files written whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from .errors import OutputError

_STEERING = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def inert_json(text: str) -> str:
    """Write JSON so that its texts cannot steer a terminal: controls and marks of direction stand by their number.

    Example:
        >>> print(inert_json('"left \u202e right"'))
        "left \\u202e right"
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends under its final name only once all of it is on disk.

    Raises:
        OutputError: the folder or file cannot be written; whatever stood there stands there still.
    """
    temporary, done = None, False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
        done = True
    except OSError as exc:
        raise _unwritable(path, exc) from exc
    finally:
        if temporary and not done:
            Path(temporary).unlink(missing_ok=True)


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
        raise _unwritable(folder, exc) from exc


def _unwritable(path: Path, exc: OSError) -> OutputError:
    blocked = isinstance(exc, FileExistsError)
    reason = "a file stands where its folder should be" if blocked else exc.strerror or str(exc)
    remedy = "Check the disk and your permissions, or name another place with -o."
    return OutputError(f"{path}: cannot be written: {reason}", remedy=remedy)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
