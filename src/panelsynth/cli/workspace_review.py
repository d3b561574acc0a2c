"""`review` in a workspace: what is missing or stale is asked for, after the bill, and written to its file."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..documents import did_you_mean
from ..errors import InputError
from ..workspace import Review, Workspace, draft_panel, reviews_of
from ..workspace.plan import Plan, make_plan
from ..workspace.reviews import pinned
from .output import Ending
from .run import Run
from .workspace_asking import WorkspaceAsking

if TYPE_CHECKING:
    from ..model import Prices, Store
    from ..panel import Panel
    from ..preflight import Preflight
    from ..tool import Tool
    from .asking import Asking


@dataclass(frozen=True)
class Choice:
    """What `review` is told in a workspace, beside the options of every command that asks."""

    only: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    reason: str = ""
    yes: bool = False

    @property
    def is_made(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.only or self.tools or self.keep or self.reason)


def review_workspace(asking: Asking, choice: Choice) -> None:
    """Ask for what a workspace lacks, or keep what it has; ends the program with the exit code."""
    workspace = Workspace.around()
    if workspace is None:
        remedy = (
            "Name tools, such as: panelsynth review tools/ -o panels\n"
            "Or go into a workspace, where 'panelsynth review' asks for what is missing; panelsynth init makes one."
        )
        raise InputError("no tools to review, and this folder is in no workspace", remedy=remedy)
    tools = [tool for tool in _chosen(workspace, choice.tools) if not asking.part or asking.part.holds(tool.id)]
    if choice.keep or choice.reason:
        keep_verdicts(workspace, tools, choice)
        return
    errand = WorkspaceAsking.of(asking, workspace)
    errand = errand.planned(_plan(errand, tools, choice))
    if errand.show_prompts:
        from .prompts import print_requests

        print_requests(review.request for review in errand.plan.reviews)
        return
    _ask(errand, choice, tools)


def keep_verdicts(workspace: Workspace, tools: Collection[Tool], choice: Choice) -> None:
    """Accept stale verdicts of the named reviewers as they stand."""
    from ..workspace.editor import editor_name
    from ..workspace.keeping import keep

    if not choice.keep:
        raise InputError("--reason goes with --keep", remedy="Name whose verdicts stand: --keep PERSONA.")
    if not choice.reason.strip():
        raise InputError("--keep needs a reason", remedy="Readers see it: --reason 'Only a typo was mended.'")
    known = [persona.id for persona in workspace.personas]
    if strange := [name for name in choice.keep if name not in known]:
        raise InputError(f"there is no reviewer {strange[0]!r}", remedy=did_you_mean(strange[0], known))
    found = [*reviews_of(workspace, [*tools])]  # all are read before the first is written
    stale = [review for review in found if review.persona.id in choice.keep and review.state == "stale"]
    by = editor_name(workspace.root) or "an editor"
    for review in stale:
        keep(workspace, review, reason=choice.reason, by=by, on=datetime.now(UTC).date().isoformat())
        click.echo(f"kept {review.path} ({review.reason})")
        if review.beside:
            click.echo(f"  {review.beside}: take it away when you need it no more", err=True)
    if not stale:
        click.echo("No verdict of theirs is stale: there is nothing to keep.", err=True)


def _chosen(workspace: Workspace, names: Collection[str]) -> list[Tool]:
    if strange := [name for name in names if name not in workspace.tools]:
        remedy = did_you_mean(strange[0], workspace.tools)
        raise InputError(f"there is no tool {strange[0]!r} in tools/", remedy=remedy)
    return [tool for name, tool in workspace.tools.items() if not names or name in names]


def _plan(errand: WorkspaceAsking, tools: list[Tool], choice: Choice) -> Plan:
    among = {persona.id for persona in errand.narrow()}
    with errand.open_store() as store:
        found = [r for r in _reviews(errand, tools, store) if r.persona.id in among]
        passes_over = errand.refresh or bool(errand.record)
        return make_plan(found, store, only=choice.only, refresh=passes_over, samples=errand.answers_each)


def _reviews(errand: WorkspaceAsking, tools: list[Tool], store: Store | None = None) -> list[Review]:
    return [*reviews_of(errand.workspace, tools, store, model=errand.asked_model)]


def _ask(errand: WorkspaceAsking, choice: Choice, tools: list[Tool]) -> None:
    from ..model import Prices

    plan, price = errand.plan, Prices(errand.known)
    found = plan.foresee(price)
    if not plan.reviews:
        click.echo("Nothing to ask for. How all of it stands: panelsynth status")
        sys.exit(_code(errand, tools if errand.strict else []))
    if blank := [one.tool.id for one in plan.reviews if one.tool.description.startswith("WRITE HERE")]:
        raise InputError(f"{blank[0]}: nobody has described it yet", remedy="Do so in tools/, or name others: --tool")
    _tell(errand, found, price)
    if errand.dry_run:
        return
    asked = [tool for tool in tools if any(review.tool.id == tool.id for review in plan.reviews)]
    if plan.calls and not errand.replay and not choice.yes and not _agreed(errand, found, price):
        click.echo("Nothing was asked.", err=True)
        sys.exit(_code(errand, asked))
    errand.workspace.check_place(errand.workspace.root / "reviews" / "any")
    run = Run(errand)
    with run.recorded():
        run.review(into=errand.workspace.root / "reviews")
        _report(errand)
    sys.exit(_code(errand, tools if errand.strict else asked, show=True))


def _tell(errand: WorkspaceAsking, found: dict[str, Preflight], price: Prices) -> None:
    """Print the bill: on stdout where it is all that was asked for."""
    from .bill import by_cause

    if errand.dry_run and errand.replay:
        raise InputError("--dry-run and --replay do not go together", remedy="A replay costs nothing.")
    if errand.quiet and not errand.dry_run:
        return
    model = errand.asked_model
    place = errand.replay or errand.known.base_url
    said = f"{model} at {place}" if not errand.replay else f"{model}, replayed from {place}"
    click.echo(said, err=not errand.dry_run)
    if not errand.replay:
        click.echo(by_cause(found, len(errand.plan.held), model=model, price=price), err=not errand.dry_run)
    name = pinned(errand.workspace.config)
    if not errand.replay and model != name:
        click.echo(f"panelsynth.toml pins {name}: reviews by {model} will count as stale there.", err=True)


def _agreed(errand: WorkspaceAsking, found: dict[str, Preflight], price: Prices) -> bool:
    """Ask whoever sits at the terminal; the key is looked for first, so that a yes is not for nothing."""
    from .bill import question

    errand.require_key()
    asks = question(found, model=errand.asked_model, price=price)
    if not sys.stdin or not sys.stdin.isatty():
        remedy = "Nothing was sent. Repeat the command with --yes (and --max-usd X, if you like), or with --dry-run."
        raise InputError(f"{asks} There is no terminal to say yes on.", remedy=remedy)
    try:
        return click.confirm(asks, default=False, err=True)
    except click.Abort:
        click.echo(err=True)
        return False


def _report(errand: WorkspaceAsking) -> None:
    """Say what became of each review that is not simply in its place."""
    filed = errand.filed
    count = len(filed.written)
    click.echo(f"{count:,} review{'' if count == 1 else 's'} written in {errand.workspace.root / 'reviews'}")
    for path in filed.beside:
        click.echo(f"beside your own words: {path}")
    for name in filed.left:
        click.echo(f"in the store alone, as both its places hold your own words: {name}")
    for name in filed.failed:
        click.echo(f"failed: {name}")


def _code(errand: WorkspaceAsking, tools: list[Tool], *, show: bool = False) -> int:
    """Say how the panels stand after the run; their files are read anew."""
    panels = _panels(errand, tools)
    if show and panels:
        from .screen import show_panels

        show_panels(panels)
    return Ending.of(panels).exit_code(strict=errand.strict)


def _panels(errand: WorkspaceAsking, tools: list[Tool]) -> list[Panel]:
    found: dict[str, list[Review]] = {}
    with errand.open_store() as store:
        for review in _reviews(errand, tools, store):
            found.setdefault(review.tool.id, []).append(review)
    return [draft_panel(tool, found[tool.id]) for tool in tools]
