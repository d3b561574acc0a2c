"""Store: paid replies in one SQLite file, committed before they are used, shared safely between processes."""

from __future__ import annotations

from pathlib import Path

from ..request import Request
from .protocol import Reply

DEFAULT_PATH = Path(".panelsynth/store.sqlite")


class Store:
    """Replies by the key of their request."""

    def __init__(self, path: str | Path = DEFAULT_PATH) -> None:
        self.path = Path(path)

    def find(self, key: str) -> list[Reply]:
        """Find the replies to a request, newest first."""
        raise NotImplementedError

    async def keep(self, request: Request, reply: Reply) -> None:
        """Commit a reply; authored ones are left out."""
        raise NotImplementedError

    async def note_failure(self, request: Request, cause: str, message: str) -> None:
        """Remember that a review failed, and of what: it never satisfies a resume."""
        raise NotImplementedError
