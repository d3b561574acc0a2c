"""The options that `batch` commands share, and today's requests as they mean them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from ..model import DEFAULT_PATH, Endpoint, Store
from ..persona import Persona, read_personas
from ..preflight import to_ask
from ..prompting import ReviewTemplate, template_folder
from ..request import Request
from ..shard import Shard
from ..tool import Tool
from ..toolbox import stream_tools
from .asking import keyless

_OPTIONS: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
    click.option("--model", "-m", envvar="PANELSYNTH_MODEL", metavar="NAME", help="Model that will be asked."),
    click.option(
        "--base-url", envvar="PANELSYNTH_BASE_URL", metavar="URL", help="Address of its server: for prices alone."
    ),
    click.option(
        "--personas",
        envvar="PANELSYNTH_PERSONAS",
        metavar="IDS|DIR",
        help="Reviewers: ids, .md files or folders, with commas.",
    ),
    click.option("--samples", type=click.IntRange(1, 99), metavar="N", help="Ask each reviewer N times."),
    click.option(
        "--store", metavar="PATH", default=str(DEFAULT_PATH), help=f"File that keeps replies: {DEFAULT_PATH}."
    ),
]


@dataclass(frozen=True)
class Setting:
    """Whom a batch asks about what."""

    sources: tuple[str, ...]
    model: str | None
    base_url: str | None
    personas: str | None
    samples: int = 1
    shard: str | None = None

    @property
    def endpoint(self) -> Endpoint:
        """The server, without a key."""
        return keyless(self.model, self.base_url)

    @property
    def reviewers(self) -> Sequence[Persona]:
        """The personas."""
        return read_personas(self.personas)

    @property
    def tools(self) -> Iterator[Tool]:
        """The tools, one at a time."""
        return (tool for tool, _ in stream_tools(self.sources, None if self.shard is None else Shard.parse(self.shard)))

    def to_ask(self, store: Store | None, *, refresh: bool = False) -> Iterator[tuple[Request, str]]:
        """Go through the reviews, each with why it must be asked; none where the store holds it."""
        template = ReviewTemplate.read(template_folder(self.personas))
        model = self.endpoint.model
        return to_ask(
            self.tools,
            self.reviewers,
            model=model,
            template=template,
            store=store,
            refresh=refresh,
            samples=self.samples,
        )

    def requests(self) -> Iterator[tuple[Request, Persona]]:
        """Go through the reviews, each with its reviewer."""
        known = {persona.id: persona for persona in self.reviewers}
        return ((request, known[request.label.split("/")[1]]) for request, _ in self.to_ask(None))


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all of them have."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def open_where_there_is_one(path: str) -> Store | None:
    """Open a store to look things up; None where there is none."""
    return Store(path) if Path(path).exists() else None
