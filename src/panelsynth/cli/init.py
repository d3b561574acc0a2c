"""`init` and `new`: a workspace, and files in one."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import InputError


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--bare", is_flag=True, help="Leave the two example tools and their reviews out.")
def init(folder: str, *, bare: bool) -> None:
    """Make a workspace: a folder for tools, reviews and pages that people edit, review and publish.

    The examples' reviews are written by hand for this project; every page says so.

    \b
      panelsynth init my-site
      cd my-site
      panelsynth serve
    """
    from ..workspace.beginning import begin

    root = Path(folder)
    ignored = root / ".gitignore"
    has_own = ignored.exists()
    begin(root, bare=bare)
    click.echo(f"{root}: a workspace. What stands where is in its README.md. Next:")
    go = "" if root.resolve() == Path.cwd() else f"  cd {folder}\n"
    steps = (
        "  panelsynth new tool NAME    # then describe it in tools/NAME.yaml"
        if bare
        else "  panelsynth serve            # the example's page, on this machine alone"
    )
    click.echo(f"{go}{steps}\n  panelsynth status           # what is missing, stale or waiting")
    if has_own:
        click.echo(f"{ignored} is your own and stays: see that it lists .panelsynth/ and public/", err=True)


@click.group()
def new() -> None:
    """Add a tool, a reviewer or a page to the workspace: a commented file to fill in."""


@new.command()
@click.argument("name")
def tool(name: str) -> None:
    """Add a tool: tools/NAME.yaml."""
    from ..workspace.beginning import new_tool
    from ..workspace.folder import Workspace

    path = new_tool(Workspace.find(), name)
    click.echo(f"{path}\nDescribe it there; then put it on a page: panelsynth new comparison SLUG {path.stem} OTHER")


@new.command()
@click.argument("name", metavar="ID")
def persona(name: str) -> None:
    """Add a reviewer: prompts/personas/ID.md."""
    from ..workspace.folder import Workspace
    from .personas import write_persona

    path = write_persona(name, Workspace.find().root / "prompts" / "personas")
    click.echo(f"{path}\nFill it in; every tool then lacks this reviewer, and 'panelsynth review' shows what it costs.")


@new.command()
@click.argument("slug")
@click.argument("tools", nargs=-1)
def comparison(slug: str, tools: tuple[str, ...]) -> None:
    """Add a page: comparisons/SLUG.md, with two TOOLS or more in the order shown."""
    from ..workspace.beginning import new_comparison
    from ..workspace.folder import Workspace

    path = new_comparison(Workspace.find(), slug, tools)
    click.echo(f"{path}\nIts body is your own intro. See it with 'panelsynth serve'.")


@new.command()
@click.option("--pairs", "all_pairs", is_flag=True, required=True, help="A page for every pair that has none yet.")
@click.option("--max", "most", type=click.IntRange(1), required=True, metavar="N", help="At most so many.")
@click.option("--category", metavar="NAME", help="Tools of this category alone.")
def comparisons(*, all_pairs: bool, most: int, category: str | None) -> None:  # noqa: ARG001 - the option asks for them
    """Add pages for pairs of tools, never more than you name.

    Pages by the hundred, made because they can be, are what search engines call scaled content abuse, and drop from
    their results. Add the pairs that somebody would look for.
    """
    from ..workspace.beginning import address_of, new_comparison, pairs
    from ..workspace.folder import Workspace

    workspace = Workspace.find()
    made = [
        new_comparison(workspace, address_of(workspace, pair), pair) for pair in [*pairs(workspace, most, category)]
    ]
    if not made:
        known = sorted({tool.category for tool in workspace.tools.values() if tool.category})
        raise InputError("no pair is left", remedy=f"Categories here: {', '.join(known) or 'none'}.")
    click.echo("\n".join(map(str, made)))
    click.echo(
        f"{len(made)} pages. Search engines treat many pages of one make as scaled content: keep those that somebody"
        " would look for.",
        err=True,
    )
