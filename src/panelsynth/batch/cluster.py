"""Cluster: chunks of reviews spread over Dask's workers; the driver alone writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from ..errors import EndpointError, InputError, PanelsynthError
from ..model import Reply
from ..request import Request
from .chunk import Job, Said, Share, Told, as_task, let_go, unpacked

if TYPE_CHECKING:
    from distributed import Client

CHUNK = 25
"""Tools of one task: one a task costs seven times as much."""

_AHEAD = 2

_PULSE = 0.5
"""Seconds between looks at who is still there."""

_PATIENCE = 60
"""Seconds without any worker after which a run ends."""

_LOSSES = 3
"""Workers that a chunk may lose before the run ends: it may be the chunk that ends them."""


def split(places: int, rpm: int | None, workers: int) -> list[Share]:
    """Split the limits among workers; the parts never add up to more than the whole, so some workers may get none.

    Example:
        >>> [(share.places, share.rpm) for share in split(16, 100, 3)]
        [(6, 33), (5, 33), (5, 33)]
    """
    able = min(workers, places, rpm or workers)
    return [
        Share(number, places // able + (number < places % able), rpm // able if rpm else None) for number in range(able)
    ]


async def workers_of(client: Client) -> set[str]:
    """Ask the scheduler which workers there are; the client's own list may be old."""
    scheduler: Any = client.scheduler
    identity: dict[str, Any] = await scheduler.identity(n_workers=-1)
    return set(identity["workers"])


@dataclass
class _Part:
    """A chunk on its way."""

    chunk: int
    requests: Sequence[Request]
    losses: int = 0
    taken: int = 0
    """How much of what the worker has said is in good hands."""
    writing: list[Awaitable[None]] = field(default_factory=list)
    number: int = -1
    """Names this sending of it: what a lost worker has sent late is not taken for another's."""
    worker: str = ""


