"""Templating: the one Jinja environment of the pages, in which everything is escaped unless marked as escaped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Build the environment, once.

    It escapes by default for every form: Markdown and plain text hand in strings that they have marked as escaped.
    """
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,  # folding constants costs a third of the start-up and saves nothing on a page
    )


@lru_cache(maxsize=1)
def stylesheet() -> str:
    """Read the page's style sheet, once."""
    return (_FOLDER / "page.css").read_text(encoding="utf-8")
