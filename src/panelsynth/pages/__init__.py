"""Pages: a comparison as HTML, Markdown, JSON or plain text; pure, the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable

from ..comparison import Comparison
from ..errors import InputError
from ..writing import inert_json
from . import html, markdown, text
from .view import view

FORMS = ("html", "md", "json", "txt")
"""The forms that `render` knows, which are also the endings of their files."""

_RENDERERS: dict[str, Callable[[dict[str, object]], str]] = {
    "html": html.render,
    "md": markdown.render,
    "txt": text.render,
}


def render(comparison: Comparison, form: str) -> str:
    """Write a comparison in one of `FORMS`, ending in exactly one line end.

    Raises:
        InputError: the form is not one of `FORMS`.
    """
    if form not in FORMS:
        raise InputError(f"no page has the form {form!r}", remedy=f"The forms are: {', '.join(FORMS)}.")
    written = inert_json(comparison.model_dump_json(indent=2)) if form == "json" else _RENDERERS[form](view(comparison))
    return written.rstrip("\n") + "\n"


__all__ = ["FORMS", "render"]
