"""`personas`: list, show and write reviewers."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ..documents import read_text
from ..errors import InputError
from ..persona import find_personas
from ..shipped import prompts_folder
from ..writing import write_whole
from .adopting import adopt, diff


@click.group(invoke_without_command=True)
@click.pass_context
def personas(ctx: click.Context) -> None:
    """List, show and write reviewers; without a word, list them. In a workspace: hold them against the shipped ones."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


personas.add_command(diff)
personas.add_command(adopt)


@personas.command("list")
@click.option(
    "--personas", "selection", envvar="PANELSYNTH_PERSONAS", metavar="IDS|DIR", help="Others than the shipped."
)
def list_(selection: str | None = None) -> None:
    """List reviewers: id, title, motto."""
    found = find_personas(selection)
    width = max(len(persona.id) for persona, _ in found)
    for persona, _ in found:
        click.echo(f"{persona.id:{width}}  {persona.title}: {persona.motto}")


@personas.command()
@click.argument("persona_id", metavar="ID")
def show(persona_id: str) -> None:
    """Print a shipped reviewer's file, to read or to start from."""
    [(persona, own)] = find_personas([persona_id])
    click.echo(read_text(own or prompts_folder() / "personas" / f"{persona.id}.md"), nl=False)


@personas.command()
@click.argument("name", metavar="ID")
@click.option("--output", "-o", default="personas", show_default=True, metavar="DIR", help="Folder to write it in.")
def new(name: str, output: str) -> None:
    """Write a commented file for a reviewer of your own.

    \b
      panelsynth personas new security
      panelsynth compare a.yaml b.yaml --personas developer,skeptic,personas/security.md -o out
    """
    path = write_persona(name, Path(output))
    others = ",".join(other for other in ("developer", "skeptic") if other != name)
    click.echo(f"{path}\nEdit it, then ask it: --personas {others},{path}")


def write_persona(name: str, folder: Path) -> Path:
    """Write the commented file of a new reviewer into a folder.

    Raises:
        InputError: the name is no slug, or the file is there already.
    """
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name):
        remedy = "Use lower-case letters, digits and single hyphens, such as 'security'."
        raise InputError(f"{name!r} cannot name a persona", remedy=remedy)
    path = folder / f"{name}.md"
    if path.exists():
        raise InputError(f"{path}: is there already", remedy="Edit it, or choose another name.")
    text = read_text(prompts_folder() / "new-persona.md")
    write_whole(path, text.replace("PERSONA_ID", name).replace("PERSONA_TITLE", name.replace("-", " ").capitalize()))
    return path
