"""Pages: a comparison as HTML, Markdown, JSON or plain text; pure, the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable

from ..comparison import Comparison
from ..errors import InputError
from ..writing import inert_json
from . import html, markdown, text
from .html import render_page
from .setting import Setting, Signup
from .templating import fragment_stylesheet, stylesheet
from .view import view

FORMS = ("html", "md", "json", "txt")
"""The forms that `render` knows, which are also the endings of their files."""

_RENDERERS: dict[str, Callable[[dict[str, object], Setting], str]] = {
    "html": html.render,
    "fragment": html.render_fragment,
    "md": markdown.render,
    "txt": text.render,
}


def render(comparison: Comparison, form: str, setting: Setting | None = None) -> str:
    """Write a comparison in one of `FORMS`, or as a `fragment` of HTML, ending in exactly one line end.

    Raises:
        InputError: the form is not one of these.
    """
    if form == "json":
        written = inert_json(comparison.model_dump_json(indent=2))
    elif form in _RENDERERS:
        written = _RENDERERS[form](view(comparison), setting or Setting())
    else:
        raise InputError(f"no page has the form {form!r}", remedy=f"The forms are: {', '.join(FORMS)}.")
    return written.rstrip("\n") + "\n"


__all__ = ["FORMS", "Setting", "Signup", "fragment_stylesheet", "render", "render_page", "stylesheet"]
