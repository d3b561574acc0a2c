"""Templating: the one Jinja environment of the pages, in which everything is escaped unless marked as escaped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from ..errors import InputError
from .direction import dated, foreign, isolate, named
from .front_matter import front_matter
from .setting import Setting
from .template_faults import FaultTellingEnvironment
from .theme import overrides

SHEETS = ("page.css", "frame.css")
"""The style sheets of a whole page: what a comparison needs anywhere, and the frame around it."""

_FOLDER = Path(__file__).parent / "templates"


class _Environment(FaultTellingEnvironment):
    """Look names up in dicts first: templates are handed little else, and a miss costs ten times a hit."""

    def getattr(self, obj: object, attribute: str) -> object:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@lru_cache(maxsize=8)
def environment(templates: Path | None = None) -> Environment:
    """Build the environment, once for each folder of templates.

    It escapes by default for every form: Markdown and plain text hand in strings that they have marked as escaped.

    Args:
        templates: a folder whose templates stand in for ours of the same name; ours are then still found below
            `panelsynth/`, so that one of theirs may extend ours.
    """
    ours = FileSystemLoader(_FOLDER)
    theirs = [FileSystemLoader(templates)] if templates else []
    made = _Environment(
        loader=ChoiceLoader([*theirs, ours, PrefixLoader({"panelsynth": ours})]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=bool(templates),  # a theme is edited while it is looked at; ours is not
        optimized=False,  # folding constants costs a third of the start-up and saves nothing on a page
    )
    made.theirs = templates
    made.globals |= {"dated": dated, "isolate": isolate, "foreign": foreign, "named": named}
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    made.filters["yaml"] = lambda fields: Markup(front_matter(fields))  # noqa: S704 - YAML, quoted by its own writer
    return made


def stylesheet(setting: Setting | None = None, *, sheets: Sequence[str] = SHEETS) -> str:
    """Put style sheets together, the theme's in place of ours, its `theme.css` and its variables after them.

    Args:
        setting: whose theme.
        sheets: their names, in order.

    Raises:
        InputError: a variable of the theme cannot stand in a style, or makes text too faint to read.
    """
    theme = setting or Setting()
    listed = (*sheets, "theme.css")
    css = _sheets(theme.templates, listed) if theme.templates else _our_sheets(listed)
    return css + overrides(theme.variables)


def fragment_stylesheet(setting: Setting | None = None) -> str:
    """Give the style sheet of a fragment: every rule of it holds inside `.panelsynth` and nowhere else.

    An app serves it once, beside its own; it needs a browser that knows nested rules, of 2023 or later.

    Args:
        setting: whose theme.

    Example:
        >>> fragment_stylesheet().splitlines()[0]
        '.panelsynth {'
    """
    inside = stylesheet(setting, sheets=("page.css",)).replace(":root", "&").replace(".panelsynth {", "& {")
    return f".panelsynth {{\n{inside}}}\n"


def _sheets(templates: Path | None, names: tuple[str, ...]) -> str:
    made = environment(templates)
    css = "".join(made.loader.get_source(made, name)[0] for name in names if made.loader)
    if "</" in css or "<!" in css:
        raise InputError(f"{templates}: a style sheet holds HTML", remedy="Take '</' and '<!' out of it.")
    return css


_our_sheets = lru_cache(maxsize=8)(partial(_sheets, None))
