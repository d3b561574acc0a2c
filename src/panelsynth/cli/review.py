"""`review`: one panel file per tool."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import InputError
from ..panel import Panel
from ..saving import panel_json
from ..workspace.plan import KINDS
from ..writing import write_whole
from .asking import Asking, asks
from .output import exit_code
from .run import Run


@click.command()
@click.argument("sources", nargs=-1, metavar="[TOOLS]...")
@asks
@click.option("--only", type=click.Choice(KINDS), multiple=True, help="In a workspace: ask for these alone.")
@click.option("--tool", "tools", multiple=True, metavar="ID", help="In a workspace: this tool alone; repeatable.")
@click.option(
    "--keep", multiple=True, metavar="PERSONA", help="In a workspace: accept its stale verdicts; asks nobody."
)
@click.option("--reason", default="", metavar="TEXT", help="Why they are kept, for readers.")
@click.option("--yes", "-y", is_flag=True, help="In a workspace: ask without a question about the cost.")
@click.option(
    "--output",
    "-o",
    metavar="DIR|FILE.jsonl",
    help="Folder for TOOL.panel.json files, or one .jsonl file; else the view.",
)
def review(asking: Asking, output: str | None, tools: tuple[str, ...], **choice: object) -> None:
    """Review TOOLS: one panel file each, written as it finishes; in a workspace without TOOLS: what it lacks.

    TOOLS are files, folders, JSONL, or '-' for standard input. Put panels side by side later with 'panelsynth render'.
    In a workspace, calls and cost are told by cause, and a yes is waited for; reviews go to reviews/TOOL/PERSONA.md.

    \b
      panelsynth review tools/ -o panels
      panelsynth render panels/a.panel.json panels/b.panel.json -o out
      panelsynth review --only stale --max-usd 2 --yes
      panelsynth review --keep skeptic --tool acme --reason "Only a typo was mended."
    """
    from .workspace_review import Choice, review_workspace

    chosen = Choice(tools=tools, **choice)  # type: ignore[arg-type]
    if not asking.sources:
        if output:
            remedy = "In a workspace reviews go to reviews/TOOL/PERSONA.md; with -o, name the TOOLS too."
            raise InputError("-o without TOOLS", remedy=remedy)
        review_workspace(asking, chosen)
        return
    if chosen.is_made:
        remedy = "They choose among a workspace's reviews: leave TOOLS out there, or leave them out here."
        raise InputError("--only, --tool, --keep and --reason do not go with TOOLS", remedy=remedy)
    _review(asking, output)


def _review(asking: Asking, output: str | None) -> None:
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

    run = Run(asking)
    with run.recorded():
        panels = run.review(save, into=folder)
        if output and lines:
            write_whole(Path(output), "".join(panel_json(panel, indent=None) for panel in panels))
        show_panels(panels)
        if output:
            click.echo(f"{len(panels)} panels in {output}")
    run.tell_rest(panels)
    sys.exit(exit_code(panels, strict=asking.strict))
