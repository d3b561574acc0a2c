"""The options of the commands that ask a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import click

from ..model import DEFAULT_MODEL, DEFAULT_PATH
from ..request import Rung

TOOLS = click.argument("sources", nargs=-1, required=True, metavar="TOOLS...")
"""The tools of a command that needs some."""

OPTIONS: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
    click.option(
        "--model",
        "-m",
        envvar="PANELSYNTH_MODEL",
        metavar="NAME",
        help=f"Model to ask: {DEFAULT_MODEL} at OpenAI when left out; ollama/NAME, lmstudio/NAME, llamacpp/NAME,"
        " vllm/NAME for a local server.",
    ),
    click.option(
        "--base-url",
        envvar="PANELSYNTH_BASE_URL",
        metavar="URL",
        help="Address of any OpenAI-compatible server, /v1 included.",
    ),
    click.option("--key-env", metavar="NAME", help="Environment variable that holds the key for that server."),
    click.option("--key-file", metavar="PATH", help="File that holds the key."),
    click.option(
        "--personas",
        envvar="PANELSYNTH_PERSONAS",
        metavar="IDS|DIR",
        help="Reviewers: ids, .md files or folders, with commas.",
    ),
    click.option(
        "--samples",
        type=click.IntRange(1, 99),
        metavar="N",
        help="Ask each reviewer N times; its one vote is what most of its answers say. An odd N cannot tie.",
    ),
    click.option(
        "--in-flight", type=click.IntRange(1, 1000), metavar="N", help="Calls at once: 16, or 4 to a local server."
    ),
    click.option(
        "--deadline",
        type=click.FloatRange(1, 86_400),
        metavar="S",
        help="Seconds one call may take: 180, or 600 to a local server.",
    ),
    click.option("--replay", metavar="FILE", help="Answer from a recording: no key, no network, no store."),
    click.option("--record", metavar="FILE", help="Ask for everything and keep every exchange in FILE, without keys."),
    click.option(
        "--store",
        metavar="PATH",
        help=f"File that keeps paid replies, so that none is asked for twice: {DEFAULT_PATH}.",
    ),
    click.option("--no-store", is_flag=True, help="Keep no replies, and look none up."),
    click.option("--refresh", is_flag=True, help="Ask again for what the store holds."),
    click.option("--rpm", type=click.IntRange(1, 1_000_000), metavar="N", help="Calls that may begin in a minute."),
    click.option("--max-calls", type=click.IntRange(0), metavar="N", help="Make at most N calls, repeats included."),
    click.option(
        "--max-usd", type=float, metavar="X", help="Spend at most X US dollars: a call that might cross it is not made."
    ),
    click.option(
        "--shard", metavar="I/N", help="Part I of N of the tools, the same on every machine: for several machines."
    ),
    click.option("--dry-run", is_flag=True, help="Print what would be asked and what it would cost, and stop."),
    click.option(
        "--rung",
        type=click.Choice(get_args(Rung)),
        metavar="RUNG",
        help=f"Ask for the answer's shape by {', '.join(get_args(Rung))} alone; found out when left out.",
    ),
    click.option("--show-prompts", is_flag=True, help="Print exactly what would be sent, and stop."),
    click.option("--strict", is_flag=True, help="Exit 1 when a review is missing or loudly flagged."),
    click.option("--quiet", "-q", is_flag=True, help="No progress, cost or notices on stderr."),
    click.option("--verbose", "-v", count=True, help="Log every call by its ids; -vv: its texts too."),
]
"""In the order of the help."""
