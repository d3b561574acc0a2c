"""`personas diff` and `personas adopt`: a workspace's prompts beside the shipped ones; asks no model."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import click

from ..errors import InputError

if TYPE_CHECKING:
    from ..workspace import Workspace
    from ..workspace.adoption import Prompt


@click.command()
@click.argument("persona_id", metavar="[ID]", required=False)
def diff(persona_id: str | None) -> None:
    """Show what the shipped prompts would change in a workspace's own; exit 1 when they differ.

    ID is a shipped reviewer, or review.md.j2; without one, all of them are shown.
    """
    from ..workspace import Workspace
    from ..workspace.adoption import prompts_of

    workspace = Workspace.find()
    found = [p for p in prompts_of(workspace, [persona_id] if persona_id else []) if p.change != "same"]
    for prompt in found:
        click.echo(prompt.diff(workspace.prompts), nl=False)
    sys.exit(int(bool(found)))


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--force", is_flag=True, help="Take the shipped file where the team has edited its own, too.")
@click.option("--yes", "-y", is_flag=True, help="Take them without a question.")
def adopt(ids: tuple[str, ...], *, force: bool, yes: bool) -> None:
    """Take shipped prompts into a workspace, after saying which reviews become stale and what those cost.

    IDs are shipped reviewers, or review.md.j2; without one, all that differ. What the team has edited is kept.
    """
    from ..workspace import Workspace
    from ..workspace.adoption import adopt as take
    from ..workspace.adoption import prompts_of

    workspace = Workspace.find()
    found = [prompt for prompt in prompts_of(workspace, ids) if prompt.change != "same"]
    taken = [prompt for prompt in found if force or prompt.change != "edited"]
    for prompt in found:
        path = workspace.prompts / prompt.name
        if prompt not in taken:
            click.echo(f"kept  {path}: the team has edited it; --force takes the shipped one instead")
        else:
            lost = ", and the team's edits go with it" if prompt.change == "edited" else ""
            click.echo(f"take  {path}: {'new' if prompt.change == 'new' else 'changed'}{lost}")
    if not taken:
        click.echo("Nothing to take: every file is as shipped." if not found else "Nothing was taken.")
        return
    _tell_cost(workspace, taken)
    if not yes and not _agreed(len(taken)):
        click.echo("Nothing was taken.")
        return
    take(workspace, taken)
    click.echo(f"{len(taken)} taken. What comes next: panelsynth status")


def _tell_cost(workspace: Workspace, taken: list[Prompt]) -> None:
    from ..model import Prices, Store
    from ..workspace.adoption import touched_by
    from ..workspace.plan import make_plan
    from ..workspace.reviews import pinned
    from ..workspace.server import know_server
    from .bill import by_cause

    path, price = workspace.store_path, Prices(know_server(workspace.config.model))
    with Store(path) if path.exists() else contextlib.nullcontext() as store:
        plan = make_plan(touched_by(workspace, taken, store), store)
    if not plan.reviews:
        click.echo("No review becomes stale.")
        return
    count = len(plan.reviews)
    said = "1 review would be asked for" if count == 1 else f"{count:,} reviews would be asked for"
    click.echo(f"{said}, by the next 'panelsynth review':")
    click.echo(by_cause(plan.foresee(price), len(plan.held), model=pinned(workspace.config), price=price))


def _agreed(count: int) -> bool:
    asks = f"Take {'it' if count == 1 else 'them'}?"
    if not sys.stdin or not sys.stdin.isatty():
        raise InputError(f"{asks} There is no terminal to say yes on.", remedy="Repeat the command with --yes.")
    try:
        return click.confirm(asks, default=False, err=True)
    except click.Abort:
        click.echo(err=True)
        return False
