"""Progress on stderr: a bar on a terminal, plain lines when piped, and the log for those who ask for it."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Self

import click

from ..panel import Missing
from ..verdict import Verdict
from .pace import Pace

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from ..model import Spend


MANY = 1_000
"""Reviews above which plain lines tell of failures and, so many times in a run, how it stands; not of each review."""


class Progress:
    """Count reviews as they end; `step` is what `reviewing` calls.

    Args:
        total: reviews of the run.
        quiet: whether to show nothing.
        spend: what the run has cost so far.
        pace: its rate.
    """

    def __init__(self, total: int, *, quiet: bool, spend: Spend | None = None, pace: Pace | None = None) -> None:
        self.total = total
        self._quiet = quiet
        self.done = 0
        """Reviews that have ended."""
        self.failed = 0
        """Those of them without a vote."""
        self._spend = spend
        self._pace = pace or Pace(total)
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        """Show the bar, where there is a terminal."""
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("reviews"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[state]}"),
                TextColumn("{task.description}"),
            )
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task("", total=self.total, state="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()

    def say(self, line: str) -> None:
        """Print a line, above the bar where there is one; nothing when quiet."""
        if self._bar:
            self._bar.console.print(line, markup=False, highlight=False)
        elif not self._quiet:
            click.echo(line, err=True)

    def step(self, tool: str, persona: str, outcome: Verdict | Missing) -> None:
        """Note the end of one review."""
        self.done += 1
        self._pace.note(self.done)
        failed = isinstance(outcome, Missing)
        self.failed += failed
        said = (
            f"{outcome.state}: {outcome.cause}: {outcome.message}" if isinstance(outcome, Missing) else outcome.decision
        )
        if self._bar:
            name = f"{tool}/{persona}"
            self._bar.update(self._bar.task_ids[0], completed=self.done, description=name, state=self.state)
        if failed or (not self._bar and self.total <= MANY):
            self.say(f"[{self.done}/{self.total}] {tool}/{persona} {said}")
        if not self._bar and self.total > MANY and self.done % min(MANY, self.total // 100) == 0:
            self.say(f"[{self.done}/{self.total}] {self.state}")

    @property
    def state(self) -> str:
        """Rate, failures, spend and time left, as far as there are any."""
        usd = self._spend.usd if self._spend and self._spend.calls else None
        parts = (
            self._pace.words(self.done),
            f"{self.failed} failed" if self.failed else "",
            f"${usd:,.4f}" if usd else "",
        )
        return ", ".join(filter(None, parts))


def log_to_stderr(verbosity: int) -> None:
    """Show the package's own log, and no other library's: calls by their ids from 1, their texts from 2."""
    log = logging.getLogger("panelsynth")
    log.setLevel({0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG))
    if not any(isinstance(handler, _Echo) for handler in log.handlers):
        log.addHandler(_Echo())


class _Echo(logging.Handler):
    """Write to whatever stderr is at the moment: a bar stands in for it while it is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)
