"""Reviewing: tools and personas meet a model, all calls in flight together, and panels come out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from .errors import CallError, InputError, PanelsynthError
from .grounding import panel_flags
from .model import Calls, Gate, Model, OpenAIModel, RecordedModel, RecordingModel, Spend, Store
from .panel import Missing, Panel
from .persona import Persona, PersonaSelection, read_personas
from .prompting import ReviewTemplate, build_requests, prompt_version
from .request import Request
from .signing import Given, sign
from .tool import Tool
from .verdict import Verdict

IN_FLIGHT, LOCAL_IN_FLIGHT = 16, 4
"""Calls at once, to a far and to a local server."""

T = TypeVar("T")

Watcher: TypeAlias = Callable[[str, str, Verdict | Missing], None]
"""Called with tool id, persona id and outcome as each review ends."""


@dataclass(frozen=True)
class _Run:
    """What all reviews of one run share."""

    calls: Calls
    personas: Sequence[Persona]
    template: ReviewTemplate
    systems: dict[str, str]
    watch: Watcher | None
    wanted: Collection[tuple[str, str]] | None = None
    samples: int = 1

    async def panels(self, tools: Iterable[Tool], most: int) -> AsyncGenerator[Panel, None]:
        """Review tools, at most so many at once, and hand out each panel as it finishes."""
        waiting = iter(tools)
        tasks: set[asyncio.Task[Panel]] = set()
        try:
            while True:
                while len(tasks) < most and (tool := next(waiting, None)) is not None:
                    tasks.add(asyncio.create_task(self.panel(tool)))
                if not tasks:
                    return
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in sorted(done, key=lambda task: task.exception() is not None):
                    yield task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def panel(self, tool: Tool) -> Panel:
        """Ask all reviewers of one tool at once, or those of them that are wanted."""
        chosen = [p for p in self.personas if self.wanted is None or (tool.id, p.id) in self.wanted]
        requests = build_requests(
            tool, chosen, model=self.calls.model.name, template=self.template, systems=self.systems
        )
        outcomes = await _together(self.review(tool, *pair) for pair in zip(chosen, requests, strict=True))
        verdicts = tuple(o for o in outcomes if isinstance(o, Verdict))
        missing = tuple(o for o in outcomes if isinstance(o, Missing))
        return Panel(tool=tool, verdicts=verdicts, missing=missing, flags=panel_flags(tool, verdicts))

    async def review(self, tool: Tool, persona: Persona, request: Request) -> Verdict | Missing:
        """Ask one reviewer until it has voted or failed for good; a vote is never asked for twice."""
        asked = [request.sampled(number) for number in range(self.samples)]
        answers = await _together(self.sample(one, persona) for one in asked)
        outcome = sign(tool, persona, asked, answers, prompt_version([self.systems[persona.id]]))
        if isinstance(outcome, Missing) and outcome.state == "abstained" and self.calls.store:
            await self.calls.store.note_failure(request, outcome.cause, outcome.message)
        if self.watch:
            self.watch(tool.id, persona.id, outcome)
        return outcome

    async def sample(self, request: Request, persona: Persona) -> Given | CallError:
        """Ask for one answer of a reviewer; a fault of its own is its outcome."""
        try:
            return await self.calls.answer(request, persona.answer_type)
        except CallError as exc:
            return exc


async def _together(calls: Iterable[Coroutine[object, object, T]]) -> list[T]:
    """Run calls side by side; the first fatal fault cancels the others and comes out as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except ExceptionGroup as faults:
        fault = faults.exceptions[0]
        raise fault from fault.__cause__
    return [task.result() for task in tasks]


def _opened(model: str | Model | None, spend: Spend | None) -> Model:
    """Take a Model as it is, and open one for a name; with a limit of money, no call of it goes without a bound."""
    if model is None or isinstance(model, str):
        model = OpenAIModel(model)
    if isinstance(model, Model):
        if spend and spend.max_usd is not None and isinstance(model, OpenAIModel | RecordingModel):
            model.keep_limit()
        return model
    remedy = "Hand over a name, or an object with a name and an async ask(); OpenAIModel(client=...) wraps a client."
    raise InputError(f"{type(model).__name__} is no model", remedy=remedy)


def _check_places(in_flight: int | None, samples: int) -> None:
    if in_flight is not None and in_flight < 1:
        raise InputError(f"in_flight is {in_flight}", remedy="At least one call must be allowed at once.")
    if samples < 1:
        raise InputError(f"samples is {samples}", remedy="Each reviewer answers once at least.")


def _places(model: Model) -> int:
    return LOCAL_IN_FLIGHT if isinstance(model, OpenAIModel | RecordingModel) and model.endpoint.is_local else IN_FLIGHT


def _several(tools: Iterable[Tool]) -> Iterable[Tool]:
    """Refuse one tool in the place of several: it would be gone through field by field."""
    if isinstance(tools, Tool):
        raise InputError("a list of tools is wanted, not a tool", remedy="Put it in brackets: [tool].")
    return tools


