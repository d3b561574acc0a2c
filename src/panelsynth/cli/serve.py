"""`serve`: the site on this machine, as its files stand."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=8010, show_default=True, help="0 for any free one.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
def serve(*, port: int, opens: bool) -> None:
    """Show the site on this machine alone, drafts among it: a reload shows an edit.

    Nobody is asked and nothing of yours is written. A file that is broken is shown with its line and the remedy. Ctrl-C
    ends it; the exit code is 130, as everywhere.
    """
    from ..workspace.folder import Workspace
    from ..workspace.serving import preview

    workspace = Workspace.find()
    with preview(workspace, port) as server:
        try:
            click.echo(f"{server.address}  (Ctrl-C ends it)")
            if opens:
                click.launch(server.address)
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:  # the way to end it, and nothing to tell; the code is that of every Ctrl-C
            sys.exit(130)
