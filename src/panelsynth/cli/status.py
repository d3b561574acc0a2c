"""`status`: how a workspace stands, what it would cost to refresh, and what comes next; asks no model."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from ..errors import OutputError
from ..pages.plain import line
from ..workspace import Review, Workspace
from ..workspace.plan import Plan, cause_of, make_plan
from ..workspace.reviews import pinned
from ..workspace.states import PageState, Survey, survey
from ..writing import inert_json

if TYPE_CHECKING:
    from ..model import Prices
    from ..preflight import Preflight


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it for programs; docs/workspace.md shows the shape.")
def status(*, as_json: bool) -> None:
    """Show how the pages of a workspace stand, what is missing or stale, and the next command; nothing is asked.

    \b
      panelsynth status
      panelsynth status --json
    """
    workspace = Workspace.find()
    with contextlib.ExitStack() as stack:
        store = None
        if workspace.store_path.exists():
            from ..model import Store

            with contextlib.suppress(OutputError):  # a folder that is read only has a status all the same
                store = stack.enter_context(Store(workspace.store_path))
        found = survey(workspace, store)
        plan = make_plan(found.reviews, store)
    costs = plan.foresee(_prices(workspace)) if plan.reviews else {}
    if as_json:
        from .status_json import status_json

        said = json.dumps(status_json(workspace, found, plan, costs), indent=2, ensure_ascii=False)
        click.echo(inert_json(said))
        return
    _show(workspace, found, plan, costs)


def _prices(workspace: Workspace) -> Prices:
    from ..model import Prices
    from ..workspace.server import know_server

    return Prices(know_server(workspace.config.model))


def _show(workspace: Workspace, found: Survey, plan: Plan, costs: dict[str, Preflight]) -> None:
    counts = f"{_count(found.pages, 'page')}, {_count(workspace.tools, 'tool')}, {_count(found.reviews, 'review')}"
    if found.is_clean:
        approved = "approved or retired" if any(page.standing == "retired" for page in found.pages) else "approved"
        _put(f"Nothing to do: {counts}; every page is {approved}, every review current.")
        return
    _put(f"{line(workspace.config.site.name)}: {counts}; the model to ask is {line(pinned(workspace.config))}")
    for page in found.pages:
        if not page.is_clean:
            _show_page(page)
    if found.apart:
        click.echo("\nTools on no page")
        _show_reviews(found.apart)
    for slug in found.strays:
        _put(f"\npublished/{slug}.json is approved, and comparisons/{slug}.md is gone")
    click.echo()
    if rest := sum(page.is_clean for page in found.pages):
        _put(f"{_count(range(rest), 'page')} {'needs' if rest == 1 else 'need'} nothing.")
    if plan.reviews:
        from .bill import by_cause

        click.echo("To refresh all of it: panelsynth review")
        bill = by_cause(costs, len(plan.held), model=pinned(workspace.config), price=_prices(workspace))
        for row in bill.splitlines():
            _put(row, "  ")


def _show_page(page: PageState) -> None:
    _put(f"\n{page.file.slug}: {page.standing}")
    _show_reviews(page.wanting)
    for one in page.flags:
        who = "/".join(filter(None, (one.tool, one.reviewer)))
        _put(f"flag    {who}: {line(one.flag.span or one.flag.text)} ({one.flag.kind})", "  ")
    _put(f"next    {page.next_step}", "  ")


def _show_reviews(reviews: Sequence[Review]) -> None:
    """Name reviews by what they want, those of one cause in one line."""
    causes: dict[str, list[str]] = {}
    for review in reviews:
        if review.state in {"missing", "failed", "stale"}:
            causes.setdefault(cause_of(review), []).append(f"{review.tool.id}/{review.persona.id}")
    for cause, names in causes.items():
        state, _, why = cause.partition(": ")
        _put(f"{state:<7} {f'({why}) ' if why else ''}{', '.join(names)}", "  ")
    for review in reviews:
        if review.state == "broken":
            _put(f"broken  {line('. '.join(review.reason.splitlines()))}", "  ")
        if review.beside:
            _put(f"beside  {review.beside}: a new draft beside your own words", "  ")


def _put(text: str, indent: str = "") -> None:
    """Print a paragraph: folded where a terminal has an edge, whole in a pipe."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    hanging = f"{indent}        " if indent else ""
    if width and len(indent + text) > width:
        text = textwrap.fill(
            text, max(width - len(indent), 20), subsequent_indent=hanging[len(indent) :], drop_whitespace=True,
            break_long_words=False, break_on_hyphens=False, replace_whitespace=False,
        )  # fmt: skip
    click.echo(textwrap.indent(text, indent))


def _count(things: Iterable[object], word: str) -> str:
    count = len([*things])
    return f"{count:,} {word}{'' if count == 1 else 's'}"
