"""`batch export`: what the store does not hold, as files of requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from ..batch import Exporter, Head
from ..errors import InputError
from ..model import BatchPrices, plain
from ..model.endpoint import without_secrets
from ..preflight import Preflight, foresee
from ..request import Request
from .batch_options import Setting, open_where_there_is_one, shared
from .bill import dollars
from .options import TOOLS


@click.command()
@TOOLS
@shared
@click.option("--shard", metavar="I/N", help="Part I of N of the tools, the same on every machine.")
@click.option("--refresh", is_flag=True, help="Export what the store holds, too.")
@click.option("--output", "-o", required=True, metavar="DIR", help="Folder for the files of requests.")
def export(
    sources: tuple[str, ...],
    *,
    model: str | None,
    base_url: str | None,
    personas: str | None,
    samples: int | None,
    store: str,
    shard: str | None,
    refresh: bool,
    output: str,
) -> None:
    """Write what is to be asked about TOOLS as OpenAI batch files; nothing is sent, and no key is needed.

    A file holds one model's requests, at most 50,000 of them and 200 MB. What the store holds is left out. Beside
    them, manifest.jsonl remembers what was asked: 'batch import' needs it to name what has changed since.

    \b
      panelsynth batch export tools/ -o batch
      panelsynth batch export tools.jsonl -o batch --model qwen3:8b --base-url http://127.0.0.1:8000/v1
    """
    setting = Setting(sources, model, base_url, personas, samples or 1, shard)
    endpoint, folder = setting.endpoint, Path(output)
    price = BatchPrices(endpoint)
    head = Head(
        model=endpoint.model,
        base_url=without_secrets(endpoint.base_url),
        tools=sources,
        personas=personas,
        samples=setting.samples,
    )
    opened = open_where_there_is_one(store) or contextlib.nullcontext()
    with opened as held, Exporter(folder, head) as exporter:
        found = foresee(_written(exporter, setting.to_ask(held, refresh=refresh)), price)
        if not found.reviews and shard is None:
            raise InputError("no tools to review", remedy="Name a file, a folder or a .jsonl file.")
        written = exporter.finish()
    for one in written:
        click.echo(str(folder / one.name))
        click.echo(f"{one.name}: {one.lines:,} requests for {plain(one.model)}, {one.size:,} bytes", err=True)
    click.echo(f"{found.held:,} of {found.reviews:,} reviews are in the store already ({store})", err=True)
    if not written:
        click.echo("nothing to export: no file was written", err=True)
        return
    click.echo(_cost(found, endpoint.model, price), err=True)
    click.echo(_next(output, store), err=True)


def _next(output: str, store: str) -> str:
    given = f" --store {store}" if store != _default("store") else ""
    return (
        "Next: hand each file to the provider (docs/batch.md has a program for it), then:"
        f"\n  panelsynth batch import RESULTS... --export {output}{given}"
    )


def _written(exporter: Exporter, reviews: Iterator[tuple[Request, str]]) -> Iterator[tuple[Request, str]]:
    """Write what must be asked on its way to the bill; one line that two reviews share is charged once."""
    for request, reason in reviews:
        if not reason or exporter.add(request):
            yield request, reason
        else:
            yield request, ""


def _cost(found: Preflight, model: str, price: BatchPrices) -> str:
    if price.is_local:
        return "local, no charge"
    if found.usd is None:
        return f"price of {plain(model)} unknown"
    return f"about {dollars(found.usd)} at batch rates (half price is assumed where none is listed)"


def _default(name: str) -> object:
    return next(one.default for one in export.params if one.name == name)
