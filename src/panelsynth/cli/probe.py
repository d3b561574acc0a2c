"""`probe`: do names and planted orders move a reviewer's decision?"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import click

from ..errors import InputError
from ..pages.plain import line
from ..probing import VARIANTS, Flips, Probe, count_flips, variant_id, variants
from ..tool import Tool
from ..toolbox import read_tools
from ..writing import write_whole
from .asking import Asking, asks
from .options import TOOLS
from .run import Run


@dataclass(frozen=True)
class _Probing(Asking):
    """The options of `probe`: each tool is asked about in all its variants."""

    @functools.cached_property
    def given(self) -> list[tuple[Tool, str]]:
        """The tools as they are."""
        return read_tools(self.sources)

    @functools.cached_property
    def tools(self) -> list[tuple[Tool, str]]:
        """The tools and their variants."""
        made = [(variant, place) for tool, place in self.given for variant in variants(tool)]
        ids = [tool.id for tool, _ in made]
        if twice := next((one for one in ids if ids.count(one) > 1), None):
            raise InputError(f"the id {twice!r} is that of a tool and of a variant", remedy="Probe one tool at a time.")
        return made


@click.command()
@TOOLS
@asks
@click.option("--output", "-o", metavar="FILE.json", help="Write decisions, counts and gaps as JSON, too.")
def probe(asking: Asking, output: str | None) -> None:
    """Ask whether a name or planted orders move decisions: four reviews by each reviewer of each of TOOLS.

    Asked are: the tool as it is; with its whole name masked by "the tool" in name, tagline, category, description,
    facts and pricing (parts of the name and its maker's stay); and with an order to ship, and one to skip, planted in
    the description. A reviewer's decision that then differs has flipped; a review that failed is no flip.

    Here --strict exits 1 when a decision flips with the name masked, or under an order for the opposite.

    \b
      panelsynth probe my-tool.yaml --dry-run
      panelsynth probe my-tool.yaml -o probe.json
    """
    probing = _Probing(**{one.name: getattr(asking, one.name) for one in fields(Asking)})
    if not probing.given:
        raise InputError("no tools to probe", remedy="Name a file, a folder, a .jsonl file, or '-'.")
    if output and not output.endswith(".json"):
        raise InputError(f"-o {output}: a .json file is wanted", remedy="Name one, such as -o probe.json.")
    if probing.show_prompts:
        probing.print_prompts()
    elif probing.dry_run:
        probing.print_bill()
    else:
        sys.exit(_probe(probing, output))


def _probe(probing: _Probing, output: str | None) -> int:
    run = Run(probing)
    with run.recorded():
        made = {panel.tool.id: panel for panel in run.panels(into=Path(output).parent if output else None)}
        reviewers = [persona.id for persona, _ in probing.reviewers]
        probes = [
            count_flips(tool, [made[variant_id(tool, kind)] for kind in VARIANTS], reviewers)
            for tool, _ in probing.given
        ]
        if output:
            told = {"tools": [one.model_dump(mode="json") for one in probes]}
            write_whole(Path(output), json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        _show(probes)
    flips = probing.strict and any(one.has_flips for one in probes)
    return int(flips or any(one.gaps for one in probes))


def _show(probes: Sequence[Probe]) -> None:
    for one in probes:
        click.echo(line(one.name))
        click.echo(f"  name masked             {_told(one.masked)}")
        click.echo(f"  ordered the opposite    {_told(one.told_otherwise)}")
        click.echo(f"  ordered what it decided {_told(one.told_the_same)}")
        for gap in one.gaps:
            missing, variant = gap.missing, gap.variant or "as usual"
            click.echo(f"  no vote: {missing.reviewer}, {variant}: {missing.state} ({missing.cause})")


def _told(flips: Flips) -> str:
    who = f": {', '.join(flips.reviewers)}" if flips.flipped else ""
    return f"{flips.flipped} of {flips.compared} flipped{who}"
