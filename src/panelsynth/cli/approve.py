"""`approve` and `retire`: what an editor has read goes online, and what is no longer kept up is marked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .streams import inert

if TYPE_CHECKING:
    from ..comparison import Comparison
    from ..workspace import Workspace
    from ..workspace.reviews import State


@click.command()
@click.argument("slug")
@click.option("--by", metavar="NAME", help="Who has read it; git's user name when left out.")
@click.option("--waive", "kinds", multiple=True, metavar="KIND", help="Let loud flags of this kind stand.")
@click.option("--reason", metavar="TEXT", help="Why they may stand; recorded, and shown on the page.")
@click.option("--dry-run", is_flag=True, help="Show what would be frozen, and stop.")
def approve(slug: str, *, by: str | None, kinds: tuple[str, ...], reason: str | None, dry_run: bool) -> None:
    """Freeze page SLUG as its files stand, after you have read it.

    'panelsynth build' puts it online. Later edits wait until the next approval.

    \b
      panelsynth approve acme-vs-zenith
      panelsynth approve acme-vs-zenith --waive quote-not-verbatim --reason "the vendor has changed its page since"
    """
    from ..comparison import Waiver
    from ..workspace.approval import approve as approved
    from ..workspace.approval import freeze, is_approved_so
    from ..workspace.desk import Desk, open_store
    from ..workspace.folder import Workspace

    workspace = Workspace.find()
    name = _name(by, workspace)
    if bool(kinds) != bool(reason and reason.strip()):
        remedy = 'Such as: --waive quote-not-verbatim --reason "the vendor has changed its page since"'
        raise InputError("--waive and --reason go together", remedy=remedy)
    waivers = [Waiver(kind=kind, reason=" ".join((reason or "").split()), by=name) for kind in dict.fromkeys(kinds)]
    with open_store(workspace) as store:  # it knows why a reviewer is missing, and readers are told
        desk = Desk(workspace, store)
        before = desk.published(slug)
        page = approved(desk, slug, by=name, at=_moment_after(before), waivers=waivers)
        states = {(tool, one.persona.id): one.state for tool in desk.page(slug).tools for one in desk.reviews(tool)}
    click.echo("\n".join(_summary(page, states)))
    if before and is_approved_so(page, before):
        said = f"{slug} is approved as it stands, by {inert(before.approved_by)} on {before.approved_at[:10]}"
        click.echo(f"{said}; nothing was written.", err=True)
        return
    if dry_run:
        click.echo("Nothing was written.", err=True)
        return
    path = freeze(workspace, slug, page)
    click.echo(f"{path}: approved by {name}. Put it online: panelsynth build")


@click.command()
@click.argument("slug")
@click.option("--reason", required=True, metavar="TEXT", help="Why; shown on the page.")
def retire(slug: str, *, reason: str) -> None:
    """Take page SLUG out of use: it stays at its address, marked, and leaves index, feeds and search engines.

    \b
      panelsynth retire acme-vs-zenith --reason "Zenith was discontinued"
    """
    from ..model.envelope import now
    from ..workspace.approval import freeze
    from ..workspace.approval import retire as retired
    from ..workspace.folder import Workspace

    if not reason.strip():
        raise InputError("--reason is blank", remedy="Readers will see it: say why the page is no longer kept up.")
    workspace = Workspace.find()
    page = retired(workspace, slug, reason=" ".join(reason.split()), at=now())
    path = freeze(workspace, slug, page)
    click.echo(f"{path}: retired. Put that online: panelsynth build. Bring it back: panelsynth approve {slug}")


def _moment_after(before: Comparison | None) -> str:
    """Tell the time, a moment later where the version before was approved in this very second."""
    from ..model.envelope import now

    while before is not None and now() == before.approved_at:
        time.sleep(0.05)
    return now()


def _name(by: str | None, workspace: Workspace) -> str:
    from ..workspace.editor import git_name

    name = " ".join((by if by is not None else git_name(workspace.root)).split())[:120]
    if not name:
        remedy = 'Name yourself: --by "Jane Doe"; or once for all: git config user.name "Jane Doe"'
        raise InputError("who approves this is not known", remedy=remedy)
    return name


def _summary(page: Comparison, states: Mapping[tuple[str, str], State]) -> Iterable[str]:
    """Say what will be frozen: each tool's share, its reviews' states, what people changed, the flags that stay."""
    from ..reading import share

    yield inert(page.title)
    for panel in page.panels:
        edited = sum(verdict.edit is not None for verdict in panel.verdicts)
        by_hand = sum(verdict.provenance.source == "person" for verdict in panel.verdicts)
        kept = sum(bool(verdict.kept) for verdict in panel.verdicts)
        flags = len(panel.flags) + sum(len(verdict.flags) for verdict in panel.verdicts)
        stale = sum(states[panel.tool.id, verdict.reviewer] == "stale" for verdict in panel.verdicts)
        missing = len(panel.missing)
        counts = {
            "edited": edited,
            "by an editor": by_hand,
            "kept": kept,
            "stale": stale,
            "missing": missing,
            "flags": flags,
        }
        said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        yield f"  {inert(panel.tool.name)}: {share(panel)}{f' ({said})' if said else ''}"
    for waiver in page.waivers:
        yield f"  waived: {inert(waiver.kind)}: {inert(waiver.reason)}"
