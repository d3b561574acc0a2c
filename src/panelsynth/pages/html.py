"""HTML: one self-contained page, no script, nothing fetched."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from markupsafe import Markup

from .setting import Setting
from .templating import environment, stylesheet


def render(view: dict[str, object], setting: Setting) -> str:
    """Write the view as a page whose policy allows its own style sheet and nothing else."""
    css = stylesheet()
    digest = b64encode(sha256(css.encode()).digest()).decode()
    page = environment().get_template("page.html.j2")
    style = {"css": Markup(css), "style_source": f"'sha256-{digest}'"}  # noqa: S704 - our own file
    return page.render(view, **style, isolate=isolate, setting=setting)


def render_fragment(view: dict[str, object], setting: Setting) -> str:
    """Write the article alone, for an app's own page, which brings head and styles."""
    return environment().get_template("article.html.j2").render(view, isolate=isolate, setting=setting)


def isolate(text: str, names: Sequence[str]) -> Markup:
    """Escape a sentence and wrap the tools' names in it, so that one written right to left cannot reorder the rest.

    Example:
        >>> isolate("A & B ships.", ["A & B"])
        Markup('<bdi>A &amp; B</bdi> ships.')
    """
    longest_first = sorted({*names} - {""}, key=lambda name: (-len(name), name))
    pattern = "|".join(re.escape(name) for name in longest_first)
    parts = re.split(rf"(?<!\w)({pattern})(?!\w)", text)
    # With one group, `re.split` puts what matched at the odd places.
    return Markup().join(Markup("<bdi>{}</bdi>").format(part) if at % 2 else part for at, part in enumerate(parts))
