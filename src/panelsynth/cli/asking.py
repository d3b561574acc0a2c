"""What all commands share that ask a model: their options, and what these name."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from ..errors import InputError
from ..persona import Persona, find_personas
from ..prompting import ReviewTemplate, build_requests, template_folder
from ..request import Request, Rung
from ..shard import Shard
from ..toolbox import Toolbox
from .options import OPTIONS

if TYPE_CHECKING:
    from ..model import Endpoint, OpenAIModel, RecordedModel, RecordingModel, Spend, Store
    from ..panel import Missing
    from ..tool import Tool
    from ..verdict import Verdict

P = ParamSpec("P")


@dataclass(frozen=True)
class Asking:
    """The options of a command that asks a model."""

    sources: tuple[str, ...]
    model: str | None = None
    base_url: str | None = None
    key_env: str | None = None
    key_file: str | None = None
    personas: str | None = None
    samples: int | None = None
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
    shard: str | None = None
    dry_run: bool = False
    rung: Rung | None = None
    show_prompts: bool = False
    strict: bool = False
    quiet: bool = False
    verbose: int = 0

    @functools.cached_property
    def part(self) -> Shard | None:
        """The part of the tools that this machine sees to; all of them when None."""
        return Shard.parse(self.shard) if self.shard is not None else None

    @functools.cached_property
    def tools(self) -> Toolbox | list[tuple[Tool, str]]:
        """The tools, each with its place."""
        return Toolbox(self.sources, self.part)

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

    @property
    def answers_each(self) -> int:
        """Answers of each reviewer: as many as asked for, as recorded, or one."""
        from ..model import RecordedModel

        recorded = self.opened.about.samples if self.replay and isinstance(self.opened, RecordedModel) else 1
        return self.samples or recorded

    @property
    def tells_held(self) -> bool:
        """Whether a run begins by saying what the store holds."""
        return True

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
        price, path = Prices(endpoint), self.store_path
        with Store(path) if path and path.exists() else contextlib.nullcontext() as store:
            found = foresee(self.to_ask(endpoint.model, store), price)
        click.echo(foreseen(found, model=endpoint.model, place=str(path or "none is used"), price=price))
        for line in too_tight(found, max_calls=self.max_calls, max_usd=self.max_usd):
            click.echo(line)

    def to_ask(self, model: str, store: Store | None) -> Iterator[tuple[Request, str]]:
        """Go through the reviews, each with why it must be asked; an empty reason where the store holds it."""
        from ..preflight import to_ask

        tools = (tool for tool, _ in self.tools)
        personas = [persona for persona, _ in self.reviewers]
        return to_ask(
            tools,
            personas,
            model=model,
            template=self.template,
            store=store,
            refresh=self.passes_over,
            samples=self.answers_each,
        )

    @property
    def reviews(self) -> Iterator[str]:
        """The reviews of the run, as `tool/persona`."""
        pairs = ((tool.id, persona.id) for tool, _ in self.tools for persona, _ in self.reviewers)
        return ("/".join(pair) for pair in pairs if self.wanted is None or pair in self.wanted)

    @property
    def count(self) -> int:
        """How many reviews there are."""
        return len(self.tools) * len(self.reviewers) if self.wanted is None else sum(1 for _ in self.reviews)

    @property
    def own_template(self) -> str | None:
        """The review template's file, where it is not the shipped one."""
        return self.template.source if template_folder(self.personas) else None

    @property
    def passes_over(self) -> bool:
        """Whether the store's replies are passed over: a recording should hold every exchange."""
        return self.refresh or bool(self.record)

    @property
    def store_path(self) -> Path | None:
        """The file that keeps paid replies, if any."""
        from ..model import DEFAULT_PATH

        if self.store and (self.no_store or self.replay):
            other = "--no-store" if self.no_store else "--replay"
            raise InputError(f"--store and {other} do not go together", remedy="Leave one of them out.")
        return None if self.no_store or self.replay else Path(self.store or DEFAULT_PATH)

    @functools.cached_property
    def spend(self) -> Spend:
        """The purse; a limit of money needs prices for every model that will be asked."""
        from ..model import Prices, Spend

        if self.replay:
            return Spend()
        spend = Spend(self.max_calls, self.max_usd, Prices(self.endpoint))
        spend.require_prices({persona.model or self.endpoint.model for persona, _ in self.reviewers})
        return spend

    @functools.cached_property
    def endpoint(self) -> Endpoint:
        """The server, its model and key."""
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

        path = self.store_path
        if self.passes_over or path is None or not path.exists():
            return False
        with Store(path) as store:
            return not any(reason for _, reason in self.to_ask(keyless(self.model, self.base_url).model, store))

    @functools.cached_property
    def opened(self) -> OpenAIModel | RecordedModel | RecordingModel:
        """The model: a recording, a server that is recorded, or a server."""
        from ..model import OpenAIModel, RecordedModel, RecordingModel

        if self.replay:
            if self.record:
                raise InputError("--replay and --record do not go together", remedy="Leave one of them out.")
            return RecordedModel(self.replay)
        kind = RecordingModel if self.record else OpenAIModel
        bounded = self.max_usd is not None
        return kind(endpoint=self.endpoint, rung=self.rung, keeps_limit=bounded, deadline=self.deadline)


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
