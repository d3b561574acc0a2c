"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import OutputError


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends under its final name only once all of it is on disk.

    Raises:
        OutputError: the folder or file cannot be written; whatever stood there stands there still.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as exc:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        remedy = "Check the disk and your permissions, or name another place with -o."
        raise OutputError(f"{path}: cannot be written: {exc.strerror or exc}", remedy=remedy) from exc


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
