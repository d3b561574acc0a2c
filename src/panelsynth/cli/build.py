"""`build`: a workspace's site as files; nobody is asked and no key is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..pages.site import Site
    from ..workspace import Workspace
    from ..workspace.building import Built

_TARGETS = ("site", "hugo", "markdown")


@click.command()
@click.option("--output", "-o", metavar="DIR", help="Folder to build into: public/, or build-TARGET/.")
@click.option("--drafts", is_flag=True, help="Show pages that nobody has approved too, marked as drafts.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when anything is missing, stale or waiting.")
@click.option("--target", type=click.Choice(_TARGETS), default="site", show_default=True, help="For which generator.")
def build(*, output: str | None, drafts: bool, check: bool, target: str) -> None:
    """Build the site: approved pages, tools, reviewers, feeds. Nobody is asked, and no key is needed.

    Only files that changed are written; files that are not ours are never touched.

    \b
      panelsynth build
      panelsynth build --check
      panelsynth build --target hugo -o ../blog
    """
    from ..workspace.folder import Workspace
    from ..workspace.memory import Memory

    workspace = Workspace.find()
    folder = Path(output) if output else workspace.root / ("public" if target == "site" else f"build-{target}")
    if output is None:
        workspace.check_place(folder / "index.html")  # a clone may hold a link to anywhere in its place
    workspace.check_output(folder)
    memory = Memory(workspace, folder, {"target": target, "drafts": drafts})
    if not check and (known := memory.recall()):
        _tell(0, known.files, folder, known.notices)
        return
    built, notices = _build(workspace, folder, target=target, drafts=drafts, check=check)
    if check:
        sys.exit(_checked(built, folder, notices))
    memory.remember(built.same + len(built.written), notices)
    _tell(built.changes, built.same, folder, notices)


def _build(workspace: Workspace, folder: Path, *, target: str, drafts: bool, check: bool) -> tuple[Built, list[str]]:
    from ..pages.site import render_site
    from ..workspace.building import put_site
    from ..workspace.desk import Desk, open_store
    from ..workspace.notices import find_notices, keep_to_cap
    from ..workspace.siting import site_of

    with open_store(workspace) as store:
        desk = Desk(workspace, store)
        site = site_of(desk, drafts=drafts)
        keep_to_cap(workspace, site)
        notices = [*find_notices(desk, site, drafts=drafts)]
    files = render_site(site) if target == "site" else _generated(site, target)
    return put_site(files, folder, check=check), notices


def _generated(site: Site, target: str) -> Iterator[tuple[str, str]]:
    from ..pages.generators import generator_files

    return generator_files(site, target)


def _checked(built: Built, folder: Path, notices: Sequence[str]) -> int:
    for path in built.written:
        click.echo(f"{folder / path}: would be written")
    for path in built.removed:
        click.echo(f"{folder / path}: would be removed")
    for notice in notices:
        click.echo(notice)
    pending = [notice for notice in notices if " not shown: panelsynth approve SLUG" not in notice]
    click.echo("not up to date" if built.changes or pending else "what is approved is up to date", err=True)
    return int(bool(built.changes or pending))


def _tell(changed: int, same: int, folder: Path, notices: Sequence[str]) -> None:
    click.echo(f"{folder}: {changed} files changed, {same} as before")
    for notice in notices:
        click.echo(notice, err=True)
