"""Gate: how many calls are under way at once, and how fast new ones begin, for all calls of one key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..errors import InputError


class Gate:
    """Let calls through, so many at once and so many a minute; a server's wish to wait holds back all of them.

    Args:
        places: calls under way at once.
        rpm: calls that may begin in a minute; no limit when None.
    """

    def __init__(self, places: int, rpm: float | None = None) -> None:
        if rpm is not None and not rpm >= 0:
            raise InputError(f"rpm is {rpm}", remedy="Name how many calls may begin in a minute.")
        self._places = asyncio.Semaphore(places)
        self._spacing = 60 / rpm if rpm else 0.0
        self._opens_at = 0.0
        self._next_slot = 0.0
        self._limited = 0

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Wait for a place and for the hour, then hold the place for the length of one call."""
        async with self._places:
            clock = asyncio.get_running_loop().time
            slot = max(clock(), self._next_slot)
            self._next_slot = slot + self._spacing
            while (wait := max(slot, self._opens_at) - clock()) > 0:  # noqa: ASYNC110 - the hour may move while we wait
                await asyncio.sleep(wait)
            yield

    def answered(self) -> None:
        """Note that the server took a call."""
        self._limited = 0

    def limited(self, wait: float) -> None:
        """Note that the server asked to wait: the second time in a row, all calls do."""
        self._limited += 1
        if self._limited > 1:
            self._opens_at = max(self._opens_at, asyncio.get_running_loop().time() + wait)
