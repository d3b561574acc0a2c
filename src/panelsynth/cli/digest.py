"""`digest`: the comparisons approved since a day as a letter to subscribers; nothing is sent."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--since", required=True, metavar="DATE", help="The first day, such as 2026-11-18.")
@click.option("--until", default="", metavar="DATE", help="The last day; open when left out.")
@click.option("--output", "-o", metavar="DIR", help="Folder for the letter as HTML, plain text and Markdown.")
def digest(*, since: str, until: str, output: str | None) -> None:
    """Write a letter on the pages approved since a day; without -o, print it as plain text. Nothing is sent.

    Replace PANELSYNTH_ADDRESS and PANELSYNTH_UNSUBSCRIBE by your newsletter's own marks.

    \b
      panelsynth digest --since 2026-11-18
      panelsynth digest --since 2026-11-18 -o letters
    """
    from ..pages.site import digest as write
    from ..workspace.desk import Desk
    from ..workspace.folder import Workspace
    from ..workspace.siting import site_of
    from ..writing import write_whole

    workspace = Workspace.find()
    letter = write(site_of(Desk(workspace), drafts=False), since, until)
    if not workspace.config.site.url:
        click.echo("the letter links nowhere: panelsynth.toml gives no url in [site]", err=True)
    if output is None:
        click.echo(letter["txt"], nl=False)
        return
    for form, text in letter.items():
        path = Path(output) / f"digest-{since}.{form}"
        write_whole(path, text)
        click.echo(f"Letter: {path}")
