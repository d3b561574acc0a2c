"""A recording written after a run: where it is, and what of the run is not in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..prompting import ReviewTemplate, prompt_version

if TYPE_CHECKING:
    from ..model import RecordingModel
    from ..persona import Persona
    from ..tool import Tool


def save_recording(
    recorder: RecordingModel,
    path: Path,
    *,
    tools: Iterable[tuple[Tool, str]],
    reviewers: Sequence[tuple[Persona, Path | None]],
    template: ReviewTemplate,
    own_template: str | None,
    reviews: Iterable[str],
) -> None:
    """Write what was recorded, with the files that it depends on, and say which reviews a replay would miss."""
    recorder.save(
        path,
        tools={tool.id: None if place.startswith("-") else _file_of(place) for tool, place in tools},
        personas={persona.id: str(file) if file else None for persona, file in reviewers},
        template=own_template,
        prompt_version=prompt_version([template.system(persona) for persona, _ in reviewers]),
    )
    click.echo(f"recorded {len(recorder.recording.exchanges)} exchanges in {path}", err=True)
    recorded = {exchange.label.rsplit("/", 2)[0] for exchange in recorder.recording.exchanges}
    if missing := [review for review in reviews if review not in recorded]:
        click.echo(f"not in it, so that a replay will stop there: {', '.join(missing)}", err=True)


def _file_of(place: str) -> str:
    """Take the line off a tool's place in a JSONL file: `tools.jsonl:3` stands in `tools.jsonl`."""
    file, _, line = place.rpartition(":")
    return file if file.endswith(".jsonl") and line.isdigit() else place
