"""Pages: a comparison as HTML, Markdown, JSON or plain text; pure, the same input gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..comparison import Comparison
from ..errors import InputError
from . import html, markdown, text
from .view import view

FORMS = ("html", "md", "json", "txt")
"""The forms that `render` knows, which are also the endings of their files."""

_RENDERERS: dict[str, Callable[[dict[str, object]], str]] = {
    "html": html.render,
    "md": markdown.render,
    "txt": text.render,
}


_STEERING = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def render(comparison: Comparison, form: str) -> str:
    """Write a comparison in one of `FORMS`, ending in exactly one line end.

    Raises:
        InputError: the form is not one of `FORMS`.
    """
    if form not in FORMS:
        raise InputError(f"no page has the form {form!r}", remedy=f"The forms are: {', '.join(FORMS)}.")
    written = _json(comparison) if form == "json" else _RENDERERS[form](view(comparison))
    return written.rstrip("\n") + "\n"


def _json(comparison: Comparison) -> str:
    """Write JSON whose texts cannot steer a terminal: controls and marks of direction stand there by their number."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", comparison.model_dump_json(indent=2))


__all__ = ["FORMS", "render"]
