"""`review`: one panel file per tool."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import InputError
from ..line_file import LineFile
from ..panel import Panel
from ..saving import panel_json
from ..workspace.plan import KINDS
from ..writing import check_folder, write_whole
from .asking import Asking, asks
from .output import Ending
from .run import Run

SHOWN = 100
"""Tools that the view in the terminal shows one by one."""


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
    review_into(Run(asking), output)


def review_into(run: Run, output: str | None) -> None:
    """Review what a run asks for into a folder, a file or the view; ends the program with the exit code."""
    asking = run.asking
    if asking.show_prompts:
        asking.print_prompts()
        return
    if not asking.tools and asking.part is None:
        raise InputError("no tools to review", remedy="Name a file, a folder, a .jsonl file, or '-'.")
    if asking.dry_run:
        asking.print_bill()
        return
    view = _View()
    with run.recorded():
        if output and output.endswith(".jsonl"):
            _into_file(run, Path(output), view)
        else:
            folder = Path(output) if output else None

            def save(number: int, panel: Panel) -> None:
                if folder:
                    write_whole(folder / f"{panel.tool.id}.panel.json", panel_json(panel))
                view.add(number, panel)

            run.review(save, into=folder)
        view.show()
        if output:
            click.echo(f"{view.ending.panels} panels in {output}")
    run.tell_rest(view.ending)
    sys.exit(view.ending.exit_code(strict=asking.strict))


def _into_file(run: Run, path: Path, view: _View) -> None:
    """Write one panel a line as panels finish; the file is put in place at the end, in the tools' order."""
    check_folder(path.parent)
    with LineFile(path) as lines:

        def save(number: int, panel: Panel) -> None:
            lines.add(number, panel_json(panel, indent=None))
            view.add(number, panel)

        try:
            run.review(save)
            lines.finish()
        finally:
            if lines:
                click.echo(f"{len(lines)} finished panels are in {lines.partial}", err=True)


class _View:
    """What is shown of a run at its end: its panels while they are few, their number by verdict when they are many."""

    def __init__(self) -> None:
        self.ending = Ending()
        self._panels: dict[int, Panel] = {}

    def add(self, number: int, panel: Panel) -> None:
        """Take in one panel."""
        self.ending.add(panel)
        if self.ending.panels <= SHOWN:
            self._panels[number] = panel
        else:
            self._panels.clear()

    def show(self) -> None:
        """Print the view."""
        if self._panels:
            from .screen import show_panels

            show_panels([panel for _, panel in sorted(self._panels.items())])
        elif self.ending.panels:
            click.echo(", ".join(f"{count:,} {label}" for label, count in self.ending.labels.most_common()))
