"""`digest`: what was approved since a day, as a mail that your newsletter service sends."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--since", required=True, metavar="DATE", help="The first day, such as 2026-11-18.")
@click.option("--until", metavar="DATE", help="The last day; all since then when left out.")
@click.option(
    "--output", "-o", metavar="DIR", help="Folder for digest-DATE.html, .txt and .md; else the text is shown."
)
def digest(*, since: str, until: str | None, output: str | None) -> None:
    """Write the digest of pages approved since a day: a mail in HTML and text, and Markdown. Nothing is sent.

    Your newsletter service puts in %unsubscribe_link% and %sender_address%.

    \b
      panelsynth digest --since 2026-11-18 -o digest
    """
    from ..pages.site import digest as write
    from ..workspace.desk import Desk
    from ..workspace.folder import Workspace
    from ..workspace.siting import site_of
    from ..writing import write_whole

    for name, day in (("--since", since), ("--until", until)):
        _check_day(name, day)
    texts = write(site_of(Desk(Workspace.find()), drafts=False), since, until or "")
    if output is None:
        click.echo(texts["txt"], nl=False)
        return
    for form, text in texts.items():
        path = Path(output) / f"digest-{since}.{form}"
        write_whole(path, text)
        click.echo(str(path))


def _check_day(name: str, day: str | None) -> None:
    from datetime import date

    from ..errors import InputError

    try:
        known = day is None or date.fromisoformat(day).isoformat() == day
    except ValueError:
        known = False
    if not known:
        raise InputError(f"{name} {day}: is no day", remedy="Write it as 2026-11-18.")
