"""Templating: the one Jinja environment of the pages, in which everything is escaped unless marked as escaped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .front_matter import front_matter

_FOLDER = Path(__file__).parent / "templates"


@lru_cache(maxsize=8)
def environment(templates: Path | None = None) -> Environment:
    """Build the environment, once for each folder of templates.

    It escapes by default for every form: Markdown and plain text hand in strings that they have marked as escaped.

    Args:
        templates: a folder whose templates stand in for ours of the same name.
    """
    folders = [templates, _FOLDER] if templates else [_FOLDER]
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,  # folding constants costs a third of the start-up and saves nothing on a page
    )
    made.filters["yaml"] = lambda fields: Markup(front_matter(fields))  # noqa: S704 - YAML, quoted by its own writer
    return made


@lru_cache(maxsize=1)
def stylesheet() -> str:
    """Read the page's style sheet, once."""
    return (_FOLDER / "page.css").read_text(encoding="utf-8")
