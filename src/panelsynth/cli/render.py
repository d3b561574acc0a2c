"""`render`: pages again from what was saved; asks no model."""

from __future__ import annotations

from pathlib import Path

import click

from ..comparison import Comparison, compare
from ..documents import is_folder
from ..errors import InputError
from ..saving import load_lines, load_saved
from .output import format_option, output_option, put_out, read_forms


@click.command()
@click.argument("saved", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SAVED...")
@output_option
@format_option
def render(saved: tuple[Path, ...], output: str | None, forms: str | None) -> None:
    """Make pages again from one saved comparison, or from two or more saved panels (.panel.json or .jsonl).

    Every number is counted again; a file whose numbers do not match its verdicts is refused.

    \b
      panelsynth render out/a-vs-b.json -o out
      panelsynth render panels/a.panel.json panels/b.panel.json -o out
    """
    read_forms(output, forms)
    comparison = _load(saved)
    paths = put_out(comparison, output, forms)
    if output is None:
        from .screen import show_comparison

        show_comparison(comparison)
    for path in paths:
        click.echo(f"Page: {path}")


def _load(paths: tuple[Path, ...]) -> Comparison:
    if folder := next(filter(is_folder, paths), None):
        raise InputError(f"{folder}: a folder", remedy=f"Name the files in it, such as {folder}/*.panel.json.")
    found = [one for path in paths for one in (load_lines(path) if _is_lines(path) else [load_saved(path)])]
    comparisons = [one for one in found if isinstance(one, Comparison)]
    panels = [one for one in found if not isinstance(one, Comparison)]
    if len(comparisons) == 1 and not panels:
        return comparisons[0]
    if comparisons or len(panels) < 2:
        remedy = "Name one comparison, or the panels of two or more tools."
        raise InputError(f"{len(comparisons)} comparisons and {len(panels)} panels make no page", remedy=remedy)
    return compare(*panels)


def _is_lines(path: Path) -> bool:
    """Tell a file of panels, one a line; `.partial` is what an unfinished run leaves."""
    return path.name.removesuffix(".partial").endswith(".jsonl")
