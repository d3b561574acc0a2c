"""Model: the one method through which panelsynth asks anything of the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..request import Request
from ..verdict import Source, Usage


@dataclass(frozen=True)
class Reply:
    """What came back for one request, unread."""

    text: str
    """The content of the answer; it should hold one JSON object."""
    answered_by: str
    """The model that says it has answered."""
    answered_at: str
    """UTC, `2026-11-23T10:00:00Z`."""
    source: Source = "live"
    """Where the reply was born."""
    usage: Usage | None = None
    """Tokens, when the endpoint counted them."""
    cost_usd: float | None = None
    """What it cost on the day it was paid for; None where the price is unknown."""


@runtime_checkable
class Model(Protocol):
    """Anything that answers requests: implement this to bring a client of your own."""

    name: str
    """The model's name, for requests whose persona names none."""

    async def ask(self, request: Request) -> Reply:
        """Answer one request; called many times at once.

        Raises:
            CallError: this call brought nothing usable; others may go on.
            EndpointError: every further call would be refused alike.
        """
        ...


class Keeper(Protocol):
    """Where replies are looked up and kept; a store, or what stands in for one on another machine."""

    def find(self, key: str) -> list[Reply]:
        """Find the replies to a request, newest first."""
        ...

    async def keep(self, request: Request, reply: Reply) -> None:
        """Keep a reply that was paid for."""
        ...

    async def note_failure(self, request: Request, cause: str, message: str) -> None:
        """Remember that a review failed, and of what."""
        ...
