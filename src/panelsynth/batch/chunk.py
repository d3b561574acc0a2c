"""Chunk: what one worker of a cluster is asked to do, and what it sends back; no key is in any of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..errors import CallError, PanelsynthError
from ..model import Calls, Gate, OpenAIModel, Prices, Reply, Spend, find_endpoint
from ..persona import Persona
from ..prompting import ReviewTemplate
from ..request import Request, Rung
from ..verdict import Usage

Said = tuple[int, Reply | tuple[str, str]]
"""A request's place in the chunk, and its reply, or the cause and message of its failure."""


@dataclass(frozen=True)
class Job:
    """What all chunks of a run share; each worker reads the key from its own environment."""

    run: str
    """Names the run: a worker makes one client for it, and tells of each reply under this name."""
    model: str
    base_url: str
    key_env: str | None
    """Name of the environment variable that holds the key, where it is not the usual one."""
    deadline: float | None
    rung: Rung | None
    template: ReviewTemplate
    personas: dict[str, dict[str, object]]
    """Reviewers as their fields, by id: what is built from them is built on the worker."""


@dataclass(frozen=True)
class Share:
    """A worker's part of the limits; the parts add up to no more than the whole."""

    number: int
    places: int
    rpm: int | None


@dataclass
class Told:
    """How a chunk has ended."""

    said: list[Said] = field(default_factory=list)
    calls: int = 0
    input: int = 0
    output: int = 0
    fault: tuple[str, str, str, str] | None = None
    """What every further call would meet: kind, message, remedy and cause."""


@dataclass
class _Desk:
    """What a worker uses for all chunks of a run."""

    model: OpenAIModel
    gate: Gate
    personas: dict[str, Persona]
    chunks: set[asyncio.Task[object]] = field(default_factory=set)
    """Those under way."""


_DESKS: dict[tuple[str, Share], _Desk] = {}


@dataclass
class _Told:
    """Stands in for the store: what comes is sent to the driver, who alone writes."""

    places: dict[str, int]
    tell: Callable[[Said], object]
    said: list[Said] = field(default_factory=list)

    def find(self, key: str) -> list[Reply]:
        """Find nothing: the driver has looked."""
        return []

    async def keep(self, request: Request, reply: Reply) -> None:
        """Send a reply at once: a worker may be killed before its chunk is done."""
        self._send((self.places[request.key], reply))

    async def note_failure(self, request: Request, cause: str, message: str) -> None:
        """Send a failure."""
        self._send((self.places[request.key], (cause, message)))

    def _send(self, said: Said) -> None:
        self.said.append(said)
        self.tell(said)


async def ask_chunk(job: Job, share: Share, requests: Sequence[Request], tell: Callable[[Said], object]) -> Told:
    """Ask what a chunk holds, and send each reply as it comes."""
    spend = Spend()
    told = _Told({request.key: place for place, request in enumerate(requests)}, tell)
    ended = Told(told.said)
    try:
        desk = _desk(job, share)
        if task := asyncio.current_task():
            desk.chunks.add(task)
        spend.price = Prices(desk.model.endpoint)
        calls = Calls(desk.model, desk.gate, spend, job.template.again, told)
        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(_answer(calls, request, desk.personas[request.label.split("/")[1]]))
    except ExceptionGroup as faults:
        ended.fault = _fault(faults.exceptions[0])
    except PanelsynthError as exc:
        ended.fault = _fault(exc)
    finally:
        for each in _DESKS.values():
            each.chunks.discard(asyncio.current_task())
    ended.calls, ended.input, ended.output = spend.calls, spend.input, spend.output
    return ended


async def as_task(number: int, job: Job, share: Share, requests: Sequence[Request]) -> Told:
    """Ask a chunk as a task of Dask, in the worker's own event loop: all chunks share one client and one gate."""
    from distributed import get_worker

    worker = get_worker()

    def tell(said: Said) -> None:
        worker.log_event(job.run, {"number": number, "said": packed(said)})

    return await ask_chunk(job, share, requests, tell)


def packed(said: Said) -> str:
    """Write what was said as JSON: events carry plain values alone."""
    place, what = said
    if isinstance(what, tuple):
        return json.dumps([place, *what])
    return json.dumps([place, vars(what) | {"usage": what.usage and what.usage.model_dump()}])


def unpacked(text: str) -> Said:
    """Read what `packed` wrote."""
    place, what, *more = json.loads(text)
    if more:
        return place, (what, more[0])
    return place, Reply(**what | {"usage": what["usage"] and Usage(**what["usage"])})


async def let_go() -> None:
    """Stop what a worker does for a run: calls under way have a few seconds, and their replies are sent."""
    while _DESKS:
        _, desk = _DESKS.popitem()
        chunks = [*desk.chunks]
        for chunk in chunks:
            chunk.cancel()
        await asyncio.gather(*chunks, return_exceptions=True)
        await desk.model.aclose()


async def _answer(calls: Calls, request: Request, persona: Persona) -> None:
    try:
        await calls.answer(request, persona.answer_type)
    except CallError:
        return  # it has been told


def _desk(job: Job, share: Share) -> _Desk:
    at = job.run, share
    if at not in _DESKS:
        _DESKS.clear()  # an earlier run's
        endpoint = find_endpoint(job.model, base_url=job.base_url, key_env=job.key_env)
        model = OpenAIModel(endpoint=endpoint, rung=job.rung, deadline=job.deadline)
        personas = {name: Persona.model_validate(fields) for name, fields in job.personas.items()}
        _DESKS[at] = _Desk(model, Gate(share.places, share.rpm), personas)
    return _DESKS[at]


def _fault(exc: Exception) -> tuple[str, str, str, str]:
    if isinstance(exc, PanelsynthError):
        return type(exc).__name__, exc.message, exc.remedy, str(getattr(exc, "cause", ""))
    raise exc
