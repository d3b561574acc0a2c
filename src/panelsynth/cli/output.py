"""Where results go: page files in a folder, one format on stdout, or the terminal view."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..comparison import Comparison
from ..errors import InputError
from ..pages import FORMS, render
from ..panel import Panel
from ..writing import write_whole

output_option = click.option(
    "--output",
    "-o",
    metavar="DIR",
    help="Folder for the files; '-' prints one format; without it, a view in the terminal.",
)
format_option = click.option(
    "--format", "-f", "forms", metavar="FORMS", help=f"Formats to make: {','.join(FORMS)} (all of them when left out)."
)


def read_forms(output: str | None, forms: str | None) -> tuple[str, ...]:
    """Read a list of formats such as `html,json`, and see that it goes with the place for them.

    Raises:
        InputError: a word is no format, or the place cannot take these formats.
    """
    wanted = tuple(dict.fromkeys(part.strip() for part in forms.split(","))) if forms else FORMS
    if unknown := [word for word in wanted if word not in FORMS]:
        raise InputError(f"--format: no format {unknown[0]!r}", remedy=f"Known: {', '.join(FORMS)}.")
    if output == "-" and len(wanted) != 1:
        raise InputError("-o - prints one format", remedy="Name it, such as --format json.")
    if forms and output is None:
        raise InputError("--format without a place for the files", remedy="Add -o DIR, or '-o -' to print one format.")
    if output and Path(output).suffix.lstrip(".") in FORMS and not Path(output).is_dir():
        raise InputError(f"-o {output}: a folder is wanted, not a file", remedy="The files are named after the tools.")
    return wanted


def put_out(comparison: Comparison, output: str | None, forms: str | None) -> list[Path]:
    """Write or print a comparison; return the files written."""
    wanted = read_forms(output, forms)
    if output == "-":
        click.echo(render(comparison, wanted[0]), nl=False)
        return []
    if output is None:
        return []
    paths = [Path(output) / f"{comparison.slug}.{form}" for form in wanted]
    for path, form in zip(paths, wanted, strict=True):
        write_whole(path, render(comparison, form))
    return paths


def tell_rest(panels: Sequence[Panel], *, is_kept: bool) -> None:
    """Say on stderr what is left to do: reviews without a vote, and flags to look at.

    Args:
        panels: the panels.
        is_kept: whether the same command would ask for nothing but what is missing.
    """
    if missing := sum(len(panel.missing) for panel in panels):
        again = "; the same command asks for nothing else" if is_kept else ""
        click.echo(f"{_count(missing, 'review')} without a vote{again}", err=True)
    if loud := _loud(panels):
        click.echo(f"{_count(loud, 'loud flag')}: see to {'it' if loud == 1 else 'them'} before you publish", err=True)


def exit_code(panels: Sequence[Panel], *, strict: bool) -> int:
    """Say how the run ended: 1 when a panel is below quorum, or, if strict, has a gap or a loud flag."""
    below = any(panel.tally.percent is None for panel in panels)
    return int(below or (strict and (_loud(panels) > 0 or any(panel.missing for panel in panels))))


def _loud(panels: Sequence[Panel]) -> int:
    flags = [flag for panel in panels for flags in (panel.flags, *(v.flags for v in panel.verdicts)) for flag in flags]
    return sum(flag.severity == "loud" for flag in flags)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