@dataclass
class Driver:
    """Hand chunks to workers, keep what they send as it comes, and hand out anew what a lost worker leaves.

    Args:
        client: an asynchronous client of the cluster.
        job: what all chunks share.
        shares: the limits of each worker.
        keep: writes one reply or failure.
        missing: tells which of some requests are still to be asked.
        ended: called with the requests of each chunk as it ends, and how it went.
    """

    client: Client
    job: Job
    shares: list[Share]
    keep: Callable[[Request, Reply | tuple[str, str]], Awaitable[None]]
    missing: Callable[[Sequence[Request]], list[Request]]
    ended: Callable[[int, Told], Awaitable[None]]
    lost: int = 0
    """Workers that went away while they had something to do."""
    _sent: int = 0
    _under_way: dict[int, _Part] = field(default_factory=dict)
    _places: dict[str, Share] = field(default_factory=dict)
    _tasks: dict[asyncio.Task[Told], _Part] = field(default_factory=dict)

    async def run(self, chunks: Iterator[Sequence[Request]]) -> None:
        """Have all chunks asked.

        Raises:
            PanelsynthError: a worker met what every further call would meet, or the workers are gone.
        """
        waiting, numbers, alone = list[_Part](), count(), 0.0
        subscribe: Callable[..., None] = self.client.subscribe_topic
        subscribe(self.job.run, self._hear)
        try:
            while True:
                if self._look(await workers_of(self.client), waiting):
                    await asyncio.sleep(_PULSE)  # what a lost worker has sent last may still be on its way
                    await asyncio.gather(*(one for part in waiting for one in part.writing))
                while (worker := self._free()) and (part := _next(waiting, chunks, numbers)):
                    self._send(part, worker)
                if not self._tasks and not waiting and self._places:
                    return
                alone = 0.0 if self._places else alone + _PULSE
                if alone > _PATIENCE:
                    remedy = "Start workers, and repeat the command: what is finished is kept."
                    raise EndpointError("the cluster has no workers", cause="unreachable", remedy=remedy)
                await self._wait()
        finally:
            await asyncio.gather(self.client.run(let_go, on_error="ignore"), return_exceptions=True)
            await asyncio.sleep(_PULSE if self._tasks else 0)  # what they have sent last may still be on its way
            for task, part in self._tasks.items():
                task.cancel()
                await asyncio.gather(task, *part.writing, return_exceptions=True)
            unsubscribe: Callable[..., None] = self.client.unsubscribe_topic
            unsubscribe(self.job.run)

    def _look(self, there: set[str], waiting: list[_Part]) -> bool:
        """Take note of who has come and gone; tell whether anything is left of somebody."""
        for gone in self._places.keys() - there:
            del self._places[gone]
        for task, part in [*self._tasks.items()]:
            if part.worker not in there and not task.done():
                task.cancel()
                del self._tasks[task]
                self._give_back(part, waiting)
        free = [share for share in self.shares if share not in self._places.values()]
        self._places.update(zip(sorted(there - self._places.keys()), free, strict=False))
        return bool(waiting)

    def _give_back(self, part: _Part, waiting: list[_Part]) -> None:
        """Put what a lost worker has left back in line."""
        self.lost += 1
        if part.losses + 1 == _LOSSES:
            remedy = "Look into the workers' own logs; what is finished is kept."
            raise EndpointError(f"{_LOSSES} workers were lost over one chunk", cause="unreachable", remedy=remedy)
        waiting.append(_Part(part.chunk, part.requests, part.losses + 1, writing=part.writing))

    def _free(self) -> str | None:
        """Name a worker that has room: a second chunk fills the gaps of one that ends."""
        busy = Counter(part.worker for part in self._tasks.values())
        return next((worker for worker in self._places if busy[worker] < _AHEAD), None)

    def _send(self, part: _Part, worker: str) -> None:
        share = self._places[worker]
        if part.losses:
            part.requests = self.missing(part.requests)
        self._sent += 1
        part.number, part.worker = self._sent, worker
        self._under_way[part.number] = part
        self._tasks[asyncio.ensure_future(self._ask(part, share))] = part

    async def _ask(self, part: _Part, share: Share) -> Told:
        # Tied to its worker: the scheduler itself would ask the whole chunk again elsewhere.
        future: Any = self.client.submit(
            as_task, part.number, self.job, share, part.requests,
            workers=[part.worker], allow_other_workers=False, pure=False,
        )  # fmt: skip
        try:
            told: Told = await future
        except asyncio.CancelledError:
            await asyncio.gather(future.cancel(), return_exceptions=True)
            raise
        return told

    async def _wait(self) -> None:
        """Wait for a chunk to end, or for the next look."""
        if not self._tasks:
            await asyncio.sleep(_PULSE)
            return
        done, _ = await asyncio.wait(self._tasks, timeout=_PULSE, return_when="FIRST_COMPLETED")
        for task in done:
            part = self._tasks.pop(task)
            told = task.result()
            for said in told.said[part.taken :]:
                self._take(part, said)
            del self._under_way[part.number]
            await asyncio.gather(*part.writing)
            await self.ended(part.chunk, told)
            if told.fault:
                raise _fault(*told.fault)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take what a worker says; events of one chunk come in the order of its list."""
        _, said = event
        if part := self._under_way.get(said["number"]):
            self._take(part, unpacked(said["said"]))

    def _take(self, part: _Part, said: Said) -> None:
        part.taken += 1
        place, what = said
        part.writing.append(asyncio.ensure_future(self.keep(part.requests[place], what)))


def _next(waiting: list[_Part], chunks: Iterator[Sequence[Request]], numbers: Iterator[int]) -> _Part | None:
    if waiting:
        return waiting.pop()
    requests = next(chunks, None)
    return _Part(next(numbers), requests) if requests is not None else None


def _fault(kind: str, message: str, remedy: str, cause: str) -> PanelsynthError:
    if kind == "EndpointError":
        return EndpointError(message, cause=cause, remedy=remedy)
    return InputError(f"on a worker: {message}", remedy=remedy)
