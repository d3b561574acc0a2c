"""`calibrate`: personas and the panel against people's decisions; asks no model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .findings import format_option, json_of, output_option, plan_output, put_findings
from .runs import load_run

if TYPE_CHECKING:
    from ..catalogue.calibrate import Calibration


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path), metavar="[LABELS.csv] [PANELS]...")
@output_option
@format_option
def calibrate(sources: tuple[Path, ...], output: str | None, forms: str | None) -> None:
    """Hold each reviewer and the panel against people's decisions; asks nobody.

    LABELS.csv has the columns tool and decision, and may have reviewer. PANELS are panel files, comparisons' JSON,
    JSONL and folders of such; in a workspace, its own reviews when left out. Without LABELS.csv, a workspace's labels
    are what its editors left and changed: editors who see the model's vote first are anchored to it.

    \b
      panelsynth calibrate labels.csv panels -o out
      panelsynth calibrate
    """
    places = plan_output("calibration", output, forms)
    from ..pages.calibration import render_calibration

    found = _found(sources)
    if output is None:
        _show(found)
    put_findings(places, {"html": lambda: render_calibration(found), "json": lambda: json_of(found)})


def _found(sources: tuple[Path, ...]) -> Calibration:
    from ..catalogue.calibrate import calibrate as hold_against
    from ..catalogue.labels import read_labels

    if sources and sources[0].suffix.lower() != ".csv":
        remedy = "Name the labels first: panelsynth calibrate labels.csv PANELS..."
        raise InputError(f"{sources[0]}: panels without labels", remedy=remedy)
    labels = read_labels(sources[0]) if sources else ()
    if sources[1:]:
        return hold_against(load_run(sources[1:]), labels)
    from ..workspace import Workspace
    from ..workspace.desk import Desk
    from ..workspace.overrides import overrides

    workspace = Workspace.around()
    if workspace is None:
        remedy = "Name labels and panels: panelsynth calibrate labels.csv PANELS... (or go into a workspace)"
        raise InputError("there is nothing to hold against people's decisions", remedy=remedy)
    desk = Desk(workspace)
    if sources:
        return hold_against([desk.panel(tool) for tool in workspace.tools], labels)
    panels, decided = overrides(desk)
    return hold_against(panels, decided, origin="overrides")


def _show(found: Calibration) -> None:
    from ..catalogue.calibration_words import agreement_words, few_words, kappa_words, notes, undecided_words
    from ..pages.plain import line

    for rating in (found.panel, *found.reviewers):
        table = rating.confusion
        click.echo(line(rating.reviewer or "The panel"))
        click.echo(f"  agreement   {agreement_words(rating)}")
        click.echo(f"  kappa       {kappa_words(rating)}")
        click.echo(f"  both ship {table.ship_ship}, both skip {table.skip_skip}")
        click.echo(f"  ship where people skip {table.ship_skip}, skip where people ship {table.skip_ship}")
        click.echo(f"  no decision {line(undecided_words(rating))}")
    click.echo()
    for note in filter(None, (few_words(found), *notes(found))):
        click.echo(line(note))
