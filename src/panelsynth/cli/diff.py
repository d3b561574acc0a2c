"""`diff`: two runs over tools side by side, what moved beside what may have moved it; asks no model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .findings import format_option, json_of, output_option, plan_output, put_findings
from .runs import load_run

if TYPE_CHECKING:
    from ..catalogue.causes import Moved
    from ..catalogue.diff import Diff, SeatDiff, ToolDiff


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@output_option
@format_option
@click.option("--strict", is_flag=True, help="Exit 1 when a decision flipped.")
@click.pass_context
def diff(context: click.Context, old: Path, new: Path, output: str | None, forms: str | None, *, strict: bool) -> None:
    """Show what moved between two saved runs, and whether prompt, model or description changed; asks nobody.

    OLD and NEW are each a panel file, a comparison's JSON, a JSONL file of panels, or a folder of such.

    \b
      panelsynth diff panels-monday panels-today
      panelsynth diff old.jsonl new.jsonl -o moved --strict
    """
    places = plan_output("diff", output, forms)
    from ..catalogue.diff import diff as compare_runs
    from ..pages.diff import render_diff

    found = compare_runs(load_run([old]), load_run([new]))
    if output is None:
        _show(found)
    put_findings(places, {"html": lambda: render_diff(found), "json": lambda: json_of(found)})
    if strict and found.total.flipped:
        context.exit(1)


def _show(found: Diff) -> None:
    from ..catalogue.wording import NOTHING, summary
    from ..pages.plain import line

    rows = [*(row for tool in found.tools for row in _tool_rows(tool))]
    for where, names in (("old", found.only_old), ("new", found.only_new)):
        rows += [f"In the {where} run alone: {', '.join(names)}"] if names else []
    for row in (*summary(found), *([NOTHING] if found.is_empty else []), *rows):
        indent = len(row) - len(row.lstrip(" "))
        click.echo(" " * indent + line(row))


def _tool_rows(tool: ToolDiff) -> Iterator[str]:
    yield ""
    yield f"{tool.name} ({tool.tool}): {tool.old.label} {tool.old_share} -> {tool.new.label} {tool.new_share}"
    if tool.read:
        yield f"  reviewers read something else: {_fields(tool.read)}"
    if tool.unread:
        yield f"  changed, read by no reviewer: {_fields(tool.unread)}"
    for where, names in (("old", tool.only_old), ("new", tool.only_new)):
        if names:
            yield f"  on the panel in the {where} run alone: {', '.join(names)}"
    for seat in tool.reviewers:
        yield from _seat_rows(seat)


def _seat_rows(seat: SeatDiff) -> Iterator[str]:
    from ..catalogue.wording import cause_words, vote_words

    word = "" if seat.change in {"same", "without"} else f" [{seat.change}]"
    yield f"  {seat.reviewer}: {vote_words(seat)}{word}"
    if seat.moved:
        yield f"    moved: {_fields(seat.moved)}"
    yield f"    {cause_words(seat)}"


def _fields(moved: Sequence[Moved]) -> str:
    """Name fields; a score with its values, which are short."""
    return ", ".join(f"score {one.old} -> {one.new}" if one.field == "score" else one.field for one in moved)
