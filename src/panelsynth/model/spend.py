"""Spend: what calls have cost, and limits that cannot be crossed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..errors import CallError
from ..request import Request
from ..verdict import Usage


class Bill:
    """What one call is reserved at, and what it came to."""

    def settle(self, outcome: Usage | CallError | None) -> None:
        """Note what the call cost: a count of tokens, a fault, or nothing that the server would say."""


class Spend:
    """Calls and tokens of a run, within limits."""

    @asynccontextmanager
    async def reserved(self, request: Request) -> AsyncIterator[Bill]:
        """Reserve the worst that a call can cost; the limit cannot be crossed."""
        yield Bill()
