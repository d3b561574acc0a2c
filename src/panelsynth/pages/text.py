"""Plain text: the page in 80 columns."""

from __future__ import annotations

import re
import textwrap
from typing import cast
from unicodedata import east_asian_width

from markupsafe import Markup

from .plain import mapped
from .setting import Setting
from .templating import environment

_COLUMNS = 80
_PAD = "\0"
"""Stands beside a wide character while lines are measured; clean text holds none."""


def render(view: dict[str, object], setting: Setting) -> str:
    """Write the view as plain text."""
    # Marked as escaped: in plain text nothing is.
    bare = mapped(view, Markup, keep=("say",))
    page = environment(setting.templates).get_template("page.txt.j2").render(cast("dict[str, object]", bare), wrap=wrap)
    return re.sub(r"\n{3,}", "\n\n", page)


def wrap(text: str, indent: int = 0, hang: int = 0, mark: str = "") -> Markup:
    """Break a text into lines of at most 80 columns, wide characters counted as two.

    Args:
        text: one line.
        indent: columns before every line.
        hang: further columns before every line but the first.
        mark: what stands before every line, after its indent.
    """
    measured = "".join(sign + _PAD if east_asian_width(sign) in "WF" else sign for sign in text)
    # A line may be cut between a wide character and its pad, which makes it one column wider than it measures.
    width = _COLUMNS - (measured != text)
    first, rest = " " * indent + mark, " " * (indent + hang) + mark
    lines = textwrap.wrap(measured, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return Markup("\n".join(lines).replace(_PAD, ""))  # noqa: S704 - plain text
