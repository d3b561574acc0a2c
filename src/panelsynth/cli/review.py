"""`review`: one panel file per tool."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import InputError
from ..panel import Panel
from ..saving import panel_json
from ..writing import write_whole
from .asking import Asking, asks
from .output import exit_code


@click.command()
@asks
@click.option(
    "--output",
    "-o",
    metavar="DIR|FILE.jsonl",
    help="Folder for TOOL.panel.json files, or one .jsonl file; else the view.",
)
def review(asking: Asking, output: str | None) -> None:
    """Review TOOLS: one panel file each, written as it finishes.

    TOOLS are files, folders, JSONL, or '-' for standard input. Put panels side by side later with 'panelsynth render'.

    \b
      panelsynth review tools/ -o panels
      panelsynth render panels/a.panel.json panels/b.panel.json -o out
    """
    if asking.show_prompts:
        asking.print_prompts()
        return
    if not asking.tools:
        raise InputError("no tools to review", remedy="Name a file, a folder, a .jsonl file, or '-'.")
    if asking.dry_run:
        asking.print_bill()
        return
    lines = bool(output and output.endswith(".jsonl"))
    folder = Path(output).parent if output and lines else Path(output) if output else None

    def save(panel: Panel) -> None:
        if output and not lines:
            write_whole(Path(output) / f"{panel.tool.id}.panel.json", panel_json(panel))

    from .screen import show_panels

    with asking.recorded():
        panels = asking.review(save, into=folder)
        if output and lines:
            write_whole(Path(output), "".join(panel_json(panel, indent=None) for panel in panels))
        show_panels(panels)
        if output:
            click.echo(f"{len(panels)} panels in {output}")
    asking.tell_rest(panels)
    sys.exit(exit_code(panels, strict=asking.strict))
