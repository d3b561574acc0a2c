"""`batch`: reviews by batch files, without a call of one's own."""

from __future__ import annotations

import click

from .batch_export import export
from .batch_import import import_
from .batch_run import run


@click.group()
def batch() -> None:
    """Reviews by batch files: half the price at OpenAI and others, within a day.

    \b
      panelsynth batch export tools/ -o batch        writes files of requests; sends nothing, needs no key
      (hand them to the provider, or to 'vllm run-batch', and fetch what comes back)
      panelsynth batch import batch-results/*.jsonl --export batch
      panelsynth compare tools/a.yaml tools/b.yaml -o out          asks nobody: the store holds the replies
    """


batch.add_command(export)
batch.add_command(import_)
batch.add_command(run)
