"""Generators: a site's comparisons as content files for Hugo, or as plain Markdown for any other generator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category as category_of

from ..errors import InputError
from .markdown import escape, escape_typography, fields, write
from .plain import line
from .site import Site, SitePage
from .site.redirects import find_redirects
from .view import view

TARGETS = ("hugo", "markdown")
"""The generators that `generator_files` writes for; any other takes the plain Markdown, or a template of its own."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)

_TERM = 60
"""Characters of a category: at four bytes each they fit a folder's name."""


def generator_files(site: Site, target: str) -> Iterator[tuple[str, str]]:
    """Write a site's comparisons for a site generator.

    Args:
        site: the site.
        target: one of `TARGETS`.

    Returns:
        Pairs of a path below the output folder, such as `content/compare/a-vs-b.md`, and the file's text.

    Raises:
        InputError: there is no such target.
    """
    if target not in TARGETS:
        raise InputError(f"no target {target!r}", remedy=f"The targets are: {', '.join(TARGETS)}.")
    folder = "content/compare" if target == "hugo" else "compare"
    change = escape_typography if target == "hugo" else escape
    names = (name for page in site.pages for name in (page.slug, *page.aliases))
    if bad := [name for name in names if not _SLUG.fullmatch(name)]:
        raise InputError(f"{bad[0]!r} cannot name a page", remedy="Use lower-case letters, digits and single hyphens.")
    further: dict[str, list[str]] = {page.slug: [] for page in site.pages}
    for name, page in find_redirects(site).items():
        further[page.slug].append(name)
    for page in site.pages:
        shown = view(page.comparison)
        front = _front(site, page, shown, further[page.slug], hugo=target == "hugo")
        text = write(shown, front, templates=site.setting.templates, change=change)
        yield f"{folder}/{page.slug}.md", text.rstrip("\n") + "\n"


def _front(
    site: Site, page: SitePage, shown: dict[str, object], aliases: list[str], *, hugo: bool
) -> dict[str, object]:
    """Give the front matter: `date` is the moment of the first approval, `lastmod` that of the last."""
    comparison = page.comparison
    versions = [comparison, *(past.comparison for past in site.past if past.slug == page.slug)]
    approved = sorted(made.approved_at for made in versions if _MOMENT.fullmatch(made.approved_at))
    categories = dict.fromkeys(line(panel.tool.category) for panel in comparison.panels if panel.tool.category)
    return {
        "title": shown["title"],
        "description": shown["headline"],
        **fields(shown),
        **({"date": approved[0], "lastmod": approved[-1]} if approved else {}),
        **({"approved_by": line(comparison.approved_by)} if comparison.approved_by else {}),
        "slug": page.slug,
        "aliases": [f"/compare/{name}/" for name in aliases] if hugo else aliases,
        "categories": [*filter(None, map(_hugo_term, categories))] if hugo else [*categories],
        "source_type": comparison.disclosed.mark,
    }


def _hugo_term(category: str) -> str:
    """Leave of a category what can name a folder, since Hugo makes one of each: letters, digits, blanks, a few signs.

    As it stands, `../compare/x` would overwrite that page, and `..` or 300 letters would stop Hugo altogether.
    """
    kept = (sign if category_of(sign)[0] in "LMN" or sign in " +#&,.'" else "-" for sign in category)
    return re.sub("-{2,}", "-", "".join(kept))[:_TERM].strip(" .-")
