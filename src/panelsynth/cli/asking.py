"""What all commands share that ask a model: the options, and one run of reviews with progress and a recording."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from ..errors import InputError, PanelsynthError
from ..persona import Persona, find_personas
from ..prompting import ReviewTemplate, build_requests, prompt_version
from ..toolbox import read_tools

if TYPE_CHECKING:
    from ..model import OpenAIModel, RecordedModel, RecordingModel
    from ..panel import Panel
    from ..tool import Tool

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
    in_flight: int | None = None
    deadline: float | None = None
    replay: str | None = None
    record: str | None = None
    show_prompts: bool = False
    strict: bool = False
    quiet: bool = False

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
        return ReviewTemplate.read(self.personas if self.personas and Path(self.personas).is_dir() else None)

    def print_prompts(self) -> None:
        """Print everything that would be sent, and how long it is."""
        import json

        from ..model import count_tokens, split_preset

        personas = [persona for persona, _ in self.reviewers]
        name, _ = split_preset(self.model, self.base_url)
        sent: list[str] = []
        for tool, _ in self.tools:
            for request in build_requests(tool, personas, model=name, template=self.template):
                review = request.label.removesuffix("/0")
                for part, value in request.body().items():
                    if part != "messages":
                        click.echo(f"=== {review} {part}\n{json.dumps(value, ensure_ascii=False)}\n")
                for message in request.messages:
                    sent.append(message.content)
                    click.echo(f"=== {review} {message.role}\n{message.content}\n")
        tokens, exact = count_tokens(sent)
        kind = "" if exact else ", estimated as bytes / 4"
        click.echo(f"{len(sent) // 2} requests, {tokens:,} tokens of messages{kind}. Nothing was sent.", err=True)

    def review(self, on_panel: Callable[[Panel], None] = lambda _: None) -> list[Panel]:
        """Review the tools; hand each panel over as it finishes, and return all in the tools' order."""
        from .progress import Progress

        tools = [tool for tool, _ in self.tools]
        personas = [persona for persona, _ in self.reviewers]
        template, model = self.template, self._model
        progress = Progress(len(tools) * len(personas), quiet=self.quiet)
        done: dict[str, Panel] = {}

        async def run() -> None:
            from ..reviewing import stream

            panels = stream(
                tools, model=model, personas=personas, template=template, in_flight=self.in_flight, watch=progress.step
            )
            try:
                async for panel in panels:
                    done[panel.tool.id] = panel
                    on_panel(panel)
            finally:
                await panels.aclose()
                await model.aclose()

        with progress:
            asyncio.run(run())
        return [done[tool.id] for tool in tools]

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Write the recording, if one is asked for, after the block: its results are out before writing can fail."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(PanelsynthError):
                self._save()
            raise
        self._save()

    @functools.cached_property
    def _model(self) -> OpenAIModel | RecordedModel | RecordingModel:
        """Open the model: a recording, a server that is recorded, or a server."""
        from ..model import OpenAIModel, RecordedModel, RecordingModel, find_endpoint

        if self.replay:
            if self.record:
                raise InputError("--replay and --record do not go together", remedy="Leave one of them out.")
            return RecordedModel(self.replay)
        endpoint = find_endpoint(self.model, base_url=self.base_url, key_env=self.key_env, key_file=self.key_file)
        if self.record:
            return RecordingModel(endpoint, deadline=self.deadline)
        return OpenAIModel(endpoint=endpoint, deadline=self.deadline)

    def _save(self) -> None:
        recorder = self.__dict__.get("_model")  # absent when nothing was asked
        if not self.record or recorder is None or not (count := len(recorder.recording.exchanges)):
            return
        files = {tool.id: None if place.startswith("-") else place.split(".jsonl:")[0] for tool, place in self.tools}
        recorder.save(
            Path(self.record),
            tools=files,
            personas={persona.id: str(file) if file else None for persona, file in self.reviewers},
            prompt_version=prompt_version([self.template.system(persona) for persona, _ in self.reviewers]),
        )
        click.echo(f"recorded {count} exchanges in {self.record}", err=True)
        recorded = {exchange.label.rsplit("/", 2)[0] for exchange in recorder.recording.exchanges}
        wanted = [f"{tool.id}/{persona.id}" for tool, _ in self.tools for persona, _ in self.reviewers]
        if missing := [review for review in wanted if review not in recorded]:
            click.echo(f"not in it, so that a replay will stop there: {', '.join(missing)}", err=True)


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Asking`, handed over as its first argument."""

    @functools.wraps(command)
    def wrapped(**given: object) -> None:
        mine = {name: given.pop(name) for name in Asking.__dataclass_fields__}
        command(Asking(**mine), **given)  # type: ignore[arg-type]

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


_OPTIONS: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
    click.argument("sources", nargs=-1, required=True, metavar="TOOLS..."),
    click.option(
        "--model",
        "-m",
        envvar="PANELSYNTH_MODEL",
        metavar="NAME",
        help="Model to ask; ollama/NAME, lmstudio/NAME, llamacpp/NAME, vllm/NAME for a local server.",
    ),
    click.option(
        "--base-url",
        envvar="PANELSYNTH_BASE_URL",
        metavar="URL",
        help="Address of any OpenAI-compatible server, /v1 included.",
    ),
    click.option("--key-env", metavar="NAME", help="Environment variable that holds the key for that server."),
    click.option("--key-file", metavar="PATH", help="File that holds the key."),
    click.option(
        "--personas",
        envvar="PANELSYNTH_PERSONAS",
        metavar="IDS|DIR",
        help="Reviewers: ids, .md files or folders, with commas.",
    ),
    click.option(
        "--in-flight", type=click.IntRange(1, 1000), metavar="N", help="Calls at once: 16, or 4 to a local server."
    ),
    click.option(
        "--deadline",
        type=click.FloatRange(1, 86_400),
        metavar="S",
        help="Seconds one call may take: 180, or 600 to a local server.",
    ),
    click.option("--replay", metavar="FILE", help="Answer from a recording: no key, no network."),
    click.option("--record", metavar="FILE", help="Keep every exchange in FILE, without keys."),
    click.option("--show-prompts", is_flag=True, help="Print exactly what would be sent, and stop."),
    click.option("--strict", is_flag=True, help="Exit 1 when a review is missing or loudly flagged."),
    click.option("--quiet", "-q", is_flag=True, help="No progress on stderr."),
]
