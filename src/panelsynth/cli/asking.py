"""What all commands share that ask a model: the options, and one run of reviews with progress and a recording."""

from __future__ import annotations

import contextlib
import functools
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from ..errors import InputError, PanelsynthError
from ..persona import Persona, find_personas
from ..prompting import ReviewTemplate, build_requests, template_folder
from ..request import Request, Rung
from ..toolbox import read_tools
from ..writing import check_folder
from .options import OPTIONS
from .output import tell_rest

if TYPE_CHECKING:
    from ..model import Endpoint, OpenAIModel, RecordedModel, RecordingModel, Spend, Store
    from ..panel import Missing, Panel
    from ..tool import Tool
    from ..verdict import Verdict
    from .progress import Progress

P = ParamSpec("P")

_STOPPING = "stopping: a few seconds for the calls under way, whose replies are kept; Ctrl-C again stops at once"


@dataclass(frozen=True)
class Asking:
    """The options of a command that asks a model."""

    sources: tuple[str, ...]
    model: str | None = None
    base_url: str | None = None
    key_env: str | None = None
    key_file: str | None = None
    personas: str | None = None
    in_flight: int | None = None
    deadline: float | None = None
    replay: str | None = None
    record: str | None = None
    store: str | None = None
    no_store: bool = False
    refresh: bool = False
    rpm: int | None = None
    max_calls: int | None = None
    max_usd: float | None = None
    dry_run: bool = False
    rung: Rung | None = None
    show_prompts: bool = False
    strict: bool = False
    quiet: bool = False
    verbose: int = 0

    @functools.cached_property
    def tools(self) -> list[tuple[Tool, str]]:
        """The tools, each with its place."""
        return read_tools(self.sources)

    @functools.cached_property
    def reviewers(self) -> list[tuple[Persona, Path | None]]:
        """The personas, each with its file."""
        return find_personas(self.personas)

    @functools.cached_property
    def template(self) -> ReviewTemplate:
        """The review template: the one in the personas' folder, or the shipped one."""
        return ReviewTemplate.read(template_folder(self.personas))

    @property
    def wanted(self) -> Collection[tuple[str, str]] | None:
        """The reviews to ask for, by tool id and persona id; all of them when None."""
        return None

    def ended(self, tool: str, persona: str, outcome: Verdict | Missing) -> None:
        """Hear of each review as it ends; here its panel is enough."""

    def print_prompts(self) -> None:
        """Print everything that would be sent, and how long it is."""
        from ..model import split_preset
        from .prompts import print_requests

        personas = [persona for persona, _ in self.reviewers]
        name, _ = split_preset(self.model, self.base_url)
        tools = (tool for tool, _ in self.tools)
        print_requests(r for tool in tools for r in build_requests(tool, personas, model=name, template=self.template))

    def print_bill(self) -> None:
        """Print what a run would ask, why, and what it would cost; nobody is asked, and no key is needed."""
        from ..model import Prices, Store
        from ..preflight import foresee
        from .bill import foreseen, too_tight

        if self.replay:
            raise InputError("--dry-run and --replay do not go together", remedy="A replay costs nothing.")
        endpoint = keyless(self.model, self.base_url)
        price, path = Prices(endpoint), self._store_path
        with Store(path) if path and path.exists() else contextlib.nullcontext() as store:
            found = foresee(self._to_ask(endpoint.model, store), price)
        click.echo(foreseen(found, model=endpoint.model, place=str(path or "none is used"), price=price))
        for line in too_tight(found, max_calls=self.max_calls, max_usd=self.max_usd):
            click.echo(line)

    def review(self, on_panel: Callable[[Panel], None] = lambda _: None, *, into: Path | None = None) -> list[Panel]:
        """Review the tools; hand each panel over as it finishes, and return all in the tools' order.

        Args:
            on_panel: called with each panel.
            into: the folder that will be written to; tried before anything is paid for.
        """
        from ..model import Store
        from .interrupts import Interrupted, run_until_signal
        from .progress import Progress, log_to_stderr

        log_to_stderr(self.verbose)
        progress = Progress(len(self._reviews), quiet=self.quiet)
        model, spend = self._model, self._spend
        for folder in (into, Path(self.record).parent if self.record else None):
            if folder:
                check_folder(folder)
        done: dict[str, Panel] = {}

        def finish(panel: Panel) -> None:
            done[panel.tool.id] = panel
            on_panel(panel)

        with Store(self._store_path) if self._store_path else contextlib.nullcontext() as store:
            self._tell_held(model.name, store)
            try:
                with progress:
                    run_until_signal(
                        self._run(store, progress, finish), lambda: progress.say(_STOPPING) if store else None
                    )
            except Interrupted as exc:
                click.echo(f"panelsynth: interrupted: {self._goes_on(model.name, store, progress)}", err=True)
                raise SystemExit(exc.exit_code) from None
            finally:
                self._tell_cost(spend, model.name)
        return [done[tool.id] for tool, _ in self.tools]

    async def _run(self, store: Store | None, progress: Progress, on_panel: Callable[[Panel], None]) -> None:
        from ..reviewing import stream

        def watch(tool: str, persona: str, outcome: Verdict | Missing) -> None:
            self.ended(tool, persona, outcome)
            progress.step(tool, persona, outcome)

        panels = stream(
            [tool for tool, _ in self.tools],
            model=self._model,
            personas=[persona for persona, _ in self.reviewers],
            template=self.template,
            in_flight=self.in_flight,
            rpm=self.rpm,
            store=store,
            refresh=self._passes_over,
            spend=self._spend,
            watch=watch,
            wanted=self.wanted,
        )
        try:
            async for panel in panels:
                on_panel(panel)
        finally:
            await panels.aclose()
            await self._model.aclose()

    def _to_ask(self, model: str, store: Store | None) -> Iterator[tuple[Request, str]]:
        from ..preflight import to_ask

        tools = [tool for tool, _ in self.tools]
        personas = [persona for persona, _ in self.reviewers]
        return to_ask(tools, personas, model=model, template=self.template, store=store, refresh=self._passes_over)

    def _tell_held(self, model: str, store: Store | None) -> None:
        """Say what the store holds, and why the rest is asked for."""
        from .bill import held

        if store and not self.quiet and not self._passes_over and not store.is_empty:
            reasons = [reason for _, reason in self._to_ask(model, store)]
            click.echo(held(Counter(filter(None, reasons)), len(reasons)), err=True)

    def _goes_on(self, model: str, store: Store | None, progress: Progress) -> str:
        """Say how far an interrupted run has come, and what the same command would do."""
        done = f"{progress.done} of {progress.total} reviews are done"
        if self.wanted is not None:
            return f"{done}; the same command goes on from there"
        if store is None:
            return f"{done}; without a store nothing is kept"
        if self._passes_over:
            return f"{done}; {'--record' if self.record else '--refresh'} asks for all of them again"
        held = sum(not reason for _, reason in self._to_ask(model, store))
        return f"{held} of {progress.total} reviews are in the store; the same command goes on from there"

    def _tell_cost(self, spend: Spend, model: str) -> None:
        """Say what the server would not take, and what the run has cost."""
        from .bill import came_to

        if not self.quiet and not self.replay:
            for line in (*self._model.notices, came_to(spend, model)):
                click.echo(line, err=True)

    def tell_rest(self, panels: Sequence[Panel]) -> None:
        """Say what a run has left to do."""
        if not self.quiet:
            tell_rest(panels, is_kept=bool(self._store_path) and not self._passes_over)

    @property
    def _reviews(self) -> list[str]:
        """The reviews of the run, as `tool/persona`."""
        pairs = [(tool.id, persona.id) for tool, _ in self.tools for persona, _ in self.reviewers]
        return ["/".join(pair) for pair in pairs if self.wanted is None or pair in self.wanted]

    @property
    def _own_template(self) -> str | None:
        """The review template's file, where it is not the shipped one."""
        return self.template.source if template_folder(self.personas) else None

    @property
    def _passes_over(self) -> bool:
        """Whether the store's replies are passed over: a recording should hold every exchange."""
        return self.refresh or bool(self.record)

    @property
    def _store_path(self) -> Path | None:
        from ..model import DEFAULT_PATH

        if self.store and (self.no_store or self.replay):
            other = "--no-store" if self.no_store else "--replay"
            raise InputError(f"--store and {other} do not go together", remedy="Leave one of them out.")
        return None if self.no_store or self.replay else Path(self.store or DEFAULT_PATH)

    @functools.cached_property
    def _spend(self) -> Spend:
        """Open the purse; a limit of money needs prices for every model that will be asked."""
        from ..model import Prices, Spend

        if self.replay:
            return Spend()
        spend = Spend(self.max_calls, self.max_usd, Prices(self._endpoint))
        spend.require_prices({persona.model or self._endpoint.model for persona, _ in self.reviewers})
        return spend

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Write the recording, if one is asked for, after the block: its results are out before writing can fail."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(PanelsynthError):
                self._save(".partial")  # a whole recording that stands there is worth more
            raise
        self._save()

    @functools.cached_property
    def _endpoint(self) -> Endpoint:
        from ..model import find_endpoint

        try:
            return find_endpoint(self.model, base_url=self.base_url, key_env=self.key_env, key_file=self.key_file)
        except InputError:  # no key is needed where the store answers everything, as after a batch
            if self.key_env or self.key_file or not self._is_answered:
                raise
            return keyless(self.model, self.base_url)

    @property
    def _is_answered(self) -> bool:
        """Whether the store holds every review."""
        from ..model import Store

        path = self._store_path
        if self._passes_over or path is None or not path.exists():
            return False
        with Store(path) as store:
            return not any(reason for _, reason in self._to_ask(keyless(self.model, self.base_url).model, store))

    @functools.cached_property
    def _model(self) -> OpenAIModel | RecordedModel | RecordingModel:
        """Open the model: a recording, a server that is recorded, or a server."""
        from ..model import OpenAIModel, RecordedModel, RecordingModel

        if self.replay:
            if self.record:
                raise InputError("--replay and --record do not go together", remedy="Leave one of them out.")
            return RecordedModel(self.replay)
        kind = RecordingModel if self.record else OpenAIModel
        bounded = self.max_usd is not None
        return kind(endpoint=self._endpoint, rung=self.rung, keeps_limit=bounded, deadline=self.deadline)

    def _save(self, suffix: str = "") -> None:
        from ..model import RecordingModel
        from .recording import save_recording

        recorder = self.__dict__.get("_model")  # absent when nothing was asked
        if self.record and isinstance(recorder, RecordingModel) and recorder.recording.exchanges:
            save_recording(
                recorder,
                Path(self.record + suffix),
                tools=self.tools,
                reviewers=self.reviewers,
                template=self.template,
                own_template=self._own_template,
                reviews=self._reviews,
            )


def keyless(model: str | None, base_url: str | None) -> Endpoint:
    """Find the server and the model's name where nothing will be sent: no key is needed."""
    from ..model import find_endpoint

    stand_in = {**os.environ, "PANELSYNTH_NO_KEY": "none"}
    return find_endpoint(model, base_url=base_url, key_env="PANELSYNTH_NO_KEY", environ=stand_in)


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Asking`, handed over as its first argument; its TOOLS are declared beside it."""

    @functools.wraps(command)
    def wrapped(**given: object) -> None:
        mine = {name: given.pop(name) for name in Asking.__dataclass_fields__}
        command(Asking(**mine), **given)  # type: ignore[arg-type]

    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped
