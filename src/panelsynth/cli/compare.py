"""`compare` and `demo`: tools in, one page out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..comparison import Comparison
from ..comparison import compare as put_side_by_side
from ..errors import InputError
from ..shard import Shard
from ..shipped import demo_recording, demo_tools
from .asking import Asking, asks
from .options import TOOLS
from .output import Ending, format_option, output_option, put_out, read_forms
from .run import Run

_DEMO = ("mistral-3b", "gpt-5-fine-tuning-api")


@click.command()
@TOOLS
@asks
@output_option
@format_option
def compare(asking: Asking, output: str | None, forms: str | None) -> None:
    """Review TOOLS and put them side by side on one page.

    TOOLS are two or more tools: YAML, JSON, TOML or Markdown files, folders of them, JSONL, or '-' for standard input.

    \b
      panelsynth compare a.yaml b.yaml -o out
      panelsynth compare tools/ -o out --model ollama/qwen3:8b
      panelsynth compare a.yaml b.yaml --replay cassettes/ab.yaml -o - --format json
    """
    read_forms(output, forms)
    if asking.part is None and len(asking.tools) < 2:
        place = next((place for _, place in asking.tools), " ".join(asking.sources))
        remedy = "Name another file, or use 'panelsynth review' for one tool."
        raise InputError(
            f"a comparison needs at least two tools, {place} holds {'one' if asking.tools else 'none'}", remedy=remedy
        )
    if asking.show_prompts:
        asking.print_prompts()
        return
    if asking.dry_run:
        asking.print_bill()
        return
    run = Run(asking)
    if asking.part:
        _review_part(run, asking.part)
        return
    with run.recorded():
        panels = run.panels(into=Path(output) if output and output != "-" else None)
        comparison = put_side_by_side(*panels, reviewers=[persona.id for persona, _ in asking.reviewers])
        _finish(comparison, output, forms, quiet=asking.quiet)
    ending = Ending.of(panels)
    run.tell_rest(ending)
    sys.exit(ending.exit_code(strict=asking.strict))


@click.command()
@output_option
@format_option
def demo(output: str | None, forms: str | None) -> None:
    """Compare two example tools from a recording: no key, no network.

    The replies in the recording are written by hand for this project; every page says so.
    """
    read_forms(output, forms)
    asking = Asking(
        sources=tuple(str(demo_tools() / f"{name}.yaml") for name in _DEMO),
        replay=str(demo_recording()),
        quiet=True,
    )
    panels = Run(asking).panels()
    comparison = put_side_by_side(*panels, reviewers=[persona.id for persona, _ in asking.reviewers])
    _finish(comparison, output, forms, quiet=False)
    click.echo(
        "\nThis was a replay of replies written by hand for this project: no model was asked."
        "\nTo ask a model about your own tools, set OPENAI_API_KEY or start a local server, then:"
        "\n  panelsynth compare my-tool.yaml other-tool.yaml -o out"
        "\n  panelsynth compare my-tool.yaml other-tool.yaml -o out --model ollama/qwen3:8b",
        err=True,
    )


def _review_part(run: Run, part: Shard) -> None:
    """Fill the store with one machine's part; the page needs the parts of all."""
    if run.asking.store_path is None:
        raise InputError(f"--shard {part} without a store keeps nothing", remedy="Leave --no-store or --replay out.")
    ending = Ending()
    with run.recorded():
        run.review(lambda _, panel: ending.add(panel))
    click.echo(f"shard {part}: {ending.panels} tools are in {run.asking.store_path}. For the page: merge the stores")
    click.echo("with 'panelsynth store merge', then repeat the command without --shard.")
    run.tell_rest(ending)
    sys.exit(ending.exit_code(strict=run.asking.strict))


def _finish(comparison: Comparison, output: str | None, forms: str | None, *, quiet: bool) -> None:
    """Put the pages where they belong, and show the panel unless a page itself went to stdout."""
    paths = put_out(comparison, output, forms)
    if output == "-":
        return
    from .screen import show_comparison

    show_comparison(comparison)
    if paths:
        click.echo("\n".join(["", *(f"Page: {path}" for path in paths)]))
    elif not quiet:
        click.echo("No files written: add -o DIR for the page.", err=True)
