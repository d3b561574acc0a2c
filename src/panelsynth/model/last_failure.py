"""Last failure: what a store has noted last, told without opening it for writing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def last_failure(path: Path) -> str:
    """Tell which failure a store noted last: as long as that stays, so does what it says of every review.

    `Store` itself writes whenever it is opened, so that the file's times say nothing.

    Returns:
        Some text that differs when another failure was noted; empty where no store can be read.
    """
    if not path.is_file():
        return ""
    try:
        place = f"file:{quote(str(path.resolve()))}?mode=ro"
        with closing(sqlite3.connect(place, uri=True, timeout=1.0)) as store:
            return repr(store.execute("select max(id), max(noted_at) from failures").fetchone())
    except sqlite3.Error:
        return ""
