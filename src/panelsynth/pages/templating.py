"""Templating: the one Jinja environment of the pages, in which everything is escaped unless marked as escaped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..errors import InputError
from .front_matter import front_matter
from .setting import Setting
from .theme import overrides

SHEETS = ("page.css", "frame.css")
"""The style sheets of a whole page: what a comparison needs anywhere, and the frame around it."""

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
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    made.filters["yaml"] = lambda fields: Markup(front_matter(fields))  # noqa: S704 - YAML, quoted by its own writer
    return made


def stylesheet(setting: Setting | None = None, *, sheets: Sequence[str] = SHEETS) -> str:
    """Put style sheets together, the theme's in place of ours and its variables after them.

    Args:
        setting: whose theme.
        sheets: their names, in order.

    Raises:
        InputError: a variable of the theme cannot stand in a style, or makes text too faint to read.
    """
    theme = setting or Setting()
    return _sheets(theme.templates, tuple(sheets)) + overrides(theme.variables)


@lru_cache(maxsize=8)
def _sheets(templates: Path | None, names: tuple[str, ...]) -> str:
    made = environment(templates)
    css = "".join(made.loader.get_source(made, name)[0] for name in names if made.loader)
    if "</" in css or "<!" in css:
        raise InputError(f"{templates}: a style sheet holds HTML", remedy="Take '</' and '<!' out of it.")
    return css
