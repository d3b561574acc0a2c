"""`cassettes`: recordings checked offline."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..cassettes import check_recording
from ..documents import is_folder, read_text
from ..errors import InputError
from ..model import Recording, plain
from ..persona import Persona, read_personas
from ..prompting import ReviewTemplate
from ..tool import Tool
from ..toolbox import read_tools


@click.group()
def cassettes() -> None:
    """Check recordings against today's tools and personas."""


@cassettes.command(short_help="Find what is stale, missing or secret in recordings.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...")
@click.option(
    "--tools", multiple=True, metavar="PATH", help="The tools it is of, when its own paths do not lead there."
)
@click.option("--personas", metavar="IDS|DIR", help="The reviewers likewise.")
def check(paths: tuple[Path, ...], tools: tuple[str, ...], personas: str | None) -> None:
    """Find what is missing, stale, surplus, unusable, misplaced, unused or secret; exit 5 when there is anything.

    PATHS are recordings or folders of them; 'cassettes' when left out. Nothing is asked or sent.
    """
    files = [file for path in paths or (Path("cassettes"),) for file in _files(path)]
    faults = 0
    for file in files:
        recording = Recording.read(file)
        found = check_recording(recording, *_asked(recording, file, tools, personas))
        faults += len(found)
        by_hand = recording.about.source == "authored"
        kind = "authored replies" if by_hand else f"replies of {plain(recording.about.model)}"
        click.echo(f"{file}: {len(recording.exchanges)} {kind}: {f'{len(found)} faults' if found else 'all in order'}")
        said: dict[str, str] = {}
        for finding in found:
            # A persona's change makes it stale on every tool alike: its lines are shown once.
            first = said.setdefault(finding.message, finding.label)
            same = "\n" in finding.message and first != finding.label
            click.echo(f"  {finding.kind}: {finding.label}: {f'as {first}' if same else finding.message}")
    sys.exit(5 if faults else 0)


def _files(path: Path) -> list[Path]:
    found = sorted(path.glob("*.yaml")) if is_folder(path) else [path]
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
    chosen = personas or [file.parent / place if place else name for name, place in about.personas.items()]
    gone = [place for place in sources if not tools and not Path(place).exists()]
    if gone:
        raise InputError(f"{file}: its tool {gone[0]} is not there", remedy="Name where it is now: --tools PATH.")
    found = [tool for tool, _ in read_tools(sources)]
    wanted = [tool for tool in found if tools or tool.id in about.tools]
    return wanted, read_personas(chosen or None), _template(about.template, file, personas)


def _template(recorded: str | None, file: Path, personas: str | None) -> ReviewTemplate:
    """Find the review template: that of the personas' folder, the one that the recording names, or the shipped one."""
    if personas and is_folder(Path(personas)):
        return ReviewTemplate.read(personas)
    if recorded is None:
        return ReviewTemplate.read()
    path = file.parent / recorded
    return ReviewTemplate(read_text(path), str(path))