async def stream(
    tools: Iterable[Tool],
    *,
    model: str | Model | None = None,
    personas: PersonaSelection = None,
    template: ReviewTemplate | None = None,
    samples: int = 1,
    in_flight: int | None = None,
    rpm: float | None = None,
    store: Store | None = None,
    refresh: bool = False,
    spend: Spend | None = None,
    watch: Watcher | None = None,
    wanted: Collection[tuple[str, str]] | None = None,
) -> AsyncGenerator[Panel, None]:
    """Review tools and hand out each panel as it finishes; cancelling it cancels its calls.

    Args:
        tools: any number of tools; they are taken as places in flight come free.
        model: a model's name, a preset such as `ollama/qwen3:8b`, or a `Model`; the default model when None.
        personas: the reviewers; the shipped four when None.
        template: the review template; the shipped one when None.
        samples: answers of each reviewer, of which the majority is its one vote; an odd number cannot tie.
        in_flight: calls at once; 16, or 4 on a loopback server, when None.
        rpm: calls that may begin in a minute; no limit when None.
        store: where paid replies are kept and looked up; nothing is kept when None.
        refresh: ask again for what the store holds.
        spend: limits of calls and money, and what the run came to.
        watch: called with tool id, persona id and outcome as each review ends.
        wanted: the reviews to ask for, by tool id and persona id, at least one of each tool; all when None.

    Raises:
        InputError: a persona, key or address is wrong; nothing was sent.
        BudgetError: another call might cross a limit.
        EndpointError: the endpoint refuses every call alike.
        RecordingError: the model is a recording that holds no reply to a request.
    """
    _check_places(in_flight, samples)
    asked, reviewers, template = _opened(model, spend), read_personas(personas), template or ReviewTemplate.read()
    places = in_flight or _places(asked)
    systems = {persona.id: template.system(persona) for persona in reviewers}
    store = None if isinstance(asked, RecordedModel) else store  # a replay must not enter it as a live reply
    calls = Calls(asked, Gate(places, rpm), spend or Spend(), template.again, store, refresh=refresh)
    run = _Run(calls, reviewers, template, systems, watch, wanted, samples)
    try:
        async with aclosing(run.panels(_several(tools), places)) as found:
            async for panel in found:
                yield panel
    finally:
        if asked is not model and isinstance(asked, OpenAIModel):
            await asked.aclose()


async def areview(
    tools: Iterable[Tool],
    *,
    model: str | Model | None = None,
    personas: PersonaSelection = None,
    template: ReviewTemplate | None = None,
    samples: int = 1,
    in_flight: int | None = None,
    rpm: float | None = None,
    store: Store | None = None,
    refresh: bool = False,
    spend: Spend | None = None,
    watch: Watcher | None = None,
) -> list[Panel]:
    """Review tools inside a running event loop: one panel per tool, in the order given; see `stream` for the arguments.

    Raises:
        PanelsynthError: as `stream`; a fatal error carries the panels finished so far in `.panels`.
    """
    wanted = list(_several(tools))
    order = {tool.id: place for place, tool in enumerate(wanted)}
    if len(order) < len(wanted):
        ids = [tool.id for tool in wanted]
        raise InputError(f"the tool {next(i for i in ids if ids.count(i) > 1)!r} is given twice", remedy="Keep one.")
    panels: list[Panel] = []
    found = stream(
        wanted,
        model=model,
        personas=personas,
        template=template,
        samples=samples,
        in_flight=in_flight,
        rpm=rpm,
        store=store,
        refresh=refresh,
        spend=spend,
        watch=watch,
    )
    try:
        async with aclosing(found):
            async for panel in found:
                panels.append(panel)  # noqa: PERF401 - what came before a fault must be kept
    except PanelsynthError as exc:
        exc.panels = panels
        raise
    return sorted(panels, key=lambda panel: order[panel.tool.id])


def review(
    tools: Iterable[Tool],
    *,
    model: str | Model | None = None,
    personas: PersonaSelection = None,
    template: ReviewTemplate | None = None,
    samples: int = 1,
    in_flight: int | None = None,
    rpm: float | None = None,
    store: Store | None = None,
    refresh: bool = False,
    spend: Spend | None = None,
    watch: Watcher | None = None,
) -> list[Panel]:
    """Review tools: one panel per tool, in the order given; see `stream` for the arguments.

    Raises:
        PanelsynthError: as `areview`; InputError inside a running event loop, where `await areview(...)` belongs.

    Example:
        >>> from panelsynth.testing import ScriptedModel
        >>> tool = Tool(id="acme", name="Acme", description="A linter for prose.")
        >>> [panel] = review([tool], model=ScriptedModel("ship ship skip ship"))
        >>> panel.tally.percent, panel.tally.text
        (75, '3 ship / 1 skip')
    """
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        raise InputError("review() was called inside a running event loop", remedy="Use 'await areview(...)' there.")

    async def run() -> list[Panel]:
        try:
            return await areview(
                tools,
                model=model,
                personas=personas,
                template=template,
                samples=samples,
                in_flight=in_flight,
                rpm=rpm,
                store=store,
                refresh=refresh,
                spend=spend,
                watch=watch,
            )
        finally:
            if isinstance(model, OpenAIModel | RecordedModel | RecordingModel):  # its client dies with this loop
                await model.aclose()

    return asyncio.run(run())
