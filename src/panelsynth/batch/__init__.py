"""Batch files: requests out and replies in, as OpenAI's batch JSONL; and chunks of requests on a cluster."""

from .export import Exporter, Written
from .importing import Imported, bring_in
from .manifest import Head, Manifest
from .results import Results

__all__ = ["Exporter", "Head", "Imported", "Manifest", "Results", "Written", "bring_in"]
