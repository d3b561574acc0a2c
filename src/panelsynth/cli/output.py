"""Where results go: page files in a folder, one format on stdout, or the terminal view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass
class Ending:
    """What a run's panels come to, counted one by one."""

    panels: int = 0
    below: int = 0
    """Panels below quorum."""
    missing: int = 0
    """Reviews without a vote."""
    tied: int = 0
    """Those of them whose samples tied."""
    loud: int = 0
    """Loud flags."""
    labels: Counter[str] = field(default_factory=Counter)
    """Panels by what they say: ship, skip, split, incomplete."""

    @classmethod
    def of(cls, panels: Iterable[Panel]) -> Ending:
        """Count panels."""
        ending = cls()
        for panel in panels:
            ending.add(panel)
        return ending

    def add(self, panel: Panel) -> None:
        """Count one panel."""
        flags = [flag for some in (panel.flags, *(v.flags for v in panel.verdicts)) for flag in some]
        self.panels += 1
        self.below += panel.tally.percent is None
        self.missing += len(panel.missing)
        self.tied += sum(gap.state == "abstained" for gap in panel.missing)
        self.loud += sum(flag.severity == "loud" for flag in flags)
        self.labels[panel.tally.label] += 1

    def tell_rest(self, *, is_kept: bool) -> None:
        """Say on stderr what is left to do: reviews without a vote, and flags to look at.

        Args:
            is_kept: whether the same command would ask for nothing but what is missing.
        """
        if self.missing:
            again = "; the same command asks for nothing else" if is_kept else ""
            click.echo(f"{_count(self.missing, 'review')} without a vote{again}", err=True)
        if self.tied:
            click.echo(f"{_count(self.tied, 'reviewer')} whose samples tied: an odd --samples cannot", err=True)
        if self.loud:
            them = "it" if self.loud == 1 else "them"
            click.echo(f"{_count(self.loud, 'loud flag')}: see to {them} before you publish", err=True)

    def exit_code(self, *, strict: bool) -> int:
        """Say how the run ended: 1 when a panel is below quorum, or, if strict, has a gap or a loud flag."""
        return int(bool(self.below or (strict and (self.loud or self.missing))))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
