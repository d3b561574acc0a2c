"""`batch import`: what came back, into the store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ..batch import Imported, Manifest, Results, bring_in
from ..batch.manifest import NAME
from ..errors import InputError
from ..model import BatchPrices, Store, plain
from .batch_options import Setting, shared
from .bill import dollars

_SHOWN = 20
"""Reviews that are named of each kind; the rest is counted."""


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILES...")
@click.option("--export", "export_folder", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the export.")
@click.option("--tools", multiple=True, metavar="PATH", help="The tools, where the export's own paths do not lead.")
@shared
def import_(
    files: tuple[Path, ...],
    *,
    export_folder: Path | None,
    tools: tuple[str, ...],
    model: str | None,
    base_url: str | None,
    personas: str | None,
    store: str,
) -> None:
    """Put a batch's results into the store; then 'compare', 'review' and 'build' need no call and no key for them.

    FILES are output and error files, in any order. The tools and reviewers are read anew: a result whose request is
    no longer asked so is refused and named. Exit 0: every result is in the store; 1: some are not, or some reviews are
    still missing; 2: a file holds no results, and nothing was imported.

    \b
      panelsynth batch import output.jsonl errors.jsonl --export batch
      panelsynth batch import output.jsonl --tools tools/ --model gpt-6.1-terra
    """
    manifest = _manifest(files, export_folder, is_needed=not tools)
    sources = tools or (manifest.head.tools if manifest else ())
    if manifest:
        given = (model, base_url, personas)
        kept = (manifest.head.model, manifest.head.base_url, manifest.head.personas)
        model, base_url, personas = given[0] or kept[0], given[1] or (None if model else kept[1]), given[2] or kept[2]
    if "-" in sources:  # they are gone through more than once
        raise InputError("tools from standard input cannot be read again", remedy="Name their file with --tools PATH.")
    setting = Setting(sources, model, base_url, personas)
    results = Results(files)
    price = BatchPrices(setting.endpoint)
    _ = setting.reviewers
    with Store(store) as opened:
        found = bring_in(results, setting.requests, opened, price=price, manifest=manifest)
    _tell(results, found)
    if found.accepted and not price.is_local:
        cost = "unknown" if found.usd is None else f"{dollars(found.usd)} (half price where none is listed)"
        click.echo(f"cost at batch rates: {cost}", err=True)
    if found.missing:
        click.echo("Next: 'panelsynth batch export' or 'review' asks for what is missing alone.", err=True)
    refused = results.unreadable or found.failed or found.stale or found.strangers or found.differing
    sys.exit(1 if refused or found.missing else 0)


def _manifest(files: Sequence[Path], folder: Path | None, *, is_needed: bool) -> Manifest | None:
    """Find the manifest: in the folder named, or beside the results."""
    beside = next((file.parent for file in files if (file.parent / NAME).is_file()), None)
    place = folder or beside
    if place:
        return Manifest(place)
    if is_needed:
        remedy = "Name the export's folder with --export DIR, or the tools with --tools PATH."
        raise InputError("which tools these results are of is not known", remedy=remedy)
    return None


def _tell(results: Results, found: Imported) -> None:
    """Print what became of every line, each count with what it is a part of."""
    failed = ", ".join(f"{count:,} {cause}" for cause, count in sorted(found.failed.items()))
    rows: list[tuple[str, int, Sequence[str]]] = [
        ("accepted", found.accepted, ()),
        ("held before", found.known, ()),
        (f"failed ({failed})" if failed else "failed", found.failed.total(), found.failures),
        ("repeated word for word", results.repeated, ()),
        ("another reply to the same request; the one that stands was kept", len(found.differing), found.differing),
        ("stale: no longer asked so", len(found.stale), found.stale),
        ("of no export known here", len(found.strangers), found.strangers),
        ("cut off or no result", len(results.unreadable), results.unreadable),
    ]
    click.echo(f"{results.lines:,} lines")
    for what, count, names in rows:
        if count or what == "accepted":
            click.echo(f"  {count:,} {what}")
        for name in names[:_SHOWN]:
            click.echo(f"    {plain(name)}", err=True)
        if len(names) > _SHOWN:
            click.echo(f"    and {len(names) - _SHOWN:,} more", err=True)
    held = found.reviews - found.missing
    click.echo(f"{held:,} of {found.reviews:,} reviews are in the store; {found.missing:,} are still missing")
