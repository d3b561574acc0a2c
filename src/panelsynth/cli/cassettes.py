"""`cassettes`: recordings checked offline."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..cassettes import check_recording
from ..errors import InputError
from ..model import Recording
from ..persona import Persona, read_personas
from ..prompting import ReviewTemplate
from ..tool import Tool
from ..toolbox import read_tools


@click.group()
def cassettes() -> None:
    """Check recordings against today's tools and personas."""


@cassettes.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")
@click.option(
    "--tools", multiple=True, metavar="PATH", help="The tools it is of, when its own paths do not lead there."
)
@click.option("--personas", metavar="IDS|DIR", help="The reviewers likewise.")
def check(paths: tuple[Path, ...], tools: tuple[str, ...], personas: str | None) -> None:
    """Find recordings that are missing, stale, unused or hold a secret; exit 5 when there are any.

    PATHS are recordings or folders of them; 'cassettes' when left out. Nothing is asked or sent.
    """
    files = [file for path in paths or (Path("cassettes"),) for file in _files(path)]
    faults = 0
    for file in files:
        recording = Recording.read(file)
        found = check_recording(recording, *_asked(recording, file, tools, personas))
        faults += len(found)
        kind = "authored replies" if recording.about.source == "authored" else f"replies of {recording.about.model}"
        click.echo(f"{file}: {len(recording.exchanges)} {kind}: {f'{len(found)} faults' if found else 'all in order'}")
        for finding in found:
            click.echo(f"  {finding.kind}: {finding.label}: {finding.message}")
    sys.exit(5 if faults else 0)


def _files(path: Path) -> list[Path]:
    found = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not found:
        raise InputError(f"{path}: no recordings (*.yaml) in this folder", remedy="Make one with --record FILE.")
    return found


def _asked(
    recording: Recording, file: Path, tools: tuple[str, ...], personas: str | None
) -> tuple[list[Tool], list[Persona], ReviewTemplate]:
    """Find the tools and personas that a recording says it is of."""
    about = recording.about
    lost = [name for name, place in about.tools.items() if place is None]
    if not tools and (lost or not about.tools):
        raise InputError(f"{file}: does not say where its tools are", remedy="Name them with --tools PATH.")
    sources = tools or tuple(dict.fromkeys(str(file.parent / place) for place in about.tools.values() if place))
    folder = Path(personas) if personas and Path(personas).is_dir() else None
    chosen = personas or [file.parent / place if place else name for name, place in about.personas.items()]
    found = [tool for tool, _ in read_tools(sources)]
    wanted = [tool for tool in found if tools or tool.id in about.tools]
    return wanted, read_personas(chosen or None), ReviewTemplate.read(folder)
