"""`batch run`: reviews spread over a Dask cluster, one of one's own or a local one."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import click

from ..errors import EndpointError, InputError
from .asking import Asking, asks, keyless
from .options import TOOLS
from .review import review_into
from .run import Run

if TYPE_CHECKING:
    from distributed import Client

    from ..batch.chunk import Job, Told
    from ..model import Endpoint, Reply, Store
    from ..panel import Panel
    from ..request import Request
    from ..tool import Tool
    from .progress import Progress

_UNFIT = ("replay", "record", "no_store", "refresh", "key_file", "max_calls", "max_usd")
"""Options that a cluster cannot keep to."""


@click.command(short_help="Spread reviews over a Dask cluster.")
@TOOLS
@asks
@click.option("--scheduler", metavar="ADDRESS", help="The cluster's scheduler, such as tcp://10.0.0.5:8786.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Start N workers on this machine instead.")
@click.option("--output", "-o", metavar="DIR|FILE.jsonl", help="As for 'review'; else the view.")
def run(asking: Asking, scheduler: str | None, workers: int | None, output: str | None) -> None:
    """Review TOOLS on a Dask cluster; this program alone writes the store and the output.

    Needs 'pip install panelsynth[dask]' here and on the workers. A worker reads the server's key from its own
    environment, from OPENAI_API_KEY or what --key-env names; no key is sent to it. --in-flight and --rpm are limits of
    the whole run, split among the workers. A lost worker's share is handed out anew; the same command goes on after a
    stop, and asks only what is missing.

    \b
      panelsynth batch run tools.jsonl --workers 2 --in-flight 64 -o panels.jsonl
      panelsynth batch run tools.jsonl --scheduler tcp://10.0.0.5:8786 --key-env TEAM_KEY -o panels.jsonl
    """
    if unfit := [name for name in _UNFIT if getattr(asking, name) not in {None, False}]:
        option = "--" + unfit[0].replace("_", "-")
        raise InputError(f"{option} does not go with 'batch run'", remedy="Use it with 'panelsynth review'.")
    if (scheduler is None) == (workers is None):
        raise InputError("which cluster?", remedy="Name --scheduler ADDRESS, or --workers N to start workers here.")
    _require_dask()
    if workers is not None:
        _ = asking.endpoint  # the workers will find what is found here: a missing key is told at once
    given = {name: getattr(asking, name) for name in Asking.__dataclass_fields__}
    review_into(ClusterRun(_Keyless(**given), scheduler, workers or 0), output)


class _Keyless(Asking):
    """Options of a run in which this program asks nobody itself."""

    @functools.cached_property
    def endpoint(self) -> Endpoint:
        """The server, without its key."""
        return keyless(self.model, self.base_url)


@dataclass
class _Chunk:
    """Tools that are asked about together, each with its place and its requests."""

    tools: list[tuple[int, Tool, list[Request]]] = field(default_factory=list)


class ClusterRun(Run):
    """Reviews that are asked for by the workers of a cluster.

    Args:
        asking: the options.
        scheduler: the cluster's address; a local one is started when None.
        workers: of the local one.
    """

    def __init__(self, asking: Asking, scheduler: str | None, workers: int) -> None:
        super().__init__(asking)
        self._scheduler, self._workers = scheduler, workers
        self._under_way: dict[int, _Chunk] = {}
        self._personas = [persona for persona, _ in asking.reviewers]
        self._systems = {persona.id: asking.template.system(persona) for persona in self._personas}

    async def _stream(  # noqa: C901 - four small functions over what they share
        self, store: Store | None, progress: Progress, on_panel: Callable[[int, Panel], None]
    ) -> None:
        from ..batch.cluster import Driver, split, workers_of
        from ..batch.held import held_panel, outcomes
        from ..preflight import is_held
        from ..reviewing import IN_FLIGHT, LOCAL_IN_FLIGHT

        assert store is not None  # noqa: S101 - --no-store is refused
        known = {persona.id: persona for persona in self._personas}
        asking, spend = self.asking, self.asking.spend

        def missing(requests: Sequence[Request]) -> list[Request]:
            return [one for one in requests if not is_held(store, one, known[one.label.split("/")[1]])]

        def hand_over(chunk: _Chunk) -> None:
            for place, tool, requests in chunk.tools:
                panel = held_panel(tool, self._personas, requests, self._systems, store)
                for outcome in outcomes(panel):
                    progress.step(tool.id, outcome.reviewer, outcome)
                on_panel(place, panel)

        async def keep(request: Request, said: Reply | tuple[str, str]) -> None:
            if isinstance(said, tuple):
                await store.note_failure(request, *said)
            else:
                await store.keep(request, said)
                spend.take_in(request.model, said.usage)
                spend.calls += 1

        async def ended(number: int, told: Told) -> None:
            spend.calls += told.calls - sum(not isinstance(what, tuple) for _, what in told.said)
            hand_over(self._under_way.pop(number))

        def chunks() -> Iterator[Sequence[Request]]:
            number = 0
            for chunk in self._chunks():
                requests = missing([one for _, _, some in chunk.tools for one in some])
                if not requests:
                    hand_over(chunk)
                    continue
                self._under_way[number] = chunk
                number += 1
                yield requests

        async with AsyncExitStack() as stack:
            client = await self._client(stack)
            there = max(self._workers, len(await workers_of(client)), 1)
            places = asking.in_flight or (LOCAL_IN_FLIGHT if asking.endpoint.is_local else IN_FLIGHT)
            await Driver(client, self._job(), split(places, asking.rpm, there), keep, missing, ended).run(chunks())

    def _chunks(self) -> Iterator[_Chunk]:
        from ..batch.cluster import CHUNK

        asking = self.asking
        tools = enumerate(tool for tool, _ in asking.tools)
        while part := list(islice(tools, CHUNK)):
            yield _Chunk([(place, tool, self._requests(tool)) for place, tool in part])

    def _requests(self, tool: Tool) -> list[Request]:
        """Build what is asked about one tool, every sample of it."""
        from ..prompting import build_requests

        asking = self.asking
        firsts = build_requests(
            tool, self._personas, model=asking.endpoint.model, template=asking.template, systems=self._systems
        )
        return [first.sampled(number) for first in firsts for number in range(asking.answers_each)]

    def _job(self) -> Job:
        from ..batch.chunk import Job

        asking = self.asking
        return Job(
            run=f"panelsynth-{secrets.token_hex(8)}",
            model=asking.endpoint.model,
            base_url=asking.endpoint.base_url,
            key_env=asking.key_env,
            deadline=asking.deadline,
            rung=asking.rung,
            template=asking.template,
            personas={persona.id: persona.model_dump() for persona in self._personas},
        )

    async def _client(self, stack: AsyncExitStack) -> Client:
        from distributed import Client, LocalCluster

        connect: Callable[..., AbstractAsyncContextManager[Client]] = Client
        start: Callable[..., AbstractAsyncContextManager[object]] = LocalCluster
        try:
            if self._scheduler:
                return await stack.enter_async_context(connect(self._scheduler, asynchronous=True, timeout=20))
            cluster = start(
                n_workers=self._workers, threads_per_worker=2, processes=True, host="127.0.0.1",
                dashboard_address=None, asynchronous=True, silence_logs=50,
            )  # fmt: skip
            return await stack.enter_async_context(connect(await stack.enter_async_context(cluster), asynchronous=True))
        except (OSError, ValueError) as exc:  # a timeout is an OSError, too
            place = self._scheduler or "the local cluster"
            remedy = "Is the scheduler running, and the address right, such as tcp://10.0.0.5:8786?"
            raise EndpointError(f"{place}: cannot be reached: {exc}", cause="unreachable", remedy=remedy) from exc


def _require_dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        remedy = "Install it: pip install 'panelsynth[dask]'."
        raise InputError("'batch run' needs Dask, which is not installed", remedy=remedy) from None
